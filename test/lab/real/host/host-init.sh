#!/bin/sh
# PID 1 of the lab host: mounts the disks where only the lab host sees them, serves SSH, and reaps.
# Arguments: RUN (folder of this lab under /run), LOOP (block device), MOUNT (where the disks appear).
# Runs in mount, PID, UTS, IPC and network namespaces of its own; when it ends, the kernel ends everything below it.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
run=$1 loop=$2 mount=$3
hostname lab-host
mount -t proc -o nosuid,nodev,noexec proc /proc

# A /run of its own, so that nothing of the lab host is written into the machine's.
own=$run/host/run
mkdir -p "$own"
mount -t tmpfs -o mode=755,size=64m run "$own"
mkdir -p "$own/${run#/run/}" "$own/netns" "$own/sshd" "$own/lock" "$own/home"
mount --bind "$run" "$own/${run#/run/}"
mount --rbind /run/netns "$own/netns"
# sshd refuses a locked root account and starts the login shell of /etc/passwd: both are the lab's, not the machine's.
sed 's/^root:[^:]*:/root:*:/' /etc/shadow > "$own/shadow"
chmod 0600 "$own/shadow"
sed 's#^root:.*#root:x:0:0:root:/run/home:/bin/sh#' /etc/passwd > "$own/passwd"
mount --bind "$own/shadow" /etc/shadow
mount --bind "$own/passwd" /etc/passwd
mount -n --move "$own" /run

# noatime: reading a disk must not change it. nobarrier: the image need not survive a power cut of the machine.
mkdir -p "$mount"
mount -t btrfs -o noatime,nobarrier "$loop" "$mount"

/usr/sbin/sshd -D -f "$run/host/sshd_config" -E "$run/host/sshd.log" < /dev/null > /dev/null 2>&1 &
: > "$run/host/ready"
while :; do
  sleep 3600 &
  wait
done
