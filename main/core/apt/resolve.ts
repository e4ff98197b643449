import type { NeededPlatform } from '../needs-list.ts';
import { effectiveArch, selectCandidate, selectNewest, type PinPriority } from './candidate.ts';
import {
  clauseKey,
  meetsBound,
  meetsByProvides,
  parseClauses,
  type Alternative,
  type Clause,
} from './dependency.ts';
import type { PackageRecord } from './packages-index.ts';

/**
 * Which packages a bundle must carry for one platform. Conservative: what an endpoint might need is carried; what is
 * installed is decided later, on the endpoint, by apt.
 */

/** An index entry with the repository it stands in. */
export interface Offer extends PackageRecord {
  readonly pin: PinPriority;
  /** Key of the repository, opaque here. */
  readonly repository: string;
}

export interface Resolution {
  /** Newer versions of installed packages. */
  readonly upgrades: readonly Offer[];
  /** Packages that upgrades depend on and that are not installed on every endpoint. */
  readonly additions: readonly Offer[];
  /** Demands that nothing in the repositories meets: `package: clause`. */
  readonly unmet: readonly string[];
}

/** No real upgrade pulls in more; a malformed index shall not make the list endless. */
const MAX_ADDITIONS = 5_000;

interface Installed {
  readonly versions: readonly string[];
  /** On every endpoint of the platform, in one version or another. */
  readonly everywhere: boolean;
}

/**
 * @param offers entries of every repository of the platform; among equal versions the earlier one is taken, so put the
 *   preferred repository first
 */
export function resolveNeeded(platform: NeededPlatform, offers: Iterable<Offer>): Resolution {
  if (platform.everything === true) return { upgrades: newestOfEach(offers), additions: [], unmet: [] };
  const native = platform.architecture;
  const keyOf = (name: string, arch: string): string => `${name}:${effectiveArch(arch, native)}`;

  const offersByKey = new Map<string, Offer[]>();
  const providers = new Map<string, { readonly offer: Offer; readonly provided: Alternative }[]>();
  for (const offer of offers) {
    push(offersByKey, keyOf(offer.name, offer.arch), offer);
    if (offer.provides === '') continue;
    for (const clause of parseClauses(offer.provides)) {
      const provided = clause[0];
      if (provided !== undefined) push(providers, provided.name, { offer, provided });
    }
  }

  const installed = new Map<string, { versions: string[]; everywhere: boolean }>();
  for (const item of platform.packages) {
    const key = keyOf(item.name, item.arch);
    const known = installed.get(key);
    if (known === undefined) installed.set(key, { versions: [item.version], everywhere: item.everywhere });
    else known.versions.push(item.version);
  }

  const upgrades = new Map<string, Offer>();
  const afterByKey = new Map<string, readonly { readonly version: string; readonly offer: Offer | null }[]>();
  for (const [key, { versions }] of installed) {
    const available = offersByKey.get(key) ?? [];
    const after: { version: string; offer: Offer | null }[] = [];
    for (const version of versions) {
      const candidate = selectCandidate(version, available);
      if (candidate !== null) upgrades.set(idOf(candidate), candidate);
      after.push({
        version: candidate?.version ?? version,
        offer: candidate ?? available.find((offer) => offer.version === version) ?? null,
      });
    }
    afterByKey.set(key, after);
  }

  const additions = new Map<string, Offer>();
  const unmet = new Set<string>();

  const isMetByEveryEndpoint = (alternative: Alternative, arch: string): boolean => {
    const key = keyOf(alternative.name, arch);
    const present = afterByKey.get(key);
    if (present !== undefined && installed.get(key)?.everywhere === true) {
      if (present.every(({ version }) => meetsBound(version, alternative))) return true;
    }
    return (providers.get(alternative.name) ?? []).some(({ offer, provided }) => {
      if (!meetsByProvides(provided, alternative)) return false;
      const providerKey = keyOf(offer.name, offer.arch);
      return (
        installed.get(providerKey)?.everywhere === true &&
        (afterByKey.get(providerKey) ?? []).every(
          (item) => item.offer !== null && providesIt(item.offer, alternative),
        )
      );
    });
  };

  const findProvider = (alternative: Alternative, arch: string): Offer | null => {
    const direct = (offersByKey.get(keyOf(alternative.name, arch)) ?? []).filter((offer) =>
      meetsBound(offer.version, alternative),
    );
    const best = selectNewest(direct);
    if (best !== null) return best;
    const indirect = (providers.get(alternative.name) ?? [])
      .filter(({ provided }) => meetsByProvides(provided, alternative))
      .map(({ offer }) => offer)
      .filter((offer) => effectiveArch(offer.arch, native) === effectiveArch(arch, native));
    const firstName = indirect.map((offer) => offer.name).sort()[0];
    return selectNewest(indirect.filter((offer) => offer.name === firstName));
  };

  const queue: { readonly offer: Offer; readonly known: ReadonlySet<string> }[] = [];
  for (const offer of upgrades.values()) {
    const key = keyOf(offer.name, offer.arch);
    queue.push({ offer, known: demandsAlreadyMet(installed.get(key), offersByKey.get(key) ?? []) });
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { offer, known } = next;
    for (const clause of clausesOf(offer)) {
      if (known.has(clauseKey(clause))) continue;
      if (clause.some((alternative) => isMetByEveryEndpoint(alternative, offer.arch))) continue;
      if (
        clause.some((alternative) =>
          [...additionsNamed(additions, alternative.name)].some((item) =>
            meetsBound(item.version, alternative),
          ),
        )
      )
        continue;
      let chosen: Offer | null = null;
      for (const alternative of clause) {
        chosen ??= findProvider(alternative, offer.arch);
      }
      if (chosen === null) {
        unmet.add(`${offer.name} ${offer.version}: ${clause.map((item) => item.name).join(' | ')}`);
      } else if (!additions.has(idOf(chosen)) && additions.size < MAX_ADDITIONS) {
        additions.set(idOf(chosen), chosen);
        queue.push({ offer: chosen, known: new Set() });
      }
    }
  }
  for (const id of upgrades.keys()) additions.delete(id);
  return {
    upgrades: [...upgrades.values()].sort(byName),
    additions: [...additions.values()].sort(byName),
    unmet: [...unmet].sort(),
  };
}

/** What an endpoint without any of the packages would get of each. */
function newestOfEach(offers: Iterable<Offer>): Offer[] {
  const byKey = new Map<string, Offer[]>();
  for (const offer of offers) push(byKey, `${offer.name}:${offer.arch}`, offer);
  return [...byKey.values()].flatMap((list) => selectNewest(list) ?? []).sort(byName);
}

/**
 * Demands that the installed versions have too are met on their endpoints already. Known only when the indexes list
 * every installed version.
 */
function demandsAlreadyMet(
  installed: Installed | undefined,
  available: readonly Offer[],
): ReadonlySet<string> {
  const demands: ReadonlySet<string>[] = [];
  for (const version of installed?.versions ?? []) {
    const record = available.find((offer) => offer.version === version);
    if (record === undefined) return new Set();
    demands.push(new Set(clausesOf(record).map(clauseKey)));
  }
  return demands.reduce(
    (common, next) => new Set([...common].filter((key) => next.has(key))),
    demands[0] ?? new Set(),
  );
}

const clausesOf = (offer: PackageRecord): Clause[] => [
  ...parseClauses(offer.preDepends),
  ...parseClauses(offer.depends),
];

const providesIt = (offer: PackageRecord, wanted: Alternative): boolean =>
  parseClauses(offer.provides).some(
    (clause) => clause[0] !== undefined && meetsByProvides(clause[0], wanted),
  );

function* additionsNamed(additions: ReadonlyMap<string, Offer>, name: string): Generator<Offer> {
  for (const offer of additions.values()) if (offer.name === name) yield offer;
}

const idOf = (offer: PackageRecord): string => offer.sha256;

function push<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function byName(a: Offer, b: Offer): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.arch !== b.arch) return a.arch < b.arch ? -1 : 1;
  return a.version < b.version ? -1 : a.version > b.version ? 1 : 0;
}
