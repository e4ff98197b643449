#!/bin/sh
# Runs one machine until it powers off: plugs in its cable, boots it, and boots it again when it reboots.
# Arguments: NAME, DISK (subvolume that holds the root file system), NETNS (file of its network namespace), BOOT (boot-machine.sh).
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PATH
name=$1 disk=$2 netns=$3 boot=$4
while :; do
  nsenter --net="$netns" ip link set eth0 up
  uptime=$(cut -d ' ' -f 1 /proc/uptime)
  clock="--time --boottime -${uptime%.*}"
  unshare --time true 2> /dev/null || clock=
  # shellcheck disable=SC2086 # the clock is several words or none
  nsenter --net="$netns" unshare --mount --pid --uts --ipc $clock --fork --kill-child --propagation private \
    sh "$boot" "$name" "$disk"
  ended=$?
  nsenter --net="$netns" ip link set eth0 down
  # 129: ended by SIGHUP, which is how the kernel says that reboot(2) asked for a restart (see reboot(2)).
  [ "$ended" -eq 129 ] || exit 0
done
