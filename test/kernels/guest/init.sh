#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# First process of the virtual machine, in its initramfs. Makes a root out of the host's, which it can read and not
# write, and of file systems of its own for what has to be written.
#
# On the kernel's command line: hopspan.job, a shell script in base64, and hopspan.show, paths below /tmp and /run
# that are to be seen all the same, in base64 with a colon between each.

/bin/busybox --install -s /bin
mkdir -p /proc /host /new
mount -t proc proc /proc
for module in $(cat /modules/order); do insmod "/modules/$module"; done
mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose root /host || exec poweroff -f

mount -t tmpfs -o mode=755 tmpfs /new
for path in /host/*; do
  name=${path##*/}
  case $name in
    proc | sys | dev | run | tmp | mnt) mkdir "/new/$name" && continue ;;
  esac
  if [ -L "$path" ]; then
    cp -P "$path" "/new/$name"
  elif [ -d "$path" ]; then
    mkdir "/new/$name" && mount --bind "$path" "/new/$name"
  fi
done
chmod 1777 /new/tmp
mount -t tmpfs tmpfs /new/var/tmp

option() { sed -n "s/.* hopspan\.$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
{ option show | base64 -d | tr : "\n"; echo; } > /paths
while read -r path; do
  [ -n "$path" ] && [ ! -e "/new$path" ] || continue
  mkdir -p "/new$path" && mount --bind "/host$path" "/new$path"
done < /paths

mkdir /new/hopspan
option job | base64 -d > /new/hopspan/job.sh
cp -r /guest/. /new/hopspan/
umount /proc
exec switch_root /new /bin/sh /hopspan/run.sh
