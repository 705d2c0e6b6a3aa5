#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds one anonymous network namespace per argument for as long as the owner lives.
#
#   descriptor 0  the owner writes the inode numbers of the namespaces on one line; the end of file,
#                 which the kernel sends however the owner ends, starts the clean-up
#   stdout        one line for each namespace that is ready: NAME PID INODE
#
# The holders die with the warden, however it ends. Nothing is pinned: the kernel removes a namespace, its links and filters with its last process.
# The folder HOPSPAN_LAB_FOLDER goes with the lab; a script at-end.sh in it is run before, for what else must go.
trap '' INT TERM HUP
trap 'test ! -e "$HOPSPAN_LAB_FOLDER/at-end.sh" || sh "$HOPSPAN_LAB_FOLDER/at-end.sh"
  rm -rf -- "$HOPSPAN_LAB_FOLDER"' EXIT

holders=' '
for name; do
  # A new namespace takes its IPv4 settings from the host's: set those that matter. IPv6 is off so
  # that no device sends anything unasked.
  setpriv --pdeathsig KILL unshare --net -- sh -c '
    echo 0 > /proc/sys/net/ipv4/conf/all/rp_filter
    echo 0 > /proc/sys/net/ipv4/conf/default/rp_filter
    test ! -e /proc/sys/net/ipv6 || echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
    inode=$(readlink /proc/self/ns/net)
    inode=${inode#*[}
    echo "$0 $$ ${inode%]}"
    exec sleep infinity >/dev/null' "$name" &
  holders="$holders$! "
done

IFS= read -r inodes || exit 0
read -r _

set --
for inode in $inodes; do
  set -- "$@" -o -lname "net:\[$inode\]"
done
# What a killed process left behind (workers of a server, parts of a pipe) still sits in a namespace. The holders go
# last: the kernel gives the number of a namespace that has gone to the next one, which may be another lab's.
rounds=0
while [ "$rounds" -lt 100 ]; do
  pids=$(find /proc/[0-9]*/ns/net -maxdepth 0 \( -false "$@" \) -printf '%h\n' 2>/dev/null)
  others=
  for entry in $pids; do
    entry=${entry#/proc/}
    pid=${entry%/ns}
    case $holders in *" $pid "*) continue ;; esac
    others=yes
    kill -KILL "$pid" 2>/dev/null
  done
  [ -n "$others" ] || break
  sleep 0.01
  rounds=$((rounds + 1))
done
kill -KILL $holders 2>/dev/null
wait
