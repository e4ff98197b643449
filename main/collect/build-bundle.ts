import { join } from 'node:path';
import { ContractError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { formatAdvisories } from '../core/advisory.ts';
import { composeBundleFiles } from '../core/bundle/compose.ts';
import { formatReport, formatRepositories } from '../core/bundle/contents.ts';
import { DEFAULT_PART_BYTES, planLayout } from '../core/bundle/layout.ts';
import { totalBytes, type Manifest, type ManifestObject, type ObjectClass } from '../core/bundle/manifest.ts';
import { manifestPathOf } from '../core/bundle/reference.ts';
import { formatProvenance, type Provenance } from '../core/bundle/provenance.ts';
import type { NeedsList } from '../core/needs-list.ts';
import { formatRiskList, type RiskFeed } from '../core/risk/risk-list.ts';
import { AgentSource } from './agent-source.ts';
import { AptSource } from './apt-source.ts';
import { collectRisk, CveRegister, type RiskSources } from './collect-risk.ts';
import {
  joinContent,
  type Amount,
  type CollectedContent,
  type CollectedRelease,
  type CollectProgress,
  type ContentSource,
  type MissingFile,
} from './content-source.ts';
import type { DownloadOptions } from './download.ts';
import { downloadPath, keepBytes, type FetchContext } from './fetch-file.ts';
import { MalwareDatabaseSource } from './malware-database-source.ts';
import { MicrosoftSource } from './microsoft-source.ts';
import { makeMirrorFinder, readAptTargets, type AptTarget } from './mirrors.ts';
import {
  DEFAULT_PRUNE_RULES,
  pruneDownloads,
  type PrunedDownloads,
  type PruneRules,
} from './prune-downloads.ts';
import { RpmSource } from './rpm-source.ts';
import { openSigningKeys, readNumbers, writeNumbers } from './signing-keys.ts';
import { SiteRegister } from './site-register.ts';
import { closeOutput, openOutput } from './write-bundle.ts';
import { hashParts, writeVolumes } from './write-volumes.ts';

export interface BuildOptions {
  readonly needs: NeedsList;
  /** New or empty folder. */
  readonly outDir: string;
  readonly keysDir: string;
  readonly passphrase: string;
  /** ISO-8601. */
  readonly now: string;
  readonly stream?: string;
  /** Base address by repository root (`debian-security`); for others this machine's apt is asked. */
  readonly mirrors?: Readonly<Record<string, string>>;
  readonly keyring?: string;
  /** Files with the public keys of vendors of RPM packages, as they publish them. */
  readonly vendorKeys?: readonly string[];
  /** Roots of RPM repositories that are taken though nobody signed them. */
  readonly unsignedRoots?: readonly string[];
  /** Vendors' advisories, known exploitation, likelihoods: what packages themselves don't tell. */
  readonly risk?: RiskSources;
  /** Folder of Microsoft's updates, with `wsusscn2.cab` and what else tells of them. */
  readonly microsoft?: string;
  /** Folder of ClamAV's signature databases. For a needs-list of no platform the bundle is one of the stream `malware`. */
  readonly malwareDatabase?: string;
  /** Folder of packages of our own agent. For a needs-list of no platform the bundle is one of the stream `agent`. */
  readonly agent?: string;
  /** Kept between builds, so that nothing is fetched twice. Default: `downloads` in the folder of the keys. */
  readonly downloadDir?: string;
  /** What it keeps of other builds. Default: what was used within 60 days, however much. */
  readonly prune?: Partial<PruneRules>;
  /** Leave nothing out, also what the site has. */
  readonly full?: boolean;
  /** Whose register is kept: for a site that sends no needs-list, what it was given before is left out. */
  readonly site?: string;
  /** Bytes that fit on one medium; the bundle is spread over as many as it needs. Default: one of any size. */
  readonly volumeBytes?: number;
  /** Larger objects are cut into parts of this many bytes. Default: 1 GiB. */
  readonly partBytes?: number;
  /** Who builds it, for the chain of custody. */
  readonly builtBy?: string;
  /** Version of this Sallyport. */
  readonly appVersion?: string;
  readonly download?: DownloadOptions;
}

/** What sources tell, and bytes written at the end. */
export type BuildProgress =
  CollectProgress | { readonly phase: 'writing'; readonly done: number; readonly total: number };

export interface BuildResult {
  readonly outDir: string;
  /** Folder of each medium; the output itself when there is one. */
  readonly volumes: readonly string[];
  readonly stream: string;
  readonly seq: number;
  readonly base: number;
  readonly createdAt: string;
  readonly manifestSha256: string;
  /** Of the root of trust, for the site to compare. */
  readonly fingerprint: string;
  readonly objects: number;
  readonly bytes: number;
  readonly repositories: readonly CollectedRelease[];
  /** Newer versions of installed packages, and packages they newly depend on. */
  readonly upgrades: number;
  readonly additions: number;
  /** Packages left out because the site has them. */
  readonly alreadyHeld: number;
  /** Bytes of these: what a full bundle would carry beside its own. */
  readonly heldBytes: number;
  /** Packages that came from the sources now; the others lay in the download folder already. */
  readonly downloaded: Amount;
  readonly advisories: number;
  readonly cves: number;
  /** CISA's and FIRST's lists that it carries, with their dates. */
  readonly feeds: readonly RiskFeed[];
  /** Versions of our own agent that it carries. */
  readonly agents: readonly string[];
  /** What the download folder lost after the build. */
  readonly pruned: PrunedDownloads;
  /** Indexed by the vendor, but not to be had. */
  readonly missing: readonly MissingFile[];
  readonly unmet: readonly string[];
  readonly withoutChangelog: readonly string[];
}

const DEFAULT_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Oldest Sallyport that reads this format. */
const MIN_APP = '0.1.0';

/** One for each kind of vendor content. */
const sourcesOf = (options: BuildOptions): readonly ContentSource[] => [
  new AptSource(),
  new RpmSource({ keyFiles: options.vendorKeys ?? [], unsignedRoots: options.unsignedRoots ?? [] }),
  ...(options.microsoft === undefined ? [] : [new MicrosoftSource(options.microsoft)]),
  ...(options.malwareDatabase === undefined ? [] : [new MalwareDatabaseSource(options.malwareDatabase)]),
  ...(options.agent === undefined ? [] : [new AgentSource(options.agent)]),
];

/**
 * Builds a signed bundle for a needs-list: vendor files untouched, just the packages needed, what they fix.
 *
 * @throws CollectError; ContractError CONTRACT_CANCELLED. What was fetched stays in the download folder.
 */
export async function buildBundle(
  options: BuildOptions,
  onProgress: (progress: BuildProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<BuildResult> {
  try {
    return await build(options, onProgress, signal);
  } catch (error) {
    if (signal?.aborted === true && !(error instanceof ContractError)) {
      throw new ContractError('CONTRACT_CANCELLED', 'The build was cancelled. What was fetched is kept.', {
        retry: 'same',
        cause: error,
      });
    }
    throw error;
  }
}

/** Databases, or an agent, alone come apart from patches, and a site that follows them must not miss a number of `main`. */
function usualStream({ needs, malwareDatabase, agent, microsoft }: BuildOptions): string {
  if (needs.platforms.length + (needs.windows?.length ?? 0) > 0) return 'main';
  if (malwareDatabase !== undefined) return 'malware';
  return agent !== undefined && microsoft === undefined ? 'agent' : 'main';
}

const isVendors = (kind: ObjectClass): boolean => ['release', 'index', 'package'].includes(kind);

/** apt takes a second to say what it is set up with: it is asked only where an address is not given. */
async function aptTargetsFor({ needs, mirrors }: BuildOptions): Promise<readonly AptTarget[]> {
  const isKnown = needs.platforms.every(({ repositories }) =>
    repositories.every(({ root }) => mirrors?.[root] !== undefined),
  );
  return isKnown ? [] : readAptTargets();
}

async function build(
  options: BuildOptions,
  onProgress: (progress: BuildProgress) => void,
  signal: AbortSignal | undefined,
): Promise<BuildResult> {
  const keys = await openSigningKeys(options.keysDir, options.passphrase);
  openOutput(options.outDir);
  const context: FetchContext = {
    findMirror: makeMirrorFinder(options.mirrors ?? {}, await aptTargetsFor(options)),
    keyring: options.keyring ?? DEFAULT_KEYRING,
    downloadDir: options.downloadDir ?? join(options.keysDir, 'downloads'),
    now: options.now,
    download: { ...options.download, ...(signal === undefined ? {} : { signal }) },
  };
  const stream = options.stream ?? options.needs.holdings?.stream ?? usualStream(options);
  const holdings = options.needs.holdings?.stream === stream ? options.needs.holdings : null;
  // What a site says that it has is true; what it was given may have been lost on the way.
  const register = options.site === undefined ? null : new SiteRegister(options.keysDir, options.site);
  const given = holdings ?? register?.holdings(stream) ?? null;
  const held = new Set(options.full === true ? [] : (given?.objects ?? []));
  const parts: CollectedContent[] = [];
  for (const source of sourcesOf(options)) {
    parts.push(await source.collect({ needs: options.needs, held, context, onProgress, signal }));
  }
  const content = joinContent(parts);
  const cveRegister = new CveRegister(options.keysDir, stream);
  cveRegister.add([...(content.documentCves ?? [])]);
  const { advisories, risk } = await collectRisk(
    options.risk ?? {},
    options.needs.platforms,
    { advisories: content.advisories, statements: content.statements ?? [] },
    cveRegister,
    context,
  );

  const objects = new Map<string, ManifestObject>(content.objects.map((item) => [item.path, item]));
  const addOwnFile = (path: string, kind: ObjectClass, text: string): void => {
    const kept = keepBytes(context.downloadDir, nodeCrypto.encodeUtf8(text));
    objects.set(path, { ...kept, class: kind, path });
  };
  const { missing, unmet } = content;
  addOwnFile(
    'sallyport/repositories.json',
    'repositories',
    formatRepositories(content.repositories, content.agents),
  );
  addOwnFile('sallyport/advisories.json', 'advisories', formatAdvisories(advisories));
  if (risk !== null) addOwnFile('sallyport/risk.json', 'risk', formatRiskList(risk));
  addOwnFile('sallyport/report.json', 'report', formatReport({ missing, unmet }));
  addOwnFile('sallyport/provenance.json', 'provenance', formatProvenance(provenanceOf(options, content)));

  cveRegister.save();
  // Numbers are on disk before anything is signed with them: none is ever given out twice.
  const numbers = readNumbers(options.keysDir);
  const next = (role: 'timestamp' | 'snapshot' | 'targets'): number =>
    Math.max(numbers.roles[role], options.needs.holdings?.roles[role] ?? 0) + 1;
  const versions = { timestamp: next('timestamp'), snapshot: next('snapshot'), targets: next('targets') };
  const seq = Math.max(numbers.streams[stream] ?? 0, holdings?.seq ?? 0) + 1;
  writeNumbers(options.keysDir, {
    ...numbers,
    roles: versions,
    streams: { ...numbers.streams, [stream]: seq },
  });

  const listed = [...objects.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const fileOf = (sha256: string): string => downloadPath(context.downloadDir, sha256);
  const partBytes = options.partBytes ?? DEFAULT_PART_BYTES;
  const partHashes = await hashParts(listed, partBytes, fileOf, signal);
  // Small things that everything else hangs on come onto the first medium.
  const isPackage = (item: ManifestObject): number => (item.class === 'package' ? 1 : 0);
  const layout = planLayout(
    listed.toSorted((a, b) => isPackage(a) - isPackage(b)),
    partHashes,
    { partBytes, volumeBytes: options.volumeBytes ?? null },
  );
  const manifest: Manifest = {
    stream,
    seq,
    base: held.size > 0 ? (given?.seq ?? 0) : 0,
    createdAt: options.now,
    feeds: Object.fromEntries(
      [
        ...content.releases.map(({ root, suite, releaseDate }) => ({
          feed: `${root}/${suite}`,
          date: releaseDate,
        })),
        ...(risk?.feeds ?? []),
      ].map(({ feed, date }) => [feed, date]),
    ),
    minApp: MIN_APP,
    objects: listed,
    ...(layout === undefined ? {} : { layout }),
  };
  const total = totalBytes(manifest);
  const files = composeBundleFiles(
    { manifest, versions, roots: keys.roots, signers: keys.signers },
    nodeCrypto,
  );
  const manifestSha256 = nodeCrypto.sha256(files.get(manifestPathOf(stream, seq)) ?? new Uint8Array());
  const volumes = await writeVolumes(
    options.outDir,
    { manifest, manifestSha256, files },
    fileOf,
    (written) => onProgress({ phase: 'writing', done: written, total }),
    signal,
  );
  closeOutput(options.outDir);
  register?.add({
    stream,
    seq,
    base: manifest.base,
    createdAt: options.now,
    manifestSha256,
    bytes: total,
    objects: manifest.objects.filter((item) => isVendors(item.class)).map((item) => item.sha256),
  });

  const pruned = pruneDownloads(
    context.downloadDir,
    manifest.objects.map((item) => item.sha256),
    options.now,
    { ...DEFAULT_PRUNE_RULES, ...options.prune },
  );

  return {
    outDir: options.outDir,
    volumes,
    stream,
    seq,
    base: manifest.base,
    createdAt: options.now,
    manifestSha256,
    fingerprint: keys.fingerprint,
    objects: manifest.objects.length,
    bytes: total,
    repositories: content.releases,
    upgrades: content.upgrades,
    additions: content.additions,
    alreadyHeld: content.alreadyHeld,
    heldBytes: content.heldBytes ?? 0,
    downloaded: content.downloaded ?? { packages: 0, bytes: 0 },
    advisories: advisories.length + (content.documents ?? 0),
    cves: new Set([...advisories.flatMap((advisory) => advisory.cves), ...(content.documentCves ?? [])]).size,
    feeds: risk?.feeds ?? [],
    agents: (content.agents ?? []).map(({ version }) => version),
    pruned,
    missing,
    unmet,
    withoutChangelog: content.withoutChangelog,
  };
}

/** Who built it and from what; the signature over the bundle covers it. */
const provenanceOf = (options: BuildOptions, content: CollectedContent): Provenance => ({
  builtBy: options.builtBy ?? null,
  sallyport: options.appVersion ?? null,
  sources: content.releases.map(({ root, suite, releaseDate, signedBy }) => ({
    name: `${root} ${suite}`,
    date: releaseDate,
    signedBy: [...signedBy],
  })),
});
