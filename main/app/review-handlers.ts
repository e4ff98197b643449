import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fingerprintWords } from '../bundle/fingerprint.ts';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { ReviewPackView } from '../../contract/reviews.ts';
import { formatEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { approversWanted } from '../core/review/approvers.ts';
import { judgeDecision, keyIdOf, REVIEW_LIMITS, type DecisionInput } from '../core/review/judge-decision.ts';
import { PACK_TYPE, type ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { formatPackZip, packFileName } from '../review/pack-zip.ts';
import { writeNewFile } from '../review/review-files.ts';
import { keepPack, makePack, newestPack } from './make-pack.ts';
import type { Handlers } from './dispatch.ts';
import { noticeExport } from './notice-steps.ts';
import { readPack, reviewSite } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { takeIn } from './take-in.ts';
import { siteKey } from './site-key.ts';

type ReviewHandlers = Pick<Handlers, 'reviews.list' | 'reviews.export' | 'reviews.import'>;

export const reviewHandlers: ReviewHandlers = {
  'reviews.list': (_input, { services }) =>
    services.reviews.listPacks().map((row) => presentPack(services, row.id)),
  'reviews.export': (input, context) => exportPack(context, input),
  'reviews.import': (input, context) => {
    const { services } = context;
    const judged = judgeDecision(
      readInput(input.file, input.signatureFile),
      reviewSite(services),
      reviewCrypto,
    );
    const { sent, signer, sha256 } = judged;
    const { signatureFile } = input;
    return takeIn(
      context,
      { sent, sha256, person: { id: signer.personId, name: signer.personName } },
      input.validHours,
      (at) =>
        services.reviews.insertDecision({
          ...{ sha256, packId: sent.pack.packId, personId: signer.personId },
          ...{
            file: readFileSync(input.file),
            sshSignature: signatureFile === null ? null : readFileSync(signatureFile),
          },
          ...{ importedAt: at, importedBy: context.person().id },
        }),
    );
  },
};

interface ExportWish {
  readonly approvalId: string;
  readonly file: string;
  /** `null`: the newest list as it is. */
  readonly cutOffAt: string | null;
  readonly approvers: number;
}

async function exportPack(context: CallContext, wish: ExportWish) {
  const { services } = context;
  const key = siteKey(services);
  const { cutOffAt } = wish;
  const isNew = cutOffAt !== null;
  const made = isNew ? makePack(context, { ...wish, cutOffAt }) : newestPack(services, wish.approvalId);
  const { pack, payload, sha256 } = made;
  const signature = key.sign(preAuthEncode(PACK_TYPE, payload, reviewCrypto));
  const text = formatEnvelope(
    { payloadType: PACK_TYPE, payload, signatures: [{ keyId: key.publicKey, signature }] },
    reviewCrypto,
  );
  const file = placeOf(wish.file, pack);
  const content = isZipName(file) ? await formatPackZip(pack, text, sha256, key) : text;
  writeNewFile(file, content);
  services.db.transaction(() => {
    if (isNew) keepPack(context, made);
    else context.commit({ pack: pack.packId, approval: pack.approvalId, sha256 }, () => undefined);
    noticeExport(services, pack, sha256, context.person().name);
  })();
  const siteKeyFingerprint = keyIdOf(key.publicKey, reviewCrypto);
  return {
    pack: presentPack(services, pack.packId),
    file,
    bytes: Buffer.byteLength(content),
    siteKeyFingerprint,
    siteKeyWords: fingerprintWords(siteKeyFingerprint),
  };
}

/** In a folder the pack gets a name of ours. */
function placeOf(path: string, pack: ReviewPack): string {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return isFolder ? join(path, packFileName(pack)) : path;
}

/** Everything that a customer may ask for is in the ZIP file; under any other name the signed envelope is written alone. */
const isZipName = (file: string): boolean => file.toLowerCase().endsWith('.zip');

/** @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_FILE_TOO_LARGE */
function readInput(file: string, signatureFile: string | null): DecisionInput {
  const read = (path: string): Uint8Array => {
    const unreadable = (cause: unknown): ReviewError =>
      new ReviewError('REVIEW_FILE_UNREADABLE', `${path} cannot be read.`, {
        hint: 'Look at the path and the medium.',
        subject: { file: path },
        cause,
      });
    try {
      const { size } = statSync(path);
      if (size <= REVIEW_LIMITS.bytes) return readFileSync(path);
    } catch (error) {
      throw unreadable(error);
    }
    throw new ReviewError('REVIEW_FILE_TOO_LARGE', `${basename(path)} is larger than any decision file.`, {
      hint: 'Do not use this file.',
      subject: { file: path },
    });
  };
  const name = basename(file);
  if (signatureFile === null) return { kind: 'envelope', file: name, bytes: read(file) };
  return {
    ...{ kind: 'ssh', file: name, bytes: read(file) },
    ...{ signature: read(signatureFile), signatureFile: basename(signatureFile) },
  };
}

export function presentPack({ reviews, site }: Services, id: string): ReviewPackView {
  const row = reviews.findPack(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such pack.', { subject: { id } });
  const pack = readPack(row.payload);
  return {
    ...{ id: row.id, approvalId: row.approvalId, sha256: row.sha256, createdAt: row.createdAt },
    ...{ cutOffAt: pack.cutOffAt, approvers: approversWanted(pack), patches: pack.patches.length },
    supersededBy: row.supersededBy,
    answeredBy: reviews
      .listDecisions(id)
      .map((item) => site.findPerson(item.personId)?.name ?? item.personId),
  };
}
