import type { NeededPlatform } from '../needs-list.ts';
import { compareRpmVersions, compareToRpmBound } from '../version/rpm.ts';
import { runsOn, takesPlaceOf } from './assess.ts';
import type { ModuleFacts } from './modules.ts';
import type { Capability, RpmRecord } from './primary.ts';
import { activeStreams, StreamFilter } from './streams.ts';

/**
 * Which packages a bundle must carry for one platform. Conservative: what an endpoint might need is carried, also where
 * endpoints differ in the streams of modules that they enabled; what is installed is decided on the endpoint, by dnf.
 */

/** A package of an index with the repository it stands in. */
export interface RpmOffer extends RpmRecord {
  /** Key of the repository, opaque here. */
  readonly repository: string;
}

export interface RpmResolution {
  /** Newer versions of installed packages, and what takes the place of installed ones by another name. */
  readonly upgrades: readonly RpmOffer[];
  /** Packages that upgrades need and that are not installed on every endpoint. */
  readonly additions: readonly RpmOffer[];
  /** Demands that nothing in the repositories meets: `package: capability`. */
  readonly unmet: readonly string[];
}

/** No real upgrade pulls in more; a malformed index shall not make the list endless. */
const MAX_ADDITIONS = 5_000;

export function resolveRpmNeeded(
  platform: NeededPlatform,
  offers: readonly RpmOffer[],
  modules: ModuleFacts,
): RpmResolution {
  // Of two endpoints one may have a stream enabled and the other not: with any, nothing without a stream is hidden.
  const active = activeStreams({ enabled: platform.modules ?? [], disabled: [] }, modules.defaults);
  const filter = new StreamFilter(modules, active);
  const runnable = offers.filter((offer) => runsOn(offer.arch, platform.architecture));
  if (platform.everything === true) {
    return { upgrades: newestOfEach(runnable, filter), additions: [], unmet: [] };
  }
  const available = runnable.filter(
    (offer) => filter.streamsOf(offer).length === 0 || filter.isVisible(offer),
  );
  const installed = new Map<string, { arch: string; version: string; everywhere: boolean }[]>();
  for (const item of platform.packages) push(installed, item.name, item);

  const upgrades = new Map<string, RpmOffer>();
  for (const offer of newestOfEach(available, filter)) {
    const rivals = (installed.get(offer.name) ?? []).filter((item) => takesPlaceOf(offer.arch, item.arch));
    const replaces = offer.obsoletes.some((bound) =>
      (installed.get(bound.name) ?? []).some((item) => meets({ ...item, name: bound.name }, bound)),
    );
    const isNewer = rivals.some((item) => compareRpmVersions(offer.version, item.version) > 0);
    if (isNewer || (replaces && rivals.length === 0)) upgrades.set(offer.sha256, offer);
  }
  const { additions, unmet } = addRequired(installed, available, upgrades);
  return { upgrades: [...upgrades.values()].sort(byName), additions, unmet };
}

/** The newest of each name and architecture, apart by stream of module. */
function newestOfEach(offers: readonly RpmOffer[], filter: StreamFilter): RpmOffer[] {
  const newest = new Map<string, RpmOffer>();
  for (const offer of offers) {
    const key = `${offer.name} ${offer.arch} ${filter.streamsOf(offer).join(' ')}`;
    const best = newest.get(key);
    if (best === undefined || compareRpmVersions(offer.version, best.version) > 0) newest.set(key, offer);
  }
  return [...newest.values()].sort(byName);
}

type InstalledByName = ReadonlyMap<
  string,
  readonly { readonly arch: string; readonly version: string; readonly everywhere: boolean }[]
>;

/**
 * Follows what upgrades require, as far as needed. A demand counts as met when the installed version of the package
 * had it too, when a package that is on every endpoint offers it in the version it will have, or when something that
 * is carried does. Demands with conditions (`(a if b)`) and those of rpm itself are left to the endpoint.
 */
function addRequired(
  installed: InstalledByName,
  available: readonly RpmOffer[],
  upgrades: ReadonlyMap<string, RpmOffer>,
): Pick<RpmResolution, 'additions' | 'unmet'> {
  const providers = new Map<string, { readonly offer: RpmOffer; readonly provided: Capability }[]>();
  const before = new Map<string, RpmOffer>();
  for (const offer of available) {
    before.set(`${offer.name} ${offer.arch} ${offer.version}`, offer);
    for (const provided of offer.provides) push(providers, provided.name, { offer, provided });
    for (const file of offer.files)
      push(providers, file, { offer, provided: { name: file, flag: null, version: '' } });
  }
  const carried = new Map(upgrades);
  const additions: RpmOffer[] = [];
  const unmet = new Set<string>();
  const queue = [...upgrades.values()];
  for (let offer = queue.shift(); offer !== undefined; offer = queue.shift()) {
    const known = demandsOfInstalled(offer, installed, before);
    for (const demand of offer.requires) {
      if (demand.name.startsWith('rpmlib(') || demand.name.startsWith('(') || known.has(keyOf(demand)))
        continue;
      if ((installed.get(demand.name) ?? []).some((item) => item.everywhere && meetsInstalled(item, demand)))
        continue;
      const able = (providers.get(demand.name) ?? []).filter(({ provided }) => satisfies(provided, demand));
      if (able.some((item) => carried.has(item.offer.sha256))) continue;
      // The very version that is there offers it, and nothing newer takes its place.
      if (able.some((item) => isInstalledEverywhere(item.offer, installed))) continue;
      const best = chooseProvider(
        able.map((item) => item.offer),
        demand.name,
        offer.arch,
      );
      if (best === null) unmet.add(`${offer.name} ${offer.version}: ${textOf(demand)}`);
      else if (additions.length < MAX_ADDITIONS) {
        carried.set(best.sha256, best);
        additions.push(best);
        queue.push(best);
      }
    }
  }
  return { additions: additions.sort(byName), unmet: [...unmet].sort() };
}

/** Demands of every installed version of a package, known as far as the index still lists those versions. */
function demandsOfInstalled(
  offer: RpmOffer,
  installed: InstalledByName,
  before: ReadonlyMap<string, RpmOffer>,
): ReadonlySet<string> {
  const sets = (installed.get(offer.name) ?? [])
    .filter((item) => item.arch === offer.arch)
    .map((item) => before.get(`${offer.name} ${item.arch} ${item.version}`));
  if (sets.length === 0 || sets.includes(undefined)) return new Set();
  const keys = sets.map((record) => new Set((record?.requires ?? []).map(keyOf)));
  return keys.reduce((common, next) => new Set([...common].filter((key) => next.has(key))));
}

const keyOf = (capability: Capability): string =>
  `${capability.name} ${capability.flag ?? ''} ${capability.version}`;
const textOf = ({ name, flag, version }: Capability): string =>
  flag === null ? name : `${name} ${flag} ${version}`;

function isInstalledEverywhere(offer: RpmOffer, installed: InstalledByName): boolean {
  return (installed.get(offer.name) ?? []).some(
    (item) =>
      item.everywhere && item.arch === offer.arch && compareRpmVersions(item.version, offer.version) === 0,
  );
}

const meetsInstalled = (item: { readonly version: string }, demand: Capability): boolean =>
  satisfies({ name: demand.name, flag: 'EQ', version: item.version }, demand);

const meets = (item: { readonly name: string; readonly version: string }, bound: Capability): boolean =>
  satisfies({ name: item.name, flag: 'EQ', version: item.version }, bound);

/** Whether what is offered lies within what is asked for. An offer without a version meets demands without one. */
function satisfies(provided: Capability, demand: Capability): boolean {
  if (demand.flag === null) return true;
  if (provided.flag === null) return false;
  const order = compareToRpmBound(provided.version, demand.version);
  switch (demand.flag) {
    case 'EQ':
      return order === 0;
    case 'GE':
      return order >= 0 || provided.flag === 'GE' || provided.flag === 'GT';
    case 'GT':
      return order > 0 || provided.flag === 'GE' || provided.flag === 'GT';
    case 'LE':
      return order <= 0 || provided.flag === 'LE' || provided.flag === 'LT';
    case 'LT':
      return order < 0 || provided.flag === 'LE' || provided.flag === 'LT';
  }
}

/** As dnf would by rule of thumb: of the demanded name first, of the same architecture, the shortest name, the newest. */
function chooseProvider(able: readonly RpmOffer[], name: string, arch: string): RpmOffer | null {
  const rank = (offer: RpmOffer): number =>
    (offer.name === name ? 0 : 2) + (offer.arch === arch || offer.arch === 'noarch' ? 0 : 1);
  return (
    able.toSorted(
      (a, b) =>
        rank(a) - rank(b) ||
        a.name.length - b.name.length ||
        (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
        compareRpmVersions(b.version, a.version),
    )[0] ?? null
  );
}

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const byName = (a: RpmOffer, b: RpmOffer): number =>
  `${a.name}\0${a.arch}\0${a.version}` < `${b.name}\0${b.arch}\0${b.version}` ? -1 : 1;
