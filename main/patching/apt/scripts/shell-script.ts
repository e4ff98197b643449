/**
 * How the driver's shell scripts are put together and what they all share.
 *
 * A script travels by standard input to `sh -s`, so nothing of it is left behind and no argument list is quoted twice.
 * Three properties hold for every one of them:
 * - The whole text is one group `{ … }`. A shell parses a group to its end before it runs a line of it, so a script
 *   cut short by a lost session is a syntax error that does nothing, never half of the work.
 * - Its standard input is the data block (or nothing), never the rest of the script: no program that happens to read
 *   standard input can swallow a line of ours.
 * - What it prints is parted by lines `#sallyport <section>`; text that others wrote is printed with a blank in front of every
 *   line, so that no tool's output can pass for a section.
 *
 * Only POSIX sh and what Debian marks essential is used (coreutils, grep, sed, awk, tar, util-linux, dpkg), and apt.
 */

/** Every exit status of a script that is no accident. */
export const SCRIPT_EXIT = {
  done: 0,
  /** No dpkg here. */
  unsupported: 64,
  /** Nothing (or not everything) is staged under this id. */
  notStaged: 65,
  /** The package manager, or an install of ours, is at work. */
  busy: 66,
  /** An install was started under this stage. */
  started: 67,
  /** dpkg is in the middle of something that nobody is finishing. */
  broken: 68,
  /** No program here that does it. */
  impossible: 69,
  /** A folder of ours is not what we left there. */
  unsafe: 70,
} as const;

/** Folder on the endpoint that holds every stage. */
export const STAGE_ROOT = '/var/lib/sallyport';

const DATA_END = 'SALLYPORT-DATA-END';

const PRELUDE = `PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
LANGUAGE=
export PATH LC_ALL LANGUAGE
unset APT_CONFIG POSIXLY_CORRECT TAR_OPTIONS DPKG_ROOT DPKG_ADMINDIR GREP_OPTIONS
set -f
umask 077
cd /
section() { printf '#sallyport %s\\n' "$1"; }
quoted() { sed 's/^/ /'; }
free_text() { tail -c 16000 | tr -d '\\000' | quoted; echo; }
start_of() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
boot_marker() { printf '%s/%s\\n' "$(cat /proc/sys/kernel/random/boot_id)" "$(start_of 1)"; }
`;

/**
 * Who holds the locks of dpkg and apt, read from /proc/locks: `apt-get -s` ignores locks and there is no tool that
 * tells without taking them. The device in /proc/locks is not the one stat(2) gives on btrfs and overlay, so
 * the inode only makes a candidate and the holder's open files decide. One line each: lock, pid, program.
 */
export const LOCK_HOLDERS = `lock_holders() {
  for lock in /var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/cache/apt/archives/lock; do
    [ -e "$lock" ] || continue
    inode=$(stat -c %i "$lock") || continue
    while read -r number kind mode access pid where rest; do
      [ "$kind" != '->' ] || continue
      case $where in *:"$inode") ;; *) continue ;; esac
      [ -d "/proc/$pid/fd" ] || continue
      set +f
      for fd in /proc/"$pid"/fd/*; do
        if [ "$fd" -ef "$lock" ]; then
          printf '%s\\t%s\\t%s\\n' "$lock" "$pid" "$(tr -d '\\n\\t' <"/proc/$pid/comm" 2>/dev/null)"
          break
        fi
      done
      set -f
    done </proc/locks
  done
}
`;

/** Prints what dpkg left unfinished: nothing when all is well. An interrupted dpkg leaves numbered journal files. */
export const UNFINISHED = `unfinished() {
  dpkg --audit 2>&1
  if [ -n "$(ls /var/lib/dpkg/updates 2>/dev/null | grep '^[0-9]*$')" ]; then
    echo 'dpkg was interrupted: /var/lib/dpkg/updates is not empty'
  fi
}
`;

/**
 * Whether the process written down in a file (`pid start-time boot-marker`) still lives, or anything else of its
 * session does: a killed leader does not stop its dpkg. Pid, start time and boot marker together name a process for good.
 */
export const IS_ALIVE = `is_alive() {
  read -r pid start boot <"$1" || return 1
  [ "$boot" = "$(boot_marker)" ] || return 1
  now=$(start_of "$pid")
  [ "$now" != "$start" ] || return 0
  [ -z "$now" ] || return 1
  set +f
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v sid="$pid" '{ sub(/^.*\\) /, ""); if ($4 == sid && $1 != "Z") found = 1 } END { exit !found }'
  living=$?
  set -f
  return "$living"
}
`;

/**
 * One script as text for the standard input of `sh -s`.
 *
 * @param main the body of the script; its arguments are `$1`…
 * @param parts functions that it calls
 * @param data lines that the body finds on its standard input
 */
export function shellScript(main: string, parts: readonly string[] = [], data?: readonly string[]): string {
  if (data?.some((line) => line === DATA_END || line.includes('\n')))
    throw new Error('a data line is not one line');
  const input = data === undefined ? '</dev/null' : `<<'${DATA_END}'\n${[...data, DATA_END].join('\n')}`;
  return `{\n${PRELUDE}${parts.join('')}main() {\n${main}\n}\nshift\nmain "$@" ${input}\nexit "$?"\n}\n`;
}
