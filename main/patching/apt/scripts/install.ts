import { STAGE_ROOT } from './shell-script.ts';

/** Exit statuses of the detached install that are ours; apt's own are 0 and 100. */
export const RUN_EXIT = { contentChanged: 201, transactionDiffers: 202 } as const;

/**
 * The detached install itself, kept as `run.sh` in the stage. It survives its session, is guarded by a folder that
 * only one process can make, looks once more at content and transaction, and leaves its exit status as the last thing, whole or not
 * at all. The status file's room is taken at the start: a disk that the install filled must not cost us its result.
 */
const RUN = `#!/bin/sh
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
set -f
umask 077
cd /
stage=$1
install=$stage/install
mkdir "$install/running" 2>/dev/null || exit 0
exec </dev/null >>"$install/log" 2>&1
trap '' HUP PIPE
start_of() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
printf '%-16s\\n' pending >"$install/exit-status.part"
printf '%s %s %s/%s\\n' "$$" "$(start_of $$)" "$(cat /proc/sys/kernel/random/boot_id)" "$(start_of 1)" >"$install/process.part"
mv "$install/process.part" "$install/process"
finish() {
  until printf '%-16s\\n' "$1" 1<>"$install/exit-status.part"; do rm -rf "$stage/apt/lists"; sleep 1; done
  sync "$install/exit-status.part"
  mv -f "$install/exit-status.part" "$install/exit-status"
  sync "$install"
  exit "$1"
}
date '+sallyport: started %Y-%m-%dT%H:%M:%SZ' -u
( cd "$stage/repo" && sha256sum --strict --quiet -c ../content ) || {
  echo 'sallyport: staged content has changed, nothing was installed'
  finish ${RUN_EXIT.contentChanged}
}
quietly() {
  env -i PATH="$PATH" HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true \\
    APT_CONFIG="$stage/apt/apt.conf" APT_LISTCHANGES_FRONTEND=none UCF_FORCE_CONFFOLD=1 \\
    NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 "$@"
}
quietly apt-get -s -y -q install $(cat "$stage/wanted") >"$install/simulation" || {
  cat "$install/simulation"
  echo 'sallyport: the package manager no longer accepts the transaction, nothing was installed'
  finish ${RUN_EXIT.transactionDiffers}
}
grep -E '^(Inst|Remv|Purg|Conf) ' "$install/simulation" | sort | cmp -s - "$stage/sealed" || {
  cat "$install/simulation"
  echo 'sallyport: the transaction is not the staged one, nothing was installed'
  finish ${RUN_EXIT.transactionDiffers}
}
rm -f "$install/simulation"
umask 022
quietly apt-get -y -q --no-remove --no-install-recommends install $(cat "$stage/wanted")
status=$?
if [ -s "$stage/automatic" ]; then quietly apt-mark auto $(cat "$stage/automatic") >/dev/null; fi
date "+sallyport: finished %Y-%m-%dT%H:%M:%SZ with $status" -u
umask 077
finish "$status"
`;

/**
 * Writes down the one transaction that may be installed, and makes all of the stage durable. Data: `sealed` lines as apt
 * printed them, `automatic` lines for packages that stay marked as automatically installed (apt marks every package that is
 * named on its command line as manual).
 */
export const SEAL = `open_stage "$1" || return $?
rm -f "$stage/sealed" "$stage/automatic"
: >"$stage/sealed.part"
: >"$stage/automatic"
while IFS= read -r line; do
  text=\${line#*|}
  case $line in
    'sealed|'*) printf '%s\\n' "$text" >>"$stage/sealed.part" ;;
    'automatic|'*) printf '%s\\n' "$text" >>"$stage/automatic" ;;
    'run|'*) printf '%s\\n' "$text" >>"$stage/run.sh.part" ;;
  esac
done
mv -f "$stage/run.sh.part" "$stage/run.sh" || return 1
mv "$stage/sealed.part" "$stage/sealed" || return 1
sync -f "$stage"`;

export const RUN_LINES: readonly string[] = RUN.trimEnd().split('\n');

/**
 * Starts the install, at most once for a stage. The claim is a rename of a folder that is not empty onto one that may
 * not exist: rename(2) does that for one caller only, and whoever sees the claim also sees who made it. It is on disk before
 * anything starts.
 */
export const START_INSTALL = `stage=${STAGE_ROOT}/$1
section started
if [ -e "$stage/install" ]; then echo already; return 0; fi
[ -f "$stage/sealed" ] && [ -f "$stage/run.sh" ] || return 65
trap '' HUP PIPE
claim=$(mktemp -d "$stage/claim.XXXXXX") || return 1
printf '%s %s %s\\n' "$$" "$(start_of $$)" "$(boot_marker)" >"$claim/starter"
: >"$claim/log"
sync -f "$claim"
if ! mv -T "$claim" "$stage/install" 2>/dev/null; then
  rm -rf "$claim"
  [ -e "$stage/install" ] || return 1
  echo already
  return 0
fi
sync -f "$stage"
if ! { [ -d /run/systemd/system ] && systemd-run --quiet --collect --unit="sallyport-install-$1" sh "$stage/run.sh" "$stage" >/dev/null 2>&1; }; then
  setsid sh "$stage/run.sh" "$stage" </dev/null >/dev/null 2>&1 &
fi
tries=0
while [ ! -e "$stage/install/process" ] && [ "$tries" -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
echo now`;

/** What is true of an install; a status that appears while we look is seen by looking twice. */
export const READ_INSTALL = `install=${STAGE_ROOT}/$1/install
section state
if [ ! -d "$install" ]; then echo absent; return 0; fi
if [ -f "$install/exit-status" ]; then
  :
elif [ -f "$install/process" ] && is_alive "$install/process"; then
  echo running
elif [ ! -f "$install/process" ] && is_alive "$install/starter"; then
  echo running
elif [ ! -f "$install/exit-status" ]; then
  echo vanished
fi
[ ! -f "$install/exit-status" ] || printf 'finished %s\\n' "$(cat "$install/exit-status")"
section log
free_text <"$install/log"
return 0`;

/** Removes what was staged; what says that an install was started, and how it ended, stays for good. */
export const CLEAN_UP = `stage=${STAGE_ROOT}/$1
[ -d "$stage" ] && [ ! -L "$stage" ] || return 0
install=$stage/install
if [ -d "$install" ] && [ ! -f "$install/exit-status" ]; then
  for file in process starter; do
    if [ -f "$install/$file" ] && is_alive "$install/$file"; then return 66; fi
  done
fi
if [ ! -d "$install" ]; then rm -rf "$stage"; return $?; fi
for name in repo apt content wanted sealed sealed.part automatic run.sh run.sh.part dd.log; do
  rm -rf "$stage/$name" || return 1
done
set +f
rm -rf "$stage"/claim.*
return 0`;
