/**
 * Everything that an inventory says, in one round trip. The states of packages come from dpkg's own database; held
 * packages are those whose wish is `hold`, as apt-mark(8) shows them, without the half second that apt needs to start.
 */
export const INVENTORY = `command -v dpkg-query >/dev/null 2>&1 || return 64
section release
for file in /etc/os-release /usr/lib/os-release; do
  [ -r "$file" ] || continue
  grep -E '^(ID|VERSION_CODENAME|PRETTY_NAME)=' "$file" | quoted
  break
done
section architecture
dpkg --print-architecture
section kernel
uname -r
uname -v
section clock
date +%s
section boot
boot_marker
section packages
dpkg-query -W -f '\${Package}\\t\${Version}\\t\${Architecture}\\t\${source:Package}\\t\${source:Version}\\t\${Status}\\n'
section reboot-flag
if [ -e /run/reboot-required ] || [ -e /var/run/reboot-required ]; then echo yes; fi
section reboot-packages
if [ -r /run/reboot-required.pkgs ]; then sort -u /run/reboot-required.pkgs | head -n 100 | quoted; echo; fi
section kernels
ls /boot 2>/dev/null | grep '^vmlinuz-' | quoted
section needrestart
if ls /boot 2>/dev/null | grep -q '^vmlinuz-' && command -v needrestart >/dev/null 2>&1; then
  NEEDRESTART_MODE=l timeout -k 2 10 needrestart -b -k 2>/dev/null | grep '^NEEDRESTART-K' | quoted
fi
return 0`;

export const BOOT_MARKER = `section boot
boot_marker`;
