import { BundleError, CodedError, ContractError, type ErrorCode } from '../../contract/errors.ts';
import { volumesOf, type Piece } from '../core/bundle/layout.ts';
import { requireReason } from '../core/bundle/reason.ts';
import type { BundleReference } from '../core/bundle/reference.ts';
import { DEFAULT_STALENESS, type StalenessPolicy, type TrustState } from '../core/bundle/trust.ts';
import type { RoleSignature } from '../core/bundle/verify.ts';
import { checkPieces, type MediumPieces } from './check-pieces.ts';
import { usualThreads } from './hash-thread.ts';
import { MediaReader } from './media-reader.ts';
import { blobPath } from './read-metadata.ts';
import { readMedium, type VerifiedMedium } from './verify-medium.ts';
import { readVolume, VOLUME_FILE } from './volume.ts';

/** What is wrong with a file of a medium, in a word. */
export type FindingKind = 'missing' | 'extra' | 'changed' | 'link' | 'unreadable' | 'refused';

export interface MediumFinding {
  readonly kind: FindingKind;
  /** On the medium; a folder that does not belong there counts as one. */
  readonly file: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What was found out about one medium. */
export interface MediumVerdict {
  readonly folder: string;
  readonly isGood: boolean;
  /** `null` where the signed metadata or the manifest do not hold: then nothing else of it can be judged. */
  readonly bundle: BundleReference | null;
  readonly signatures: readonly RoleSignature[];
  readonly volume: number;
  readonly volumes: number;
  /** Files below `blobs/` that it must have, and bytes; of these `goodFiles` are there and are right. */
  readonly files: number;
  readonly bytes: number;
  readonly goodFiles: number;
  readonly goodBytes: number;
  /** At most {@link MOST_FINDINGS}, by file; `found` counts all. */
  readonly findings: readonly MediumFinding[];
  readonly found: number;
  /** What stands against an import here and now though the medium may be good: imported already, older, its base missing. */
  readonly importRefusal: { readonly code: ErrorCode; readonly message: string } | null;
}

export interface VerifyReport {
  /** Every medium is good. */
  readonly isGood: boolean;
  readonly media: readonly MediumVerdict[];
  /** Of bundles on several media: volumes that none of these was. */
  readonly missingVolumes: readonly { readonly bundle: string; readonly volumes: readonly number[] }[];
  /** Bytes of content that were read, of all media. */
  readonly bytesRead: number;
}

export interface VerifyOptions {
  /** Folders that have `metadata`, `bundles` and `blobs` in them; one or more media, of one bundle or several. */
  readonly mediaDirs: readonly string[];
  readonly trust: TrustState | null;
  /** ISO-8601. */
  readonly now: string;
  readonly policy?: StalenessPolicy;
  /** That hash; 1 is best for discs and disks that spin. Default: one a processor, at most 4. */
  readonly threads?: number;
  /** Bytes of content hashed so far, of those that there are. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

export const MOST_FINDINGS = 1_000;

/**
 * Checks media whole: signed metadata, manifest, that exactly its files are there, and the hash of every file, in several
 * threads. Changes nothing and moves no trust. A medium is judged by its own, whatever else the site has imported: an import may
 * refuse it all the same, and `importRefusal` says why.
 *
 * @throws BundleError BUNDLE_NOT_FOUND, BUNDLE_ROOT_UNPINNED, BUNDLE_MEDIUM_LOST; ContractError CONTRACT_CANCELLED. Whatever
 *   is wrong with a medium is a finding and not an error.
 */
export async function verifyBundle(options: VerifyOptions): Promise<VerifyReport> {
  const { signal } = options;
  const media = options.mediaDirs.map((folder) => examine(folder, options));
  const readable = media.filter((medium) => medium.read !== null);
  const sets = new Map<string, Examined[]>();
  for (const medium of readable) {
    const set = medium.read?.verified.bundle.manifestSha256 ?? '';
    sets.set(set, [...(sets.get(set) ?? []), medium]);
  }
  const bytesRead = await checkPieces([...sets.values()], {
    threads: options.threads ?? usualThreads(),
    onFinding: (medium, error) => add(medium, error),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  if (signal?.aborted === true) throw new ContractError('CONTRACT_CANCELLED', 'The check was cancelled.');
  const verdicts = media.map((medium) => verdictOf(medium));
  return {
    isGood: verdicts.every(({ isGood }) => isGood),
    media: verdicts,
    missingVolumes: missingVolumes(readable),
    bytesRead,
  };
}

interface Examined extends MediumPieces {
  readonly folder: string;
  readonly read: VerifiedMedium | null;
  readonly findings: MediumFinding[];
  readonly importRefusal: CodedError | null;
}

const KINDS: Readonly<Partial<Record<ErrorCode, FindingKind>>> = {
  BUNDLE_FILE_MISSING: 'missing',
  BUNDLE_FILE_UNEXPECTED: 'extra',
  BUNDLE_LINK_REFUSED: 'link',
  BUNDLE_HASH_MISMATCH: 'changed',
  BUNDLE_SIZE_MISMATCH: 'changed',
  BUNDLE_FILE_CHANGED: 'changed',
  BUNDLE_MIX_AND_MATCH: 'changed',
  BUNDLE_UNREADABLE: 'unreadable',
};

/** Metadata, manifest and tree of one medium; what lies in its pieces is looked at later. */
function examine(folder: string, options: VerifyOptions): Examined {
  const media = new MediaReader(folder);
  const policy = options.policy ?? DEFAULT_STALENESS;
  const bad = new Set<string>();
  const findings: MediumFinding[] = [];
  const refused = { folder, media, bad, findings, read: null, pieces: [], objects: [], importRefusal: null };
  try {
    const { read, importRefusal } = readWithTrust(media, options.trust, options.now, policy);
    const examined = {
      ...refused,
      read,
      importRefusal,
      pieces: read.medium.pieces,
      objects: read.manifest.objects,
    };
    for (const difference of media.differences(read.expected)) add(examined, difference);
    const misnamed = misnamedVolume(media, read);
    if (misnamed !== null) add(examined, misnamed);
    return examined;
  } catch (error) {
    if (!(error instanceof CodedError) || FATAL.has(error.code)) throw error;
    add(refused, error);
    return refused;
  }
}

/** VOLUME.json is not signed, and an import needs only its numbers; here everything that it says must be true. */
function misnamedVolume(
  media: MediaReader,
  { manifest, medium, verified }: VerifiedMedium,
): BundleError | null {
  const said = readVolume(media);
  const { stream, seq } = verified.bundle;
  if (said === null) return null;
  if (
    said.bundle === `${stream}/${seq}` &&
    said.files === medium.pieces.length &&
    said.bytes === sumOf(medium.pieces) &&
    said.volumes === volumesOf(manifest)
  )
    return null;
  return new BundleError('BUNDLE_MIX_AND_MATCH', `${VOLUME_FILE} says what the signed manifest does not.`, {
    hint: 'It was changed or damaged. Copy the bundle to the medium again.',
    subject: { file: VOLUME_FILE },
  });
}

const FATAL = new Set<ErrorCode>(['BUNDLE_ROOT_UNPINNED', 'BUNDLE_MEDIUM_LOST']);

/**
 * Judges the metadata as an import would. Where only the site's own history speaks against it, the keys that the site
 * trusts and its time floor judge it alone.
 */
function readWithTrust(
  media: MediaReader,
  trust: TrustState | null,
  now: string,
  policy: StalenessPolicy,
): { readonly read: VerifiedMedium; readonly importRefusal: CodedError | null } {
  try {
    const read = readMedium(media, trust, now, policy);
    return { read, importRefusal: refusalOf(() => requireReason(read.verified, now, undefined)) };
  } catch (error) {
    if (trust === null || !(error instanceof CodedError)) throw error;
    const withoutHistory = { ...trust, marks: { timestamp: null, snapshot: null, targets: null } };
    const read = readMedium(media, withoutHistory, now, policy, { judgePlace: () => undefined });
    return { read, importRefusal: error };
  }
}

function refusalOf(judge: () => void): CodedError | null {
  try {
    judge();
    return null;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
}

function add(medium: Pick<Examined, 'bad' | 'findings'>, error: CodedError): void {
  const { code, message, subject } = error;
  const file = typeof subject?.['file'] === 'string' ? subject['file'] : '';
  medium.bad.add(file);
  medium.findings.push({ kind: KINDS[code] ?? 'refused', file, code, message });
}

function verdictOf(medium: Examined): MediumVerdict {
  const { folder, read, findings, bad, importRefusal } = medium;
  const good = medium.pieces.filter((piece) => !bad.has(blobPath(piece.name)));
  return {
    folder,
    isGood: findings.length === 0,
    bundle: read?.verified.bundle ?? null,
    signatures: read?.verified.signatures ?? [],
    volume: read?.medium.volume ?? 1,
    volumes: read === null ? 1 : volumesOf(read.manifest),
    files: medium.pieces.length,
    bytes: sumOf(medium.pieces),
    goodFiles: good.length,
    goodBytes: sumOf(good),
    findings: findings.toSorted((a, b) => (a.file < b.file ? -1 : 1)).slice(0, MOST_FINDINGS),
    found: findings.length,
    importRefusal:
      importRefusal === null ? null : { code: importRefusal.code, message: importRefusal.message },
  };
}

const sumOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { size }) => sum + size, 0);

function missingVolumes(media: readonly Examined[]): VerifyReport['missingVolumes'] {
  const given = new Map<string, { bundle: string; volumes: number; seen: Set<number> }>();
  for (const { read } of media) {
    if (read === null) continue;
    const { stream, seq, manifestSha256 } = read.verified.bundle;
    const set = given.get(manifestSha256) ?? {
      bundle: `${stream}/${seq}`,
      volumes: volumesOf(read.manifest),
      seen: new Set<number>(),
    };
    set.seen.add(read.medium.volume);
    given.set(manifestSha256, set);
  }
  return [...given.values()]
    .map(({ bundle, volumes, seen }) => ({
      bundle,
      volumes: Array.from({ length: volumes }, (_, index) => index + 1).filter((number) => !seen.has(number)),
    }))
    .filter(({ volumes }) => volumes.length > 0);
}
