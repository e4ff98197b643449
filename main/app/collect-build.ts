import type { z } from 'zod';
import {
  BuiltBundle,
  type BuildBundle,
  type CollectSources,
  type WriteToMedium,
} from '../../contract/collect.ts';
import { ContractError } from '../../contract/errors.ts';
import type { BuildOptions, BuildResult } from '../collect/build-bundle.ts';
import { mergeNeedsLists } from '../core/needs-list.ts';
import { byRoot, keysFolder, readNeeds, sourcesOf, tellCollect } from './collect-settings.ts';
import type { CallContext, Services } from './services.ts';
import { ENGINE_VERSION } from './version.ts';

/** One bundle in the Collect workspace, from what was asked to what is remembered of it. */

/** Begins the build. @returns the id of the operation */
export function beginBuild(context: CallContext, input: z.output<typeof BuildBundle>): string {
  const { services } = context;
  // Two builds at once would both be right, but only one person's wait: and numbers are written by one at a time.
  services.lease.acquire();
  const keysDir = keysFolder(services);
  const rows = input.needs.map((id) => {
    const row = services.collected.listNeedsLists().find((candidate) => candidate.id === id);
    if (row === undefined) throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such needs-list here.');
    return row;
  });
  const needs = mergeNeedsLists(rows.map((row) => readNeeds(row).list));
  const builtBy = context.person().name;
  const sources = sourcesOf(services);
  const options = {
    ...optionsOf(input),
    ...optionsOfSources(sources),
    needs,
    keysDir,
    now: services.now(),
    builtBy,
  };
  return services.operations.begin(
    'collect',
    `Build a bundle in ${input.folder}`,
    async (report, signal) => {
      const result = await services.collector.build(
        options,
        sources.proxy,
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
      const names = rows.map((row) => row.name);
      const built = describeBuilt(result, { builtBy, needs: names, site: input.site });
      context.commit({ bundle: `${built.stream}/${built.seq}`, manifest: built.manifestSha256 }, () =>
        services.collected.insertBuilt({
          root: built.fingerprint,
          stream: built.stream,
          seq: built.seq,
          record: JSON.stringify(built),
        }),
      );
      tellCollect(services);
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

type FromInput = Omit<BuildOptions, 'needs' | 'keysDir' | 'now'>;

function optionsOf(input: z.output<typeof BuildBundle>): FromInput {
  const { site, stream, volumeBytes, partBytes } = input;
  return {
    outDir: input.folder,
    passphrase: input.passphrase,
    full: input.full,
    appVersion: ENGINE_VERSION,
    ...(site === null ? {} : { site }),
    ...(stream === null ? {} : { stream }),
    ...(volumeBytes === null ? {} : { volumeBytes }),
    ...(partBytes === null ? {} : { partBytes }),
  };
}

function optionsOfSources(sources: CollectSources): Partial<BuildOptions> {
  const { keyring, microsoft, kev, epss, downloadFolder } = sources;
  return {
    mirrors: byRoot(sources.mirrors),
    vendorKeys: sources.vendorKeys,
    unsignedRoots: sources.unsignedRoots,
    risk: {
      advisories: sources.advisories,
      ...(kev === null ? {} : { kev }),
      ...(epss === null ? {} : { epss }),
    },
    ...(keyring === null ? {} : { keyring }),
    ...(microsoft === null ? {} : { microsoft }),
    ...(downloadFolder === null ? {} : { downloadDir: downloadFolder }),
  };
}

function describeBuilt(
  result: BuildResult,
  asked: { readonly builtBy: string; readonly needs: readonly string[]; readonly site: string | null },
): BuiltBundle {
  return {
    stream: result.stream,
    seq: result.seq,
    base: result.base,
    folder: result.outDir,
    volumes: [...result.volumes],
    site: asked.site,
    createdAt: result.createdAt,
    builtBy: asked.builtBy,
    manifestSha256: result.manifestSha256,
    fingerprint: result.fingerprint,
    objects: result.objects,
    bytes: result.bytes,
    upgrades: result.upgrades,
    additions: result.additions,
    alreadyHeld: result.alreadyHeld,
    heldBytes: result.heldBytes,
    pruned: { files: result.pruned.files, bytes: result.pruned.bytes },
    advisories: result.advisories,
    cves: result.cves,
    repositories: result.repositories.map(({ root, suite, releaseDate, validUntil, signedBy }) => ({
      root,
      suite,
      releaseDate,
      validUntil,
      signedBy: [...signedBy],
    })),
    feeds: result.feeds.map(({ feed, version, date }) => ({ feed, version, date })),
    missing: result.missing.map(({ path, reason }) => ({ path, reason })),
    unmet: [...result.unmet],
    withoutChangelog: [...result.withoutChangelog],
    needs: [...asked.needs],
  };
}

/** Every bundle that was built here, newest first. */
export const listBuilt = (services: Services): BuiltBundle[] =>
  services.collected.listBuilt().map((record) => BuiltBundle.parse(JSON.parse(record)));

/** Begins to copy a bundle onto a medium. @returns the id of the operation */
export function beginWriting(context: CallContext, input: z.output<typeof WriteToMedium>): string {
  const { services } = context;
  const { manifestSha256, volume, folder } = input;
  const built = listBuilt(services).find((bundle) => bundle.manifestSha256 === manifestSha256);
  const source = built?.volumes[volume - 1] ?? (volume === 1 ? built?.folder : undefined);
  if (built === undefined || source === undefined) {
    throw new ContractError('CONTRACT_NOT_FOUND', 'No such bundle, or no such medium of it, was built here.');
  }
  const id = `${built.stream}/${built.seq}`;
  return services.operations.begin('collect', `Write ${id} to ${folder}`, async (report, signal) => {
    const written = await services.collector.copyBundle(
      source,
      folder,
      (done, total) => report({ activity: `Writing to ${folder}`, done, total, unit: 'bytes' }),
      signal,
    );
    context.commit({ bundle: id, volume: String(volume), folder }, () => undefined);
    return { ...written };
  });
}
