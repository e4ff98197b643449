import { STAGE_ROOT } from './shell-script.ts';

/**
 * Opens the folder of a stage: ours, root's, closed to everyone else, and no link on the way. Sets `stage`.
 */
export const OPEN_STAGE = `open_stage() {
  mkdir -p -m 0700 ${STAGE_ROOT} || return 1
  stage=${STAGE_ROOT}/$1
  [ -d "$stage" ] || mkdir -m 0700 "$stage" || return 1
  for folder in ${STAGE_ROOT} "$stage"; do
    if [ -L "$folder" ] || [ "$(stat -c %u:%a "$folder")" != 0:700 ]; then
      echo "$folder is not a folder of root with mode 0700" >&2
      return 70
    fi
  done
  [ ! -e "$stage/install" ] || return 67
  mkdir -p "$stage/repo" || return 1
}
`;

/** Data: `sha256 size path`. Prints the numbers (from 1) of those that are not there yet, whole and right. */
export const LIST_MISSING = `open_stage "$1" || return $?
section missing
number=0
while read -r sha256 size path; do
  number=$((number + 1))
  file=$stage/repo/$path
  if [ -f "$file" ] && [ ! -L "$file" ] && [ "$(stat -c %s "$file")" = "$size" ] &&
    printf '%s  %s\\n' "$sha256" "$file" | sha256sum --status --strict -c; then continue; fi
  echo "$number"
done
section space
for path in "$stage" /var/tmp; do
  printf '%s ' "$path"
  df -B1 --output=source,avail,itotal,iavail,target -- "$path" | tail -n 1
done
return 0`;

/**
 * Takes uploaded files out of the login user's private folder. That user may change them at any moment, so each is
 * copied, never moved (an open file could still be written to), without following a link, never more than its size, and hashed
 * as the copy that only root can write. Data: `sha256 size path`; the upload is named by its hash.
 */
export const ADOPT = `open_stage "$1" || return $?
inbox=$2
section bad
while read -r sha256 size path; do
  file=$stage/repo/$path
  mkdir -p "\${file%/*}" || return 1
  dd if="$inbox/$sha256" of="$file.part" bs=1M iflag=nofollow,nonblock,fullblock,count_bytes count=$((size + 1)) 2>"$stage/dd.log"
  status=$?
  rm -f "$inbox/$sha256"
  if [ "$status" = 0 ] && printf '%s  %s\\n' "$sha256" "$file.part" | sha256sum --status --strict -c; then
    mv -f "$file.part" "$file" || return 1
  else
    rm -f "$file.part"
    printf '%s\\n' "$path"
    section reason
    free_text <"$stage/dd.log"
    return 0
  fi
done
return 0`;

/**
 * Asks apt, with a configuration of its own, what an install would do. `$1` stage, `$2` architecture-free name of the
 * mode. Data: `content`, `config`, `sources` and `pins` lines for the files of that name, `want` lines for
 * apt's arguments. Lists are fetched anew each time: apt keeps an older list when a new signature is bad, and says so only in a
 * warning with exit status 0.
 */
export const RESOLVE = `open_stage "$1" || return $?
rm -rf "$stage/apt" "$stage/content" "$stage/wanted" "$stage/sealed"
mkdir -p "$stage/apt/lists/partial" "$stage/apt/archives/partial" "$stage/apt/sources.d" "$stage/apt/preferences.d" || return 1
: >"$stage/content"
: >"$stage/wanted"
while IFS= read -r line; do
  text=\${line#*|}
  case $line in
    'content|'*) printf '%s\\n' "$text" >>"$stage/content" ;;
    'config|'*) printf '%s\\n' "$text" >>"$stage/apt/apt.conf" ;;
    'sources|'*) printf '%s\\n' "$text" >>"$stage/apt/sources.d/staged.sources" ;;
    'pins|'*) printf '%s\\n' "$text" >>"$stage/apt/preferences.d/planned.pref" ;;
    'want|'*) printf '%s\\n' "$text" >>"$stage/wanted" ;;
  esac
done
section content
( cd "$stage/repo" && sha256sum --strict --quiet -c ../content ) 2>&1 | free_text
APT_CONFIG=$stage/apt/apt.conf
DEBIAN_FRONTEND=noninteractive
export APT_CONFIG DEBIAN_FRONTEND
apt-get -q update </dev/null >"$stage/apt/update.log" 2>&1
status=$?
section update
echo "$status"
section update-log
free_text <"$stage/apt/update.log"
[ "$status" = 0 ] || return 0
apt-get -s -y -q install $(cat "$stage/wanted") </dev/null >"$stage/apt/simulate.out" 2>"$stage/apt/simulate.log"
status=$?
section simulate
echo "$status"
section simulate-log
free_text <"$stage/apt/simulate.log"
section architecture
dpkg --print-architecture
section transaction
grep -E '^(Inst|Remv|Purg|Conf) ' "$stage/apt/simulate.out" | sort
[ "$status" = 0 ] || return 0
section uris
apt-get -y -q --print-uris install $(cat "$stage/wanted") </dev/null 2>/dev/null | grep "^'"
section automatic
apt-mark showauto
return 0`;
