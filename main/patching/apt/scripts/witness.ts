import { STAGE_ROOT } from './shell-script.ts';

/**
 * Compares the files on disk with the content of the vendor's own packages, byte for byte, by `tar --compare`; dpkg's
 * database has no part in it but to excuse a file that another package has taken over (Replaces). Data: `sha256 name architecture`.
 *
 * A package is found by its hash and hashed again, so what we compare with is what was approved. Modes, owners and
 * times are left out (an administrator may override them). `./lib` and its like are links on a merged /usr, where tar says
 * that the folder's type differs: folders are not compared.
 */
export const WITNESS = `stage=${STAGE_ROOT}/$1
[ -f "$stage/content" ] || return 65
section excludes
set +f
cat /etc/dpkg/dpkg.cfg /etc/dpkg/dpkg.cfg.d/* 2>/dev/null | sed -n 's/^[[:space:]]*\\(path-[a-z]*\\)[[:space:]=]*/\\1 /p' | quoted
set -f
section diversions
dpkg-divert --list | quoted
work=$(mktemp -d) || return 1
trap 'rm -rf "$work"' EXIT
while read -r sha256 name architecture; do
  path=$(sed -n "s/^$sha256  //p" "$stage/content" | head -n 1)
  deb=$stage/repo/$path
  if [ -z "$path" ] || [ ! -f "$deb" ] || ! printf '%s  %s\\n' "$sha256" "$deb" | sha256sum --status --strict -c; then
    section "absent $name $architecture"
    continue
  fi
  section "package $name $architecture"
  dpkg-deb -f "$deb" Package Version Architecture | quoted
  section conffiles
  dpkg-deb -I "$deb" conffiles 2>/dev/null | sed 's/^[[:space:]]*remove-on-upgrade[[:space:]]*//' | quoted
  dpkg-deb --fsys-tarfile "$deb" 2>"$work/deb" |
    tar --compare --verbose --quoting-style=literal -f - -C / >"$work/out" 2>"$work/err"
  sed -n 's/: Warning: Cannot /: Cannot /; s/^tar: \\(.*\\): Cannot \\(stat\\|open\\|read\\|readlink\\).*/\\1: Missing/p' "$work/err" >"$work/differences"
  sed -n '/: \\(Contents differ\\|Size differs\\|Symlink differs\\|File type differs\\|Device number differs\\)$/p; /: Not linked to /p' "$work/out" >>"$work/differences"
  section elsewhere
  sed -n 's/: \\(Contents differ\\|Size differs\\|Symlink differs\\)$//p' "$work/differences" | sed 's/^\\.//' | sort -u | head -n 50 |
    while IFS= read -r file; do
      ( set +f; grep -l -x -F -e "$file" /var/lib/dpkg/info/*.list ) |
        grep -q -v -x -e "/var/lib/dpkg/info/$name\\(:$architecture\\)\\{0,1\\}\\.list" && printf ' %s\\n' "$file"
    done
  section files
  awk '!/: [A-Z][a-z]/ && !/\\/$/ { n++ } END { print n + 0 }' "$work/out"
  section folders
  awk '!/: [A-Z][a-z]/ && /\\/$/ { sub(/\\/$/, ""); print " " $0 }' "$work/out"
  section differences
  head -n 500 "$work/differences" | quoted
  section unreadable
  head -n 5 "$work/deb" | quoted
done
return 0`;
