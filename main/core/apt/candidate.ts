import { compareDebVersions } from '../version/deb.ts';

/**
 * Which version apt would take, by the rules of apt_preferences(5) without any preferences of the administrator:
 * 500 for ordinary repositories, 100 for the installed version and for `NotAutomatic` repositories that also say
 * `ButAutomaticUpgrades`, 1 for other `NotAutomatic` ones. Never an older version than the installed one.
 */

export type PinPriority = 500 | 100 | 1;

export function pinOf(release: {
  readonly notAutomatic: boolean;
  readonly butAutomaticUpgrades: boolean;
}): PinPriority {
  if (!release.notAutomatic) return 500;
  return release.butAutomaticUpgrades ? 100 : 1;
}

/**
 * The best of the offers for one installed package.
 *
 * @returns the offer apt would upgrade to, or `null` when the installed version stays. Among equal offers the first wins.
 */
export function selectCandidate<Offer extends { readonly version: string; readonly pin: PinPriority }>(
  installed: string,
  offers: readonly Offer[],
): Offer | null {
  let best: Offer | null = null;
  let bestPin = 100;
  let bestVersion = installed;
  for (const offer of offers) {
    const order = compareDebVersions(offer.version, bestVersion);
    if (offer.pin < bestPin) continue;
    if (offer.pin > bestPin) {
      if (compareDebVersions(offer.version, installed) < 0) continue;
    } else if (order <= 0) continue;
    best = offer;
    bestPin = offer.pin;
    bestVersion = offer.version;
  }
  return best !== null && compareDebVersions(bestVersion, installed) > 0 ? best : null;
}

/** The newest of the offers that an endpoint without the package would get: highest priority, then highest version. */
export function selectNewest<Offer extends { readonly version: string; readonly pin: PinPriority }>(
  offers: readonly Offer[],
): Offer | null {
  let best: Offer | null = null;
  for (const offer of offers) {
    if (
      best === null ||
      offer.pin > best.pin ||
      (offer.pin === best.pin && compareDebVersions(offer.version, best.version) > 0)
    ) {
      best = offer;
    }
  }
  return best;
}

/** `all` packages count as packages of the endpoint's own architecture, as apt does it. */
export function effectiveArch(arch: string, native: string): string {
  return arch === 'all' ? native : arch;
}

/** Whether the vendor publishes a repository for security updates only. */
export function isSecurityRepository(repository: {
  readonly label: string;
  readonly suite: string;
}): boolean {
  return repository.label === 'Debian-Security' || /(?:-security|\/updates)$/.test(repository.suite);
}
