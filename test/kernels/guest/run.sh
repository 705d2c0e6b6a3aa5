#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# First process of the virtual machine in its final root: the rest of the file systems, then the job, then power off.
# The last line it prints is `hopspan-exit` and the exit status of the job.

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sfn /proc/self/fd /dev/fd
ip link set lo up

# What the kernel runs when it misses a module: those of this kernel are not in /lib/modules.
echo /hopspan/modprobe > /proc/sys/kernel/modprobe

# Node.js handles the first SIGSEGV itself, so this is the only trace of one in the log.
echo 1 > /proc/sys/kernel/print-fatal-signals

setsid sh /hopspan/job.sh < /dev/null 2>&1
status=$?
# Which process crashed, and where, when one did.
[ "$status" = 0 ] || dmesg | grep -E 'segfault at|traps:|fatal signal|RIP: 0033' | tail -n 8
echo "hopspan-exit $status"
# The console must be empty before the power goes.
sleep 0.2
echo o > /proc/sysrq-trigger
sleep 60
