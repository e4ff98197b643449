import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { CollectView, NeedsListView } from '../../contract/collect.ts';
import { ContractError } from '../../contract/errors.ts';
import type { NeedsListRow } from '../catalogue/collect-store.ts';
import { beginBuild, beginWriting, listBuilt } from './collect-build.ts';
import {
  byRoot,
  describeSources,
  keysFolder,
  mustBeAbsolute,
  readNeeds,
  sourcesOf,
  tellCollect,
} from './collect-settings.ts';
import type { Handlers } from './dispatch.ts';
import type { KeyChannel } from './key-handlers.ts';
import type { Services } from './services.ts';

type CollectHandlers = Pick<Handlers, Exclude<Extract<keyof Handlers, `collect.${string}`>, KeyChannel>>;

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
    tellCollect(services);
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
    tellCollect(services);
    return viewOf(services);
  },
  'collect.setSources': (input, context) => {
    const { services } = context;
    const files = [input.keyring, ...input.vendorKeys, input.microsoft, input.downloadFolder];
    const places = [...input.advisories, input.kev, input.epss];
    for (const file of [...files, ...places.filter((place) => place !== null && !isAddress(place))]) {
      if (file !== null) mustBeAbsolute(file);
    }
    context.commit(describeSources(input), () =>
      services.site.putSetting('collect.sources', JSON.stringify(input)),
    );
    tellCollect(services);
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
    const row: NeedsListRow = {
      id: createHash('sha256').update(text).digest('hex'),
      name: basename(input.file).replace(/\.json$/i, ''),
      openedAt: services.now(),
      openedBy: context.person().name,
      text,
    };
    readNeeds(row);
    context.commit({ name: row.name, sha256: row.id }, () => services.collected.putNeedsList(row));
    tellCollect(services);
    return (await describer(services))(row);
  },
  'collect.dropNeeds': (input, context) => {
    const { services } = context;
    context.commit({ sha256: input.id }, () => {
      if (services.collected.dropNeedsList(input.id)) return;
      throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such needs-list here.');
    });
    tellCollect(services);
    return {};
  },

  'collect.build': (input, context) => {
    mustBeAbsolute(input.folder);
    return { operationId: beginBuild(context, input) };
  },
  'collect.built': (_input, { services }) => listBuilt(services),
  'collect.writeToMedium': (input, context) => {
    mustBeAbsolute(input.folder);
    return { operationId: beginWriting(context, input) };
  },
  'collect.register': (_input, { services }) => {
    const folder = services.site.getSetting('collect.keys');
    if (folder === null) return [];
    return services.collector.listRegisters(folder).map(({ site, bundles }) => ({
      site,
      bundles: bundles
        .map(({ stream, seq, base, createdAt, objects, bytes }) => ({
          stream,
          seq,
          base,
          createdAt,
          objects: objects.length,
          bytes,
        }))
        .reverse(),
    }));
  },
  'collect.takeBack': (input, context) => {
    const { services } = context;
    const { site, stream, seq } = input;
    services.lease.acquire();
    const gone = services.collector.takeBack(keysFolder(services), site, stream, seq);
    const takenBack = gone.map((bundle) => `${bundle.stream}/${bundle.seq}`);
    context.commit({ site, bundles: takenBack.join(' ') }, () => undefined);
    tellCollect(services);
    return { takenBack };
  },
};

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

async function describer(services: Services): Promise<(row: NeedsListRow) => NeedsListView> {
  const targets = await services.collector.readAptTargets();
  const mirrors = byRoot(sourcesOf(services).mirrors);
  return (row) => {
    const { kind, list } = readNeeds(row);
    return {
      id: row.id,
      kind,
      name: row.name,
      openedAt: row.openedAt,
      openedBy: row.openedBy,
      createdAt: list.createdAt,
      platforms: list.platforms.map((platform) => ({
        manager: platform.kind ?? 'apt',
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
      windows: (list.windows ?? []).map(({ build, architecture, products, installed }) => ({
        build,
        architecture,
        products: [...products],
        installed: installed.length,
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

/** An advisory may lie on this machine or be fetched. */
const isAddress = (place: string): boolean => /^(?:https?|file):\/\//.test(place);
