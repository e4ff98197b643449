/**
 * Packages after whose update their vendors' own scripts say that the system needs a restart: on Debian those that call
 * notify-reboot-required or write /run/reboot-required (kernels, libc6, dbus, microcode), on Red Hat what `dnf needs-restarting -r` looks for
 * (kernel, glibc, linux-firmware, systemd, dbus). Of everything else nothing is known beforehand.
 */
const RESTARTS = [
  /^linux-image-/,
  /^kernel(-core|-rt|-modules)?$/,
  /^(libc6|glibc)$/,
  /^(dbus|dbus-broker|dbus-daemon)$/,
  /^systemd$/,
  /^(intel-microcode|amd64-microcode|microcode_ctl|linux-firmware)$/,
];

export function restartOf(name: string): 'yes' | 'unknown' {
  return RESTARTS.some((pattern) => pattern.test(name)) ? 'yes' : 'unknown';
}
