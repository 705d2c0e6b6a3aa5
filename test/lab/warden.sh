#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Holds one anonymous network namespace per argument for as long as the owner lives.
#
#   descriptor 0  the owner writes the inode numbers of the namespaces on one line; the end of file,
#                 which the kernel sends however the owner ends, starts the clean-up
#   descriptor 3  no data, the end of file ends the holders even when the warden was killed
#   stdout        one line for each namespace that is ready: NAME PID INODE
#
# Nothing is pinned: the kernel removes a namespace, its links and filters with its last process.
# The folder HOPSPAN_LAB_FOLDER goes with the lab; a script at-end.sh in it is run before, for what else must go.
trap '' INT TERM HUP
trap 'test ! -e "$HOPSPAN_LAB_FOLDER/at-end.sh" || sh "$HOPSPAN_LAB_FOLDER/at-end.sh"
  rm -rf -- "$HOPSPAN_LAB_FOLDER"' EXIT

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
    exec cat <&3 >/dev/null' "$name" &
done

# Descriptor 3 must have no reader but the holders, or they would wait for the warden.
exec 3<&-

IFS= read -r inodes || exit 0
read -r _

set --
for inode in $inodes; do
  set -- "$@" -o -lname "net:\[$inode\]"
done
# What a killed process left behind (workers of a server, parts of a pipe) still sits in a namespace.
rounds=0
while [ "$rounds" -lt 100 ]; do
  pids=$(find /proc/[0-9]*/ns/net -maxdepth 0 \( -false "$@" \) -printf '%h\n' 2>/dev/null)
  [ -n "$pids" ] || break
  for entry in $pids; do
    entry=${entry#/proc/}
    kill -KILL "${entry%/ns}" 2>/dev/null
  done
  sleep 0.01
  rounds=$((rounds + 1))
done
wait
