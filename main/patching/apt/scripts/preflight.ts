import { INVENTORY } from './inventory.ts';

/** What must hold before anything is touched, read in one go; the driver judges. */
export const PREFLIGHT = `section locks
lock_holders
section unfinished
unfinished | free_text
section space
for path in / /usr /var /boot /tmp /var/tmp /var/lib; do
  [ -d "$path" ] || continue
  printf '%s ' "$path"
  df -B1 --output=source,avail,itotal,iavail,target -- "$path" | tail -n 1
done
${INVENTORY}`;

/**
 * One health check: `$1` seconds, then program and arguments. Its output goes to a file and not through a pipe, for a
 * check that starts something in the background would hold the pipe open for ever.
 */
export const HEALTH_CHECK = `seconds=$1
shift
output=$(mktemp) || return 1
( set +f; umask 022; ulimit -f 131072; exec timeout -k 5 "$seconds" "$@" </dev/null >"$output" 2>&1 )
status=$?
section exit
echo "$status"
section output
tail -c 8000 "$output" | free_text
rm -f "$output"
return 0`;

/** Restarts the endpoint a moment after this answers; the state of dpkg is looked at again right before. */
export const REBOOT = `[ -z "$(lock_holders)" ] || { section locks; lock_holders; return 66; }
[ -z "$(unfinished)" ] || { section unfinished; unfinished | free_text; return 68; }
if [ -d /run/systemd/system ]; then
  set -- systemctl reboot
elif command -v shutdown >/dev/null 2>&1; then
  set -- shutdown -r now
elif command -v reboot >/dev/null 2>&1; then
  set -- reboot
else
  return 69
fi
sync
if [ -d /run/systemd/system ] && systemd-run --quiet --collect sh -c 'sleep 2; "$@"' sh "$@"; then return 0; fi
(
  trap '' HUP PIPE
  exec </dev/null >/dev/null 2>&1
  sleep 2
  [ -n "$(lock_holders)" ] || exec setsid "$@"
) &
return 0`;
