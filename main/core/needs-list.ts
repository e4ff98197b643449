import { z } from 'zod';
import { CollectError } from '../../contract/errors.ts';
import { isHeld, isPresent } from './apt/inventory.ts';
import type { Inventory } from './inventory.ts';
import { rpmRepositories } from './rpm/repositories.ts';
import { ARCHITECTURES } from './windows/update-list.ts';

/**
 * The needs-list: what the site asks the connected side to bring. It names platforms and packages, never endpoints:
 * no address, no host name, no count of machines.
 */

const word = z
  .string()
  .min(1)
  .max(256)
  .regex(/^[A-Za-z0-9][A-Za-z0-9+.:~^_-]*$/);
const pathSegments = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const whole = z.number().int().nonnegative();

const repositoryRefSchema = z.strictObject({
  /** The last part of a mirror's base address: `debian`, `debian-security`. */
  root: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9.-]*$/),
  /** Path below `dists/`; of an RPM repository the path of the folder that holds `repodata`. */
  suite: pathSegments,
  /** Empty for RPM repositories, which have none. */
  components: z.array(pathSegments).max(32),
});

const neededPackageSchema = z.strictObject({
  name: word,
  arch: word,
  version: word,
  source: word,
  sourceVersion: word,
  /** Installed, in some version, on every endpoint of the platform. */
  everywhere: z.boolean(),
  /** On hold on at least one endpoint. */
  held: z.boolean(),
});

const platformSchema = z
  .strictObject({
    /** Package manager; `apt` where it is not said. */
    kind: z.enum(['apt', 'dnf']).optional(),
    distribution: z.strictObject({ id: word, codename: word }),
    architecture: word,
    repositories: z.array(repositoryRefSchema).min(1).max(64),
    packages: z.array(neededPackageSchema).max(200_000),
    /** Streams of modules that some endpoint has enabled: `nodejs:18`. */
    modules: z.array(z.string().max(256)).max(4_096).optional(),
    /** The newest version of every package of the repositories, whatever is installed: where no needs-list may leave. */
    everything: z.boolean().optional(),
  })
  .refine(
    (platform) => platform.kind === 'dnf' || platform.repositories.every((ref) => ref.components.length > 0),
    { path: ['repositories'], error: 'a repository of this kind has components' },
  );

/** Windows machines of one build, architecture and set of products. Nothing fills it yet but a person's own file. */
const windowsPlatformSchema = z.strictObject({
  /** `10.0.19045.3803` */
  build: z.string().regex(/^\d{1,5}\.\d{1,5}\.\d{1,6}\.\d{1,9}$/),
  architecture: z.enum(ARCHITECTURES),
  /** As Microsoft's scan file names them: `Windows Server 2019`. */
  products: z.array(z.string().min(1).max(200)).min(1).max(256),
  /** Articles installed on every endpoint of the platform: `KB5034122`. */
  installed: z.array(z.string().regex(/^KB\d{5,8}$/)).max(10_000),
});

const holdingsSchema = z.strictObject({
  stream: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  /** Newest bundle imported; 0 before the first. */
  seq: whole,
  /** Versions of the signed metadata that the site has accepted: the next must be higher. */
  roles: z.strictObject({ root: whole, timestamp: whole, snapshot: whole, targets: whole }),
  /** Objects in the site's content store, which the next bundle may leave out. */
  objects: z.array(sha256).max(1_000_000),
});

const needsListSchema = z.strictObject({
  format: z.literal('sallyport-needs-list/1'),
  createdAt: z.iso.datetime(),
  platforms: z.array(platformSchema).max(256),
  windows: z.array(windowsPlatformSchema).max(256).optional(),
  holdings: holdingsSchema.nullable(),
});
const neededSchema = needsListSchema.refine(
  (list) => list.platforms.length + (list.windows?.length ?? 0) > 0,
  'it names no platform',
);

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

export type RepositoryRef = DeepReadonly<z.infer<typeof repositoryRefSchema>>;
export type NeededPackage = DeepReadonly<z.infer<typeof neededPackageSchema>>;
export type NeededPlatform = DeepReadonly<z.infer<typeof platformSchema>>;
export type NeededWindows = DeepReadonly<z.infer<typeof windowsPlatformSchema>>;
export type Holdings = DeepReadonly<z.infer<typeof holdingsSchema>>;
export type NeedsList = DeepReadonly<z.infer<typeof needsListSchema>>;

/** The vendor's own repositories for a release: what a fresh installation of it is set up with. Empty when unknown. */
export function defaultRepositories(
  distribution: { readonly id: string; readonly codename: string },
  arch = '',
): readonly RepositoryRef[] {
  const rpm = rpmRepositories(distribution, arch);
  if (rpm.length > 0) return rpm;
  if (distribution.id !== 'debian' || !/^[a-z]+$/.test(distribution.codename)) return [];
  const { codename } = distribution;
  return [
    { root: 'debian', suite: codename, components: ['main'] },
    { root: 'debian', suite: `${codename}-updates`, components: ['main'] },
    { root: 'debian-security', suite: `${codename}-security`, components: ['main'] },
  ];
}

/**
 * Sums up inventories: one platform for each distribution, codename and architecture.
 *
 * @param repositoriesOf which repositories the endpoints of a platform take their packages from; endpoints whose
 *   platform has none are left out, and are returned by name of their platform
 */
export function makeNeedsList(options: {
  readonly createdAt: string;
  readonly inventories: readonly Inventory[];
  readonly holdings: Holdings | null;
  readonly repositoriesOf?: (
    distribution: { id: string; codename: string },
    arch: string,
  ) => readonly RepositoryRef[];
}): { readonly list: NeedsList; readonly leftOut: readonly string[] } {
  const repositoriesOf = options.repositoriesOf ?? defaultRepositories;
  const groups = new Map<string, Inventory[]>();
  const leftOut = new Set<string>();
  for (const inventory of options.inventories) {
    const distribution = { id: inventory.distribution, codename: inventory.codename };
    const key = `${distribution.id} ${distribution.codename} ${inventory.arch}`;
    if (repositoriesOf(distribution, inventory.arch).length === 0) leftOut.add(key);
    else groups.set(key, [...(groups.get(key) ?? []), inventory]);
  }
  const platforms = [...groups.keys()].sort().map((key): NeededPlatform => {
    const inventories = groups.get(key) ?? [];
    const first = inventories[0];
    if (first === undefined) throw new Error('a group has at least one inventory');
    const distribution = { id: first.distribution, codename: first.codename };
    const modules = new Set(inventories.flatMap((inventory) => inventory.modules?.enabled ?? []));
    return {
      // Not said of apt, so that a list of Debian endpoints alone is one that older builders read.
      ...(first.platform === 'dnf' ? { kind: 'dnf' as const, modules: [...modules].sort() } : {}),
      distribution,
      architecture: first.arch,
      repositories: repositoriesOf(distribution, first.arch),
      packages: collectPackages(inventories),
    };
  });
  if (platforms.length === 0) {
    throw new CollectError(
      'COLLECT_NEEDS_LIST_INVALID',
      'There is no scanned endpoint to make a needs-list from.',
      {
        hint: 'Scan at least one endpoint of a supported distribution, then export the needs-list again.',
      },
    );
  }
  return {
    list: {
      format: 'sallyport-needs-list/1',
      createdAt: options.createdAt,
      platforms,
      holdings: options.holdings,
    },
    leftOut: [...leftOut].sort(),
  };
}

function collectPackages(inventories: readonly Inventory[]): NeededPackage[] {
  const rows = new Map<string, NeededPackage>();
  const endpointsByName = new Map<string, number>();
  for (const inventory of inventories) {
    const held = new Set(inventory.held);
    const names = new Set<string>();
    for (const item of inventory.packages) {
      if (!isPresent(item.status)) continue;
      const key = `${item.name} ${item.arch} ${item.version}`;
      const isOnHold = held.has(item.name) || held.has(`${item.name}:${item.arch}`) || isHeld(item.status);
      names.add(`${item.name} ${item.arch}`);
      rows.set(key, {
        name: item.name,
        arch: item.arch,
        version: item.version,
        source: item.source,
        sourceVersion: item.sourceVersion,
        everywhere: false,
        held: isOnHold || rows.get(key)?.held === true,
      });
    }
    for (const name of names) endpointsByName.set(name, (endpointsByName.get(name) ?? 0) + 1);
  }
  return [...rows.values()].sort(byRow).map((row) => ({
    ...row,
    everywhere: endpointsByName.get(`${row.name} ${row.arch}`) === inventories.length,
  }));
}

/**
 * Joins lists, for media that serve several sites. What all of them hold may be left out; a package counts as
 * installed everywhere only if it is so in every list that has the platform.
 */
export function mergeNeedsLists(lists: readonly NeedsList[]): NeedsList {
  const first = lists[0];
  if (first === undefined)
    throw new CollectError('COLLECT_NEEDS_LIST_INVALID', 'There is no needs-list to read.');
  if (lists.length === 1) return first;
  const groups = new Map<string, NeededPlatform[]>();
  for (const platform of lists.flatMap((list) => list.platforms)) {
    const key = `${platform.distribution.id} ${platform.distribution.codename} ${platform.architecture}`;
    groups.set(key, [...(groups.get(key) ?? []), platform]);
  }
  const platforms = [...groups.keys()].sort().flatMap((key) => mergePlatforms(groups.get(key) ?? []));
  return {
    format: 'sallyport-needs-list/1',
    createdAt:
      lists
        .map((list) => list.createdAt)
        .sort()
        .at(-1) ?? first.createdAt,
    platforms,
    ...mergeWindows(lists),
    holdings: mergeHoldings(lists),
  };
}

/** Platforms that differ in nothing but what is installed become one, with what all of them have. */
function mergeWindows(lists: readonly NeedsList[]): Pick<NeedsList, 'windows'> {
  const merged = new Map<string, NeededWindows>();
  for (const platform of lists.flatMap((list) => list.windows ?? [])) {
    const products = platform.products.toSorted();
    const key = JSON.stringify([platform.build, platform.architecture, products]);
    const known = merged.get(key);
    const installed = platform.installed.filter((kb) => known === undefined || known.installed.includes(kb));
    merged.set(key, { ...platform, products, installed: installed.toSorted() });
  }
  if (merged.size === 0) return {};
  return { windows: [...merged.keys()].sort().flatMap((key) => merged.get(key) ?? []) };
}

function mergePlatforms(platforms: readonly NeededPlatform[]): NeededPlatform[] {
  const first = platforms[0];
  if (first === undefined) return [];
  const nameOf = (item: NeededPackage): string => `${item.name} ${item.arch}`;
  const everywhere = platforms.map((p) => new Set(p.packages.filter((item) => item.everywhere).map(nameOf)));
  const rows = new Map<string, NeededPackage>();
  for (const item of platforms.flatMap((p) => p.packages)) {
    const key = `${nameOf(item)} ${item.version}`;
    const isEverywhere = everywhere.every((names) => names.has(nameOf(item)));
    rows.set(key, { ...item, everywhere: isEverywhere, held: item.held || rows.get(key)?.held === true });
  }
  const repositories = new Map<string, RepositoryRef>();
  for (const ref of platforms.flatMap((p) => p.repositories)) {
    const key = `${ref.root} ${ref.suite}`;
    const components = new Set([...(repositories.get(key)?.components ?? []), ...ref.components]);
    repositories.set(key, { ...ref, components: [...components].sort() });
  }
  const modules = new Set(platforms.flatMap((p) => p.modules ?? []));
  return [
    {
      ...first,
      ...(first.kind === 'dnf' ? { modules: [...modules].sort() } : {}),
      ...(platforms.some((p) => p.everything === true) ? { everything: true } : {}),
      repositories: [...repositories.values()],
      packages: [...rows.values()].sort(byRow),
    },
  ];
}

function mergeHoldings(lists: readonly NeedsList[]): Holdings | null {
  const all = lists.map((list) => list.holdings);
  const first = all[0];
  if (first === undefined || first === null) return null;
  let objects = new Set(first.objects);
  let { seq } = first;
  const roles = { ...first.roles };
  for (const other of all.slice(1)) {
    if (other === null || other.stream !== first.stream) return null;
    const theirs = new Set(other.objects);
    objects = new Set([...objects].filter((object) => theirs.has(object)));
    seq = Math.min(seq, other.seq);
    for (const role of ['root', 'timestamp', 'snapshot', 'targets'] as const) {
      roles[role] = Math.max(roles[role], other.roles[role]);
    }
  }
  return { stream: first.stream, seq, roles, objects: [...objects].sort() };
}

/** @throws CollectError COLLECT_NEEDS_LIST_INVALID, naming the first field that is wrong */
export function parseNeedsList(text: string): NeedsList {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CollectError('COLLECT_NEEDS_LIST_INVALID', 'The needs-list is not JSON.', { cause: error });
  }
  const parsed = neededSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? 'its top level' : issue.path.join('.');
    throw new CollectError(
      'COLLECT_NEEDS_LIST_INVALID',
      `The needs-list is malformed at ${where}: ${issue?.message ?? ''}`,
      {
        hint: 'Export it again at the site with a Sallyport of the same version.',
      },
    );
  }
  return parsed.data;
}

/** The text form: JSON of one line a package, so that people can read and compare lists. */
export function formatNeedsList(list: NeedsList): string {
  return `${JSON.stringify(list, null, 1)}\n`;
}

function byRow(a: NeededPackage, b: NeededPackage): number {
  const left = `${a.name}\0${a.arch}\0${a.version}`;
  const right = `${b.name}\0${b.arch}\0${b.version}`;
  return left < right ? -1 : left > right ? 1 : 0;
}
