import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportedPack } from '../../contract/reviews.ts';
import { fingerprintWords } from '../bundle/fingerprint.ts';
import { formatEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { keyIdOf } from '../core/review/judge-decision.ts';
import { PACK_TYPE, type PackHead } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { packEntriesInThread } from '../review/pack-thread.ts';
import { packFileName, PAGE_ENTRY, readPage, zipEntries, type SigningKey } from '../review/pack-zip.ts';
import { writeNewFile } from '../review/review-files.ts';
import type { Pace } from './in-slices.ts';
import {
  keepPack,
  makePack,
  newestPack,
  PACK_STEPS,
  requireOpen,
  requireUnchanged,
  type KeptPack,
} from './make-pack.ts';
import { noticeExport } from './notice-steps.ts';
import { presentPack } from './present-packs.ts';
import type { CallContext } from './services.ts';
import { siteKey } from './site-key.ts';
import { siteTime } from './statements.ts';

interface ExportWish {
  readonly approvalId: string;
  readonly file: string;
  /** `null`: the newest list as it is. */
  readonly cutOffAt: string | null;
  readonly approvers: number;
}

/** Begins to write a review pack. What can be refused at once is. @returns the operation @throws ContractError */
export function beginExport(context: CallContext, { cutOffAt, ...wish }: ExportWish): string {
  const { services } = context;
  const { approvalId } = wish;
  const { id: personId, name: by } = context.person();
  const key = siteKey(services);
  const newest = cutOffAt === null ? newestPack(services, approvalId) : null;
  if (cutOffAt !== null) requireOpen(services, { approvalId, cutOffAt });
  const write = async (
    report: Pace['report'],
    signal: AbortSignal,
    pack: KeptPack,
    keep: () => void,
  ): Promise<ExportedPack> => {
    const file = placeOf(wish.file, pack.head);
    const { content, pageSha256 } = await contentOf(pack, isZipName(file), key, { report, signal });
    report({ step: 'write', activity: `Writing ${file}` });
    // From here on nothing else has its turn: what was asked for is still asked for, and the file and what is kept of it agree.
    if (newest === null) requireUnchanged(services, pack.head);
    writeNewFile(file, content);
    services.db.transaction(() => {
      keep();
      services.reviews.insertExport(pack.head.packId, siteTime(services), personId);
      noticeExport(services, pack, by);
    })();
    const siteKeyFingerprint = keyIdOf(key.publicKey, reviewCrypto);
    return {
      pack: presentPack(services, pack.head.packId),
      file,
      bytes: content.byteLength,
      siteKeyFingerprint,
      siteKeyWords: fingerprintWords(siteKeyFingerprint),
      pageSha256,
    };
  };
  return services.operations.begin(
    'export',
    `Write a review pack to ${wish.file}`,
    async (report, signal) => {
      if (cutOffAt === null || newest !== null) {
        const pack = newest ?? newestPack(services, approvalId);
        const subject = { pack: pack.head.packId, approval: approvalId, sha256: pack.sha256 };
        return write(report, signal, pack, () => context.commit(subject, () => undefined));
      }
      const made = await makePack(services, { ...wish, cutOffAt, by }, { report, signal });
      return write(report, signal, made, () => keepPack(context, made));
    },
    [...(cutOffAt === null ? [] : PACK_STEPS), 'files', 'write'],
  );
}

async function contentOf(
  { head, payload, sha256 }: KeptPack,
  asZip: boolean,
  key: SigningKey,
  { report, signal }: Pace,
): Promise<{ readonly content: Buffer; readonly pageSha256: string | null }> {
  report({ step: 'files', activity: 'Signing', done: 0, total: 0 });
  const signature = key.sign(preAuthEncode(PACK_TYPE, payload, reviewCrypto));
  const envelope = formatEnvelope(
    { payloadType: PACK_TYPE, payload, signatures: [{ keyId: key.publicKey, signature }] },
    reviewCrypto,
  );
  if (!asZip) return { content: Buffer.from(envelope), pageSha256: null };
  const { publicKey } = key;
  const entries = await packEntriesInThread(
    { payload, sha256, envelope, publicKey, page: readPage() },
    (name) => report({ step: 'files', activity: `Making ${name}` }),
    signal,
  );
  report({ step: 'files', activity: 'Packing' });
  const page = entries[PAGE_ENTRY];
  return {
    content: await zipEntries(entries, head.createdAt, key, signal),
    pageSha256: page === undefined ? null : reviewCrypto.sha256(page),
  };
}

/** In a folder the pack gets a name of ours. */
function placeOf(path: string, pack: PackHead): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(path, packFileName(pack)) : path;
}

/** Everything that a customer may ask for is in the ZIP file; under any other name the signed envelope is written alone. */
const isZipName = (file: string): boolean => file.toLowerCase().endsWith('.zip');
