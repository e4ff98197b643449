/** What an endpoint said about itself, and when. All values as the endpoint's own tools print them. */

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly arch: string;
  /** Source package and its version: what advisories speak of. */
  readonly source: string;
  readonly sourceVersion: string;
  /** dpkg's three letters in words, for example `install ok installed`. */
  readonly status: string;
}

/** What somebody decided about modules on an endpoint with dnf. */
export interface ModuleStates {
  /** `nodejs:18`, sorted. */
  readonly enabled: readonly string[];
  /** `nodejs`, sorted. */
  readonly disabled: readonly string[];
}

export interface Inventory {
  readonly platform: 'apt' | 'dnf';
  /**
   * `ID` and `VERSION_CODENAME` of os-release(5). Of releases that have numbers and no names `codename` is the number:
   * `VERSION_ID`, of Red Hat's kin only what stands before the dot.
   */
  readonly distribution: string;
  readonly codename: string;
  readonly prettyName: string;
  readonly arch: string;
  readonly kernel: string;
  /** Sorted by name, then arch. */
  readonly packages: readonly InstalledPackage[];
  /** Names on hold (`apt-mark showhold`). */
  readonly held: readonly string[];
  readonly rebootRequired: boolean;
  /** Why, in the endpoint's words: packages of /run/reboot-required.pkgs, a newer kernel installed ... */
  readonly rebootReasons: readonly string[];
  /** Seconds since the epoch by the endpoint's own clock. */
  readonly clock: number;
  /** Changes with every boot: kernel boot id and start of PID 1. */
  readonly bootMarker: string;
  /** Only with dnf. */
  readonly modules?: ModuleStates;
}

export interface PackageChange {
  readonly name: string;
  readonly arch: string;
  /** `null`: was not there. */
  readonly from: string | null;
  /** `null`: is not there any more. */
  readonly to: string | null;
}

const keyOf = (item: { readonly name: string; readonly arch: string }): string => `${item.name}:${item.arch}`;

const isPresent = (status: string): boolean => status.endsWith(' installed');

/**
 * What differs between two inventories, by package name, architecture and version; a package that is there but not
 * fully installed (half-configured, unpacked ...) counts as a version of its own, so that it never passes for installed.
 */
export function diffInventories(before: Inventory, after: Inventory): readonly PackageChange[] {
  const versionOf = (item: InstalledPackage): string =>
    isPresent(item.status) ? item.version : `${item.version} (${item.status})`;
  const old = new Map(before.packages.map((item) => [keyOf(item), item]));
  const fresh = new Map(after.packages.map((item) => [keyOf(item), item]));
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  const changes: PackageChange[] = [];
  for (const key of keys) {
    const was = old.get(key);
    const is = fresh.get(key);
    const sample = was ?? is;
    if (sample === undefined) continue;
    const from = was === undefined ? null : versionOf(was);
    const to = is === undefined ? null : versionOf(is);
    if (from !== to) changes.push({ name: sample.name, arch: sample.arch, from, to });
  }
  return changes;
}
