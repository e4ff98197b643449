#!/bin/sh
# First program of a machine, PID 1 of its namespaces: builds its view of the world and becomes its init.
# Arguments: NAME, DISK.
set -eu
name=$1 disk=$2
hostname "$name"
mount --bind "$disk" "$disk"
cd "$disk"
mount -t proc -o nosuid,nodev,noexec proc proc
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,size=1m,nosuid,noexec dev dev
mount -t tmpfs -o mode=755,size=64m,nosuid,nodev run run
for node in 'null 1 3' 'zero 1 5' 'full 1 7' 'random 1 8' 'urandom 1 9' 'tty 5 0' 'console 1 3'; do
  # shellcheck disable=SC2086 # name, major, minor
  set -- $node
  mknod -m 666 "dev/$1" c "$2" "$3"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620,gid=5,nosuid,noexec devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev,size=64m shm dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
# The kernel's settings belong to all machines: they can be read, not written.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
[ ! -e proc/sysrq-trigger ] || mount --bind dev/null proc/sysrq-trigger
# Each boot has an identity of its own, as on a machine with a kernel of its own.
cat proc/sys/kernel/random/uuid > run/.boot-id
mount --bind run/.boot-id proc/sys/kernel/random/boot_id
mount -o remount,bind,ro proc/sys/kernel/random/boot_id
# Nothing in a machine may set the kernel's clock, load a module or touch the log: there is one kernel for all.
drop=-sys_time,-sys_module,-sys_rawio,-syslog,-sys_pacct,-mac_admin,-mac_override,-wake_alarm,-block_suspend
pivot_root . .
umount -l .
exec chroot . /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/ TERM=linux \
  /usr/bin/setpriv --bounding-set "$drop" /sbin/init < dev/null > dev/null 2>&1
