import { writeFileSync } from 'node:fs';
import type { InputOf } from '../../contract/channels.ts';
import { ContractError } from '../../contract/errors.ts';
import { MACHINE_KEYRINGS } from '../bundle/check-vendor-signatures.ts';
import { importBundle, type ImportReport } from '../bundle/import-bundle.ts';
import { inspectBundle, readOfferedRoot } from '../bundle/inspect-bundle.ts';
import { identifyMedium, listMedia, type DetectedMedium } from '../bundle/media-detection.ts';
import { pinRoot, rootFingerprint } from '../bundle/trust-root.ts';
import { agentsOf } from '../core/bundle/agents.ts';
import { initialTrust } from '../core/bundle/trust.ts';
import type { CarriedBy, MediumIdentity } from '../core/bundle/custody.ts';
import { checkOwnRoot } from '../core/bundle/verify.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { formatNeedsList, makeNeedsList } from '../core/needs-list.ts';
import type { ParsedInputOf } from '../../contract/channels.ts';
import type { PatchQuery } from '../catalogue/catalogue-store.ts';
import type { Handlers } from './dispatch.ts';
import { importProgress, IMPORT_STEPS } from './import-steps.ts';
import type { OperationProgress, OperationResult } from './operations.ts';
import { NO_CUSTODY, presentBundle } from './present-bundles.ts';
import { presentRisk } from './present-risk.ts';
import { pinVendorKey } from './pin-vendor-key.ts';
import type { CallContext, Services } from './services.ts';
import { noticeAgents, noticeBundle } from './site-notices.ts';
import { beginVerify } from './verify-media.ts';
import { ENGINE_VERSION } from './version.ts';

type CatalogueHandlers = Pick<
  Handlers,
  | 'trust.get'
  | 'trust.pinRoot'
  | 'bundles.inspect'
  | 'bundles.verify'
  | 'bundles.import'
  | 'bundles.list'
  | 'media.list'
  | 'packs.media'
  | 'vendorKeys.list'
  | 'vendorKeys.pin'
  | 'catalogue.search'
  | 'catalogue.facets'
  | 'catalogue.endpointsOf'
  | 'needsList.export'
>;

export const catalogueHandlers: CatalogueHandlers = {
  'trust.get': (_input, { services }) => trustView(services),
  'trust.pinRoot': (input, context) => {
    const { services } = context;
    const offered = readOfferedRoot(input.folder);
    context.commit({ fingerprint: offered.fingerprint, version: String(offered.version) }, () =>
      pinRoot({
        catalogue: services.imports,
        rootBytes: offered.bytes,
        fingerprint: input.fingerprint,
        by: context.person().name,
        now: services.now(),
      }),
    );
    services.publish({ kind: 'changed', area: 'catalogue', id: null });
    return trustView(services);
  },
  'bundles.inspect': (input, { services }) => {
    const offered = readOfferedRoot(input.folder);
    const pinned = services.imports.loadTrust();
    // Before a root is pinned the medium is judged by its own: good enough to show, never to import.
    const trust = pinned ?? initialTrust(offered);
    const read = inspectBundle({ mediaDir: input.folder, trust, now: services.now() });
    const id = `${read.bundle.stream}/${read.bundle.seq}`;
    const imported = services.catalogue.listBundles().find((bundle) => bundle.id === id);
    return {
      bundle: {
        id,
        stream: read.bundle.stream,
        seq: read.bundle.seq,
        createdAt: read.bundle.createdAt,
        importedAt: imported?.importedAt ?? null,
        importedBy: imported?.importedBy ?? null,
        objects: read.objects,
        bytes: read.bytes,
        manifestSha256: read.bundle.manifestSha256,
        signatures: read.signatures.map((signature) => ({ ...signature })),
        // What the repositories hold is inside the content, which is read only when it is imported.
        repositories: [],
        missing: [],
        custody: NO_CUSTODY,
      },
      rootFingerprint: offered.fingerprint,
      trusted: pinned !== null,
      alreadyImported: imported !== undefined,
      agents: agentsOf(read.manifest.objects),
      volume: read.volume,
      volumes: read.volumes,
    };
  },
  'bundles.verify': (input, context) => ({ operationId: beginVerify(context, input) }),
  'bundles.import': (input, context) => ({ operationId: beginImport(context, input) }),
  'bundles.list': (_input, { services }) => services.catalogue.listBundles().map(presentBundle),
  'vendorKeys.list': (_input, { services }) =>
    services.vendorKeys.list().map(({ bytes: _bytes, ...key }) => key),
  'vendorKeys.pin': (input, context) => pinVendorKey(input, context),
  'media.list': () => listMedia().map((medium) => presentMedium(medium)),
  'packs.media': () => listMedia().map((medium) => presentMedium(medium)),
  'catalogue.search': (input, { services }) => {
    const needed = services.fleet.needs();
    const { total, patches } = services.catalogue.listPatches({
      ...queryOf(input, needed, services.now()),
      ...(input.sort === 'risk' ? { byRisk: needed } : {}),
      limit: input.limit,
      offset: input.offset,
    });
    return {
      total,
      patches: patches.map(({ sourceVersion: _sourceVersion, ...patch }) => ({
        ...patch,
        cves: [...patch.cves],
        advisories: [...patch.advisories],
        risk: presentRisk(services.risk.judge(patch.cves, patch)),
        supersededBy: [...patch.supersededBy],
        supersedes: [...patch.supersedes],
        endpoints: needed.get(patch.id) ?? 0,
      })),
    };
  },
  'catalogue.facets': (input, { services }) =>
    services.catalogue.facetsOf(
      queryOf(input, input.onlyNeeded ? services.fleet.needs() : new Map(), services.now()),
    ),
  'catalogue.endpointsOf': (input, { services }) => [...services.fleet.endpointsNeeding(input.id)],
  'needsList.export': (input, context) => {
    const { services } = context;
    const inventories = services.endpoints
      .list()
      .flatMap((row) => services.findings.inventoryOf(row)?.inventory ?? []);
    const { list } = makeNeedsList({
      createdAt: services.now(),
      inventories,
      holdings: services.catalogue.loadHoldings(),
    });
    const packages = list.platforms.reduce((sum, platform) => sum + platform.packages.length, 0);
    try {
      writeFileSync(input.file, formatNeedsList(list), { flag: 'wx' });
    } catch (error) {
      throw new ContractError('CONTRACT_CONFLICT', `The needs-list cannot be written to ${input.file}.`, {
        hint: 'Choose a file that does not exist yet, in a folder that does.',
        cause: error,
      });
    }
    context.commit({ file: input.file, packages: String(packages) }, () => undefined);
    return { file: input.file, packages };
  },
};

function beginImport(context: CallContext, input: InputOf<'bundles.import'>): string {
  const { services } = context;
  const { folder } = input;
  services.lease.acquire();
  const importedBy = context.person().name;
  const importing = async (
    report: (progress: OperationProgress) => void,
    signal: AbortSignal,
  ): Promise<OperationResult> => {
    const result = await importBundle({
      mediaDir: folder,
      catalogue: services.imports,
      content: services.content,
      now: services.now(),
      importedBy,
      carriedBy: carriedBy(input),
      scanner: services.scanner,
      vendorKeys: { pinned: services.vendorKeys.list(), machineKeyrings: MACHINE_KEYRINGS },
      appVersion: ENGINE_VERSION,
      signal,
      ...(input.reason === undefined ? {} : { acceptStale: input.reason }),
      onProgress: (progress) => report(importProgress(progress)),
      alongside: (done) => recordImport(context, input.carrier, importedBy, done),
    });
    services.publish({ kind: 'changed', area: 'catalogue', id: null });
    services.publish({ kind: 'changed', area: 'endpoints', id: null });
    return { ...result };
  };
  return services.operations.begin('import', `Import the bundle in ${folder}`, importing, IMPORT_STEPS);
}

/** The audit entry and the notices of an import, in its transaction: a bundle is imported once, so what it leaves out stays out. */
function recordImport(
  context: CallContext,
  carrier: string | undefined,
  by: string,
  report: ImportReport,
): void {
  const id = `${report.stream}/${report.seq}`;
  context.commit(
    {
      ...{ bundle: id, manifest: report.manifestSha256, outcome: report.outcome },
      volume: `${report.volume} of ${report.volumes}`,
      ...(carrier === undefined ? {} : { carrier }),
    },
    () => {
      if (report.outcome !== 'imported') return;
      const bundle = { id, key: report.manifestSha256, by };
      noticeBundle(context.services, bundle);
      if (report.agents.length > 0) noticeAgents(context.services, { ...bundle, versions: report.agents });
    },
  );
}

/** The medium as the system knows it. What a person wrote is kept: as its serial where the system has none, else beside its label. */
function carriedBy({ folder, carrier, mediumSerial }: InputOf<'bundles.import'>): CarriedBy {
  const seen = identifyMedium(folder);
  return {
    medium: mediumSerial === undefined ? seen : withWritten(seen, mediumSerial),
    ...(carrier === undefined ? {} : { carrier }),
  };
}

function withWritten(seen: MediumIdentity, written: string): MediumIdentity {
  if (seen.serial === null) return { ...seen, serial: written, serialFrom: 'person' };
  if (seen.serial === written || seen.label === written) return seen;
  return { ...seen, label: seen.label === null ? written : `${seen.label}, ${written}` };
}

const presentMedium = ({ serialFrom: _from, bundle, ...medium }: DetectedMedium) => ({
  ...medium,
  bundle: bundle === null ? null : { ...bundle },
});

function trustView(services: Services) {
  const trust = services.imports.loadTrust();
  const newest = trust?.roots.at(-1);
  if (trust === null || newest === undefined) return { root: null, timeFloor: null };
  const root = checkOwnRoot(newest.bytes, 'root.json', nodeCrypto);
  return {
    root: {
      version: root.version,
      fingerprint: rootFingerprint(newest.bytes),
      expiresAt: root.expires,
      threshold: root.roles.root.threshold,
      keys: root.roles.root.keyids.length,
    },
    timeFloor: trust.timeFloor,
  };
}

function queryOf(
  input: ParsedInputOf<'catalogue.facets'>,
  needed: ReadonlyMap<number, number>,
  now: string,
): Omit<PatchQuery, 'limit' | 'offset'> {
  return {
    search: input.search,
    onlyCarried: input.onlyCarried,
    ...(input.onlyNeeded ? { ids: [...needed.keys()] } : {}),
    narrowing: {
      ecosystems: input.ecosystems,
      severities: input.severities,
      onlySecurity: input.onlySecurity,
      onlyExploited: input.onlyExploited,
      hideSuperseded: input.hideSuperseded,
      ...(input.releasedWithinDays === null
        ? {}
        : { releasedSince: new Date(Date.parse(now) - input.releasedWithinDays * 86_400_000).toISOString() }),
    },
  };
}
