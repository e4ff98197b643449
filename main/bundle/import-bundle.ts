import { BundleError, ContractError } from '../../contract/errors.ts';
import { parseAdvisories } from '../core/advisory.ts';
import { parseAgents, parseReport, parseRepositories } from '../core/bundle/contents.ts';
import { baseOf, type ImportRecord } from '../core/bundle/import-record.ts';
import { UNKNOWN_MEDIUM, type Arrival, type CarriedBy } from '../core/bundle/custody.ts';
import { volumesOf } from '../core/bundle/layout.ts';
import { totalBytes, type Manifest } from '../core/bundle/manifest.ts';
import { parseProvenance, type Provenance } from '../core/bundle/provenance.ts';
import { DEFAULT_STALENESS, type Freshness, type StalenessPolicy } from '../core/bundle/trust.ts';
import type { VerifiedMetadata } from '../core/bundle/verify.ts';
import { needsReason, requireReason } from '../core/bundle/reason.ts';
import { compareDebVersions } from '../core/version/deb.ts';
import { parseRiskList } from '../core/risk/risk-list.ts';
import { checkAgents } from './check-agents.ts';
import { checkVendorSignatures, type VendorKeys } from './check-vendor-signatures.ts';
import { copyObjects, type CopyResult } from './copy-objects.ts';
import type { ImportCatalogue, ImportContent } from './import-port.ts';
import type { MalwareScanner } from './malware-scanner.ts';
import { MediaReader } from './media-reader.ts';
import { scanObjects } from './scan-objects.ts';
import { readOwnObject, stageRepositories } from './stage-repositories.ts';
import { verifyMedium } from './verify-medium.ts';
import type { MediumContent } from './volume.ts';

export interface ImportOptions {
  /** Folder that has `metadata`, `bundles` and `blobs` in it. */
  readonly mediaDir: string;
  readonly catalogue: ImportCatalogue;
  readonly content: ImportContent;
  /** ISO-8601. */
  readonly now: string;
  /** Name of the person who imports. */
  readonly importedBy: string;
  /** Version of this Sallyport, `x.y.z`. */
  readonly appVersion: string;
  readonly policy?: StalenessPolicy;
  /** Why a bundle older than the policy allows, or a clock that signed times contradict, is taken nevertheless; recorded. */
  readonly acceptStale?: string;
  /** Who brought the medium, and which one it is. */
  readonly carriedBy?: CarriedBy;
  /** Malware scanner of this machine; without one the bundle is recorded as not scanned. */
  readonly scanner?: MalwareScanner;
  /** Whose keys count for vendors' signatures; without them these are recorded as not checked again. */
  readonly vendorKeys?: VendorKeys;
  readonly onProgress?: (progress: ImportProgress) => void;
  /** What else belongs to the import, in its own transaction: who is cut leaves both or neither. */
  readonly alongside?: (report: ImportReport) => void;
  readonly signal?: AbortSignal;
}

export interface ImportProgress {
  readonly phase: 'keys' | 'metadata' | 'copying' | 'scanning' | 'reading' | 'committing';
  /** Bytes while copying, indexes while reading. */
  readonly done: number;
  readonly total: number;
  /** What came of it, in words. */
  readonly figure?: string;
  /** It was left out; `figure` says why. */
  readonly skipped?: true;
}

export interface ImportReport {
  /** `waiting`: all of this medium is here, but other media of the bundle have not come yet. */
  readonly outcome: 'imported' | 'waiting';
  readonly stream: string;
  readonly seq: number;
  readonly createdAt: string;
  readonly manifestSha256: string;
  readonly objects: number;
  readonly bytes: number;
  /** Objects that were in the content store already. */
  readonly reused: number;
  /** Which medium of how many this was. */
  readonly volume: number;
  readonly volumes: number;
  /** Media that carry what is still missing; empty once it is imported. */
  readonly missingVolumes: readonly number[];
  readonly missingBytes: number;
  readonly packages: number;
  readonly advisories: number;
  readonly freshness: Freshness;
  /** Packages that the builder could not get: path and reason. */
  readonly missing: readonly string[];
  /** Versions of our own agent that it carries. */
  readonly agents: readonly string[];
}

/** Largest of our own objects that is read into memory. */
const MAX_OWN_BYTES = 256 * 1024 * 1024;

/**
 * Imports a bundle by the steps of docs/FORMAT-bundle.md, section "Verification". Nothing of the medium is parsed
 * before its hash holds, but for its signed metadata. The catalogue changes in one transaction at the end; objects
 * copied before a failure stay and are not copied again. Of a bundle on several media each is imported, in any order; the
 * last one makes it whole.
 *
 * @throws BundleError, StoreError, ContractError CONTRACT_CANCELLED; the catalogue is then unchanged
 */
export async function importBundle(options: ImportOptions): Promise<ImportReport> {
  const { catalogue, content, signal } = options;
  const policy = options.policy ?? DEFAULT_STALENESS;
  const tell = (phase: ImportProgress['phase'], figure: string): void =>
    options.onProgress?.({ phase, done: 1, total: 1, figure });
  options.onProgress?.({ phase: 'keys', done: 0, total: 0 });
  const media = new MediaReader(options.mediaDir);
  const { verified, manifest, medium } = verifyMedium(
    media,
    catalogue.loadTrust(),
    options.now,
    policy,
    (roots) => {
      if (roots.length > 0) catalogue.acceptRoots(roots, options.now);
      tell(
        'keys',
        roots.length === 0 ? 'The pinned root holds' : `Followed to root ${roots.at(-1)?.version}`,
      );
      options.onProgress?.({ phase: 'metadata', done: 0, total: 0 });
    },
  );
  // 9. Age.
  requireReason(verified, options.now, options.acceptStale);
  // 10. Application.
  checkAppVersion(manifest, options.appVersion);
  tell(
    'metadata',
    `${verified.signatures.length} signatures, ${manifest.objects.length} objects by hash and size`,
  );
  try {
    content.cleanIncoming(
      new Set([...catalogue.waitingObjects(), ...manifest.objects.map((item) => item.sha256)]),
    );
    catalogue.discardUnusedIndexes();
    let bytes = { done: 0, total: 0 };
    const copied = await copyObjects(media, manifest, medium.volume, content, {
      onBytes: (done, total) => {
        bytes = { done, total };
        options.onProgress?.({ phase: 'copying', ...bytes });
      },
      checkCancelled: () => {
        throwIfCancelled(signal);
      },
      ...(signal === undefined ? {} : { signal }),
    });
    const figure = copied.reused === 0 ? 'All read' : `${copied.reused} objects were here already`;
    options.onProgress?.({ phase: 'copying', ...bytes, figure });
    const arrival = arrivalOf(options, manifest, medium);
    const base = reportOf(verified, manifest, medium, copied);
    options.onProgress?.({ phase: 'scanning', done: 0, total: 1 });
    const malware = await scanObjects(manifest, { catalogue, content }, options.scanner, options.now, signal);
    options.onProgress?.({
      phase: 'scanning',
      done: 1,
      total: 1,
      ...(malware.reason === null
        ? { figure: `Nothing found in ${malware.scanned} new objects` }
        : { skipped: true as const, figure: `Not scanned: ${malware.reason}` }),
    });
    if (copied.missingVolumes.length > 0) {
      const nothing = { packages: 0, advisories: 0, missing: [], agents: [] };
      const waiting = { ...base, ...nothing, outcome: 'waiting' as const };
      catalogue.recordWaiting(verified.bundle, manifest.objects, arrival, () => options.alongside?.(waiting));
      return waiting;
    }

    const ports = { catalogue, content };
    const repositoriesFile = readOwnObject(manifest, 'repositories', MAX_OWN_BYTES, content);
    const repositories = await stageRepositories(
      parseRepositories(repositoriesFile.text, repositoriesFile.path),
      manifest,
      ports,
      (done, total) => options.onProgress?.({ phase: 'reading', done, total }),
      signal,
    );
    const vendorChecks = await checkVendorSignatures(
      repositories,
      manifest.objects,
      ports,
      options.vendorKeys,
    );
    const held = vendorChecks.filter(({ status }) => status === 'verified').length;
    options.onProgress?.({
      phase: 'reading',
      done: 1,
      total: 1,
      figure: `${held} of ${vendorChecks.length} vendors’ signatures checked again here`,
      // What nobody here checked must not look checked.
      ...(held < vendorChecks.length ? { skipped: true as const } : {}),
    });
    // 15. Packages.
    const packages = manifest.objects.filter((item) => item.class === 'package');
    refuseUnlisted(
      catalogue.findUnlisted(
        packages,
        repositories.map((item) => ({ root: baseOf(item), sha256: item.index.sha256 })),
      ),
    );
    const agents = parseAgents(repositoriesFile.text, repositoriesFile.path);
    await checkAgents(agents, manifest, ports);
    const advisoriesFile = readOwnObject(manifest, 'advisories', MAX_OWN_BYTES, content);
    const advisories = parseAdvisories(advisoriesFile.text, advisoriesFile.path);
    const riskFile = manifest.objects.some((item) => item.class === 'risk')
      ? readOwnObject(manifest, 'risk', MAX_OWN_BYTES, content)
      : null;
    const risk = riskFile === null ? null : parseRiskList(riskFile.text, riskFile.path);
    const reportFile = readOwnObject(manifest, 'report', MAX_OWN_BYTES, content);
    const report = parseReport(reportFile.text, reportFile.path);
    const missing = report.missing.map((item) => `${item.path}: ${item.reason}`);

    throwIfCancelled(signal);
    options.onProgress?.({ phase: 'committing', done: 0, total: 1 });
    const record: ImportRecord = {
      bundle: {
        ...verified.bundle,
        importedAt: options.now,
        importedBy: options.importedBy,
        objects: manifest.objects.length,
        bytes: totalBytes(manifest),
        signatures: verified.signatures,
        missing,
        staleReason: needsReason(verified.freshness) ? (options.acceptStale ?? null) : null,
        provenance: readProvenance(manifest, content),
        malware,
        vendorChecks,
      },
      arrival,
      objects: manifest.objects,
      repositories,
      agents,
      advisories,
      risk,
      trust: verified.nextTrust,
    };
    const imported = {
      ...base,
      outcome: 'imported' as const,
      packages: packages.length,
      missing,
      advisories: repositories.reduce((sum, item) => sum + (item.advisories?.length ?? 0), advisories.length),
      agents: agents.map(({ version }) => version).toSorted(compareDebVersions),
    };
    // 16. Commit.
    catalogue.commitImport(record, () => options.alongside?.(imported));
    options.onProgress?.({ phase: 'committing', done: 1, total: 1 });
    return imported;
  } catch (error) {
    if (signal?.aborted === true && error === signal.reason) throw cancelled();
    throw error;
  } finally {
    // After a failure: what was read for it. After success: indexes that no repository points at any more.
    catalogue.discardUnusedIndexes();
  }
}

function arrivalOf(options: ImportOptions, manifest: Manifest, medium: MediumContent): Arrival {
  return {
    volume: medium.volume,
    volumes: volumesOf(manifest),
    arrivedAt: options.now,
    importedBy: options.importedBy,
    carrier: options.carriedBy?.carrier ?? null,
    medium: options.carriedBy?.medium ?? UNKNOWN_MEDIUM,
    files: medium.pieces.length,
  };
}

function reportOf(
  verified: VerifiedMetadata,
  manifest: Manifest,
  medium: MediumContent,
  { reused, missingVolumes, missingBytes }: CopyResult,
): Omit<ImportReport, 'outcome' | 'packages' | 'advisories' | 'missing' | 'agents'> {
  return {
    stream: manifest.stream,
    seq: manifest.seq,
    createdAt: manifest.createdAt,
    manifestSha256: verified.bundle.manifestSha256,
    objects: manifest.objects.length,
    bytes: totalBytes(manifest),
    reused,
    volume: medium.volume,
    volumes: volumesOf(manifest),
    missingVolumes,
    missingBytes,
    freshness: verified.freshness,
  };
}

/** What the builder says of itself; bundles of old say nothing. */
function readProvenance(manifest: Manifest, content: ImportContent): Provenance | null {
  if (!manifest.objects.some((item) => item.class === 'provenance')) return null;
  const file = readOwnObject(manifest, 'provenance', MAX_OWN_BYTES, content);
  return parseProvenance(file.text, file.path);
}

function refuseUnlisted(unlisted: readonly { readonly path: string }[]): void {
  const first = unlisted[0];
  if (first === undefined) return;
  throw new BundleError(
    'BUNDLE_MIX_AND_MATCH',
    `${first.path} is not a file that a signed index of its repository lists.`,
    {
      hint: 'The vendor does not vouch for it. Do not use this medium.',
      subject: { file: first.path },
    },
  );
}

function checkAppVersion(manifest: Manifest, appVersion: string): void {
  const parts = (version: string): number[] => version.split('.').map((part) => Number.parseInt(part, 10));
  const least = parts(manifest.minApp);
  const ours = parts(appVersion);
  for (let index = 0; index < 3; index += 1) {
    const difference = (ours[index] ?? 0) - (least[index] ?? 0);
    if (difference > 0) return;
    if (difference < 0) {
      throw new BundleError(
        'BUNDLE_APP_TOO_OLD',
        `The bundle needs Sallyport ${manifest.minApp}; this is ${appVersion}.`,
        {
          hint: 'Install the newer Sallyport first.',
        },
      );
    }
  }
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancelled();
}

const cancelled = (): ContractError =>
  new ContractError('CONTRACT_CANCELLED', 'The import was cancelled. What was copied is kept.', {
    retry: 'same',
  });
