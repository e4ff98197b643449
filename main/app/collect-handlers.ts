import { createHash } from 'node:crypto';
import { basename, isAbsolute, join } from 'node:path';
import type { z } from 'zod';
import {
  BuiltBundle,
  CollectSources,
  type BuildBundle,
  type CollectView,
  type NeedsListView,
} from '../../contract/collect.ts';
import { ContractError } from '../../contract/errors.ts';
import type { NeedsListRow } from '../catalogue/collect-store.ts';
import type { BuildOptions, BuildResult } from '../collect/build-bundle.ts';
import { mergeNeedsLists, parseNeedsList, type NeedsList } from '../core/needs-list.ts';
import type { Handlers } from './dispatch.ts';
import type { CallContext, Services } from './services.ts';

type CollectHandlers = Pick<Handlers, Extract<keyof Handlers, `collect.${string}`>>;

const NO_SOURCES: CollectSources = {
  mirrors: [],
  keyring: null,
  advisoriesFile: null,
  downloadFolder: null,
};

export const collectHandlers: CollectHandlers = {
  'collect.get': (_input, { services }) => viewOf(services),
  'collect.createKeys': async (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.folder);
    const { fingerprint } = await services.collector.createKeys({
      dir: input.folder,
      passphrase: input.passphrase,
      now: services.now(),
    });
    context.commit({ folder: input.folder, fingerprint }, () =>
      services.site.putSetting('collect.keys', input.folder),
    );
    tell(services);
    return viewOf(services);
  },
  'collect.useKeys': (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.folder);
    const { problem, fingerprint } = services.collector.describeKeys(input.folder);
    if (problem !== null) {
      throw new ContractError('CONTRACT_NOT_FOUND', `${input.folder}: ${problem}`, {
        hint: 'Choose the folder that the keys were made in.',
      });
    }
    context.commit({ folder: input.folder, fingerprint: fingerprint ?? '' }, () =>
      services.site.putSetting('collect.keys', input.folder),
    );
    tell(services);
    return viewOf(services);
  },
  'collect.setSources': (input, context) => {
    const { services } = context;
    for (const file of [input.keyring, input.advisoriesFile, input.downloadFolder]) {
      if (file !== null) mustBeAbsolute(file);
    }
    context.commit({ mirrors: input.mirrors.map(({ root }) => root).join(' ') }, () =>
      services.site.putSetting('collect.sources', JSON.stringify(input)),
    );
    tell(services);
    return viewOf(services);
  },

  'collect.needs': async (_input, { services }) => {
    const describe = await describer(services);
    return services.collected.listNeedsLists().map(describe);
  },
  'collect.openNeeds': async (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.file);
    const text = services.collector.readNeedsFile(input.file);
    parseNeedsList(text);
    const row: NeedsListRow = {
      id: createHash('sha256').update(text).digest('hex'),
      name: basename(input.file).replace(/\.json$/i, ''),
      openedAt: services.now(),
      openedBy: context.person().name,
      text,
    };
    context.commit({ name: row.name, sha256: row.id }, () => services.collected.putNeedsList(row));
    tell(services);
    return (await describer(services))(row);
  },
  'collect.dropNeeds': (input, context) => {
    const { services } = context;
    context.commit({ sha256: input.id }, () => {
      if (services.collected.dropNeedsList(input.id)) return;
      throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such needs-list here.');
    });
    tell(services);
    return {};
  },

  'collect.build': (input, context) => ({ operationId: beginBuild(context, input) }),
  'collect.built': (_input, { services }) =>
    services.collected.listBuilt().map((record) => BuiltBundle.parse(JSON.parse(record))),
};

function beginBuild(context: CallContext, input: z.output<typeof BuildBundle>): string {
  const { services } = context;
  mustBeAbsolute(input.folder);
  // Two builds at once would both be right, but only one person's wait: and numbers are written by one at a time.
  services.lease.acquire();
  const keysDir = services.site.getSetting('collect.keys');
  if (keysDir === null) {
    throw new ContractError('CONTRACT_NOT_FOUND', 'Nobody said yet which keys sign the bundle.', {
      hint: 'Make signing keys, or choose the folder that has them.',
    });
  }
  const rows = input.needs.map((id) => {
    const row = services.collected.listNeedsLists().find((candidate) => candidate.id === id);
    if (row === undefined) throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such needs-list here.');
    return row;
  });
  const options = buildOptions(services, input, keysDir, mergeNeedsLists(rows.map(read)));
  const builtBy = context.person().name;
  return services.operations.begin(
    'collect',
    `Build a bundle in ${input.folder}`,
    async (report, signal) => {
      const result = await services.collector.build(
        options,
        ({ phase, done, total }) =>
          report({
            activity: ACTIVITIES[phase] ?? phase,
            step: phase,
            // A kind of content that the lists do not ask for has nothing to count.
            ...(total > 0 ? { done, total } : {}),
            unit: phase === 'packages' || phase === 'writing' ? 'bytes' : 'items',
          }),
        signal,
      );
      const built = describeBuilt(
        result,
        builtBy,
        rows.map((row) => row.name),
      );
      context.commit({ bundle: `${built.stream}/${built.seq}`, manifest: built.manifestSha256 }, () =>
        services.collected.insertBuilt({
          root: built.fingerprint,
          stream: built.stream,
          seq: built.seq,
          record: JSON.stringify(built),
        }),
      );
      tell(services);
      return built;
    },
    BUILD_STEPS,
  );
}

const ACTIVITIES: Readonly<Record<string, string>> = {
  indexes: 'Reading the vendor’s signed indexes',
  packages: 'Fetching packages',
  changelogs: 'Reading changelogs',
  writing: 'Writing the bundle',
};
const BUILD_STEPS = ['indexes', 'packages', 'changelogs', 'writing'] as const;

function buildOptions(
  services: Services,
  input: z.output<typeof BuildBundle>,
  keysDir: string,
  needs: NeedsList,
): BuildOptions {
  const { mirrors, keyring, advisoriesFile, downloadFolder } = sourcesOf(services);
  return {
    needs,
    outDir: input.folder,
    keysDir,
    passphrase: input.passphrase,
    now: services.now(),
    mirrors: byRoot(mirrors),
    full: input.full,
    ...(keyring === null ? {} : { keyring }),
    ...(advisoriesFile === null ? {} : { risk: { advisories: [advisoriesFile] } }),
    ...(downloadFolder === null ? {} : { downloadDir: downloadFolder }),
  };
}

function describeBuilt(result: BuildResult, builtBy: string, needs: readonly string[]): BuiltBundle {
  return {
    stream: result.stream,
    seq: result.seq,
    base: result.base,
    folder: result.outDir,
    createdAt: result.createdAt,
    builtBy,
    manifestSha256: result.manifestSha256,
    fingerprint: result.fingerprint,
    objects: result.objects,
    bytes: result.bytes,
    upgrades: result.upgrades,
    additions: result.additions,
    alreadyHeld: result.alreadyHeld,
    heldBytes: result.heldBytes,
    advisories: result.advisories,
    cves: result.cves,
    repositories: result.repositories.map(({ root, suite, releaseDate, validUntil, signedBy }) => ({
      root,
      suite,
      releaseDate,
      validUntil,
      signedBy: [...signedBy],
    })),
    missing: result.missing.map(({ path, reason }) => ({ path, reason })),
    unmet: [...result.unmet],
    needs: [...needs],
  };
}

async function viewOf(services: Services): Promise<CollectView> {
  const folder = services.site.getSetting('collect.keys');
  return {
    keys: folder === null ? null : { folder, ...services.collector.describeKeys(folder) },
    sources: sourcesOf(services),
    defaults: {
      keyring: '/usr/share/keyrings/debian-archive-keyring.gpg',
      downloadFolder: folder === null ? null : join(folder, 'downloads'),
    },
    apt: [...(await services.collector.readAptTargets())],
  };
}

function sourcesOf({ site }: Services): CollectSources {
  const stored = site.getSetting('collect.sources');
  return stored === null ? NO_SOURCES : CollectSources.parse(JSON.parse(stored));
}

const byRoot = (mirrors: CollectSources['mirrors']): Record<string, string> =>
  Object.fromEntries(mirrors.map(({ root, address }) => [root, address]));

const read = (row: NeedsListRow): NeedsList => parseNeedsList(row.text);

async function describer(services: Services): Promise<(row: NeedsListRow) => NeedsListView> {
  const targets = await services.collector.readAptTargets();
  const mirrors = byRoot(sourcesOf(services).mirrors);
  return (row) => {
    const list = read(row);
    return {
      id: row.id,
      name: row.name,
      openedAt: row.openedAt,
      openedBy: row.openedBy,
      createdAt: list.createdAt,
      platforms: list.platforms.map((platform) => ({
        distribution: platform.distribution.id,
        codename: platform.distribution.codename,
        architecture: platform.architecture,
        packages: platform.packages.length,
        repositories: platform.repositories.map((repository) => ({
          root: repository.root,
          suite: repository.suite,
          components: [...repository.components],
          address: services.collector.addressOf(repository, mirrors, targets),
        })),
      })),
      holdings:
        list.holdings === null
          ? null
          : {
              stream: list.holdings.stream,
              seq: list.holdings.seq,
              objects: list.holdings.objects.length,
            },
    };
  };
}

function mustBeAbsolute(path: string): void {
  if (isAbsolute(path)) return;
  throw new ContractError('CONTRACT_INPUT_INVALID', `${path} does not say where it lies from the root on.`, {
    hint: 'Write the whole path, or choose it.',
  });
}

function tell(services: Services): void {
  services.publish({ kind: 'changed', area: 'collect', id: null });
}
