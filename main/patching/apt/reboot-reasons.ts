import type { InstalledPackage } from '../../core/inventory.ts';
import { compareDebVersions } from '../../core/version/deb.ts';

export interface RebootEvidence {
  /** /run/reboot-required is there. Debian's kernel packages do not write it; some other packages do. */
  readonly flag: boolean;
  readonly flagPackages: readonly string[];
  /** `uname -r` and `uname -v`. */
  readonly running: { readonly release: string; readonly version: string };
  readonly packages: readonly InstalledPackage[];
  /** Names in /boot, for example `vmlinuz-6.1.0-50-amd64`. */
  readonly images: readonly string[];
  /** Lines `NEEDRESTART-K…: value`, none where needrestart(1) is absent. */
  readonly needrestart: readonly string[];
}

interface KernelImage {
  readonly release: string;
  readonly version: string;
}

const IMAGE_PACKAGE = /^linux-image-(?:unsigned-)?([0-9].*)$/;

/** Kernels whose package is installed and whose image lies in /boot. */
function installedKernels(evidence: RebootEvidence): readonly KernelImage[] {
  const present = new Set(evidence.images.map((name) => name.replace(/^vmlinuz-/, '')));
  return evidence.packages.flatMap((item) => {
    const release = IMAGE_PACKAGE.exec(item.name)?.[1];
    if (release === undefined || !present.has(release)) return [];
    return [{ release, version: item.version }];
  });
}

/** `amd64`, `cloud-amd64` …: kernels of different flavours do not replace each other. */
const flavourOf = (release: string): string => release.replace(/^[^-]*(?:-[0-9.]+)?-?/, '');

/**
 * Why the endpoint wants a restart; empty when it does not. A container shows the kernel of its host, which none of its
 * own packages has, so nothing is concluded from a running kernel of a foreign flavour.
 */
export function rebootReasons(evidence: RebootEvidence): readonly string[] {
  const reasons: string[] = [];
  if (evidence.flag) {
    const named = evidence.flagPackages.filter((line) => line.trim() !== '');
    reasons.push(
      named.length > 0
        ? `/run/reboot-required, asked for by ${named.join(', ')}`
        : '/run/reboot-required is there, nobody says why',
    );
  }
  reasons.push(...kernelReasons(evidence));
  return reasons;
}

function kernelReasons({ running, ...evidence }: RebootEvidence): readonly string[] {
  const kernels = installedKernels({ running, ...evidence });
  const own = kernels.find((item) => item.release === running.release);
  const rivals = kernels.filter((item) => flavourOf(item.release) === flavourOf(running.release));
  const newest = rivals.toSorted((a, b) => compareDebVersions(b.version, a.version))[0];
  if (newest === undefined) return needrestartReasons(evidence.needrestart, kernels.length > 0);
  if (newest.release !== running.release) {
    return [`kernel ${newest.release} (${newest.version}) is installed, ${running.release} is running`];
  }
  // The same release may be built anew: only the running kernel's own words tell the build, `… Debian 6.1.176-1 (date)`.
  const built = / Debian (\S+)/.exec(running.version)?.[1];
  if (own !== undefined && built !== undefined && built !== own.version) {
    return [`kernel ${own.release} is installed as ${own.version}, its build ${built} is running`];
  }
  return [];
}

/** needrestart knows vendors whose names we do not: status 2 and 3 mean that a newer kernel waits. */
function needrestartReasons(lines: readonly string[], hasKernels: boolean): readonly string[] {
  const status = lines.find((line) => line.startsWith('NEEDRESTART-KSTA: '))?.slice(-1);
  const expected = lines
    .find((line) => line.startsWith('NEEDRESTART-KEXP: '))
    ?.slice('NEEDRESTART-KEXP: '.length);
  const waits = hasKernels && (status === '2' || status === '3');
  return waits ? [`needrestart: kernel ${expected ?? 'of another version'} waits for a restart`] : [];
}
