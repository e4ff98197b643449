import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fingerprintWords, readFingerprint } from '../bundle/fingerprint.ts';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { ReviewKeyView, ReviewPackView } from '../../contract/reviews.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { formatEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { judgeDecision, keyIdOf, REVIEW_LIMITS, type DecisionInput } from '../core/review/judge-decision.ts';
import { requireNewPerson } from '../core/raci/roles.ts';
import { PACK_TYPE, type ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { formatPackZip, packFileName } from '../review/pack-zip.ts';
import { parsePublicKey } from '../review/public-key.ts';
import { writeNewFile } from '../review/review-files.ts';
import { keepPack, makePack, newestPack } from './make-pack.ts';
import type { Handlers } from './dispatch.ts';
import { readPack, reviewSite } from './reviews.ts';
import { roleHolder } from './person-handlers.ts';
import type { CallContext, Services } from './services.ts';
import { takeIn } from './take-in.ts';
import { siteKey } from './site-key.ts';

type ReviewHandlers = Pick<
  Handlers,
  | 'reviewers.list'
  | 'reviewers.enrol'
  | 'reviewers.revoke'
  | 'reviews.list'
  | 'reviews.export'
  | 'reviews.import'
>;

export const reviewHandlers: ReviewHandlers = {
  'reviewers.list': (_input, { services }) => listKeys(services),
  'reviewers.enrol': (input, context) => {
    const { services } = context;
    const publicKey = parsePublicKey(input.publicKey);
    const id = keyIdOf(publicKey, reviewCrypto);
    if (readFingerprint(input.fingerprint) !== id) {
      throw new ContractError('CONTRACT_INPUT_INVALID', 'The fingerprint is not that of this key.', {
        hint: 'Read it to its owner again, by telephone or from their letter. Do not copy it from the same file as the key.',
        subject: { key: id },
      });
    }
    if (services.reviews.listKeys().some((key) => key.id === id)) {
      throw new ContractError('CONTRACT_CONFLICT', 'This key is enrolled already.', { subject: { key: id } });
    }
    const known = services.site.findPerson(input.name);
    const person = known ?? newReviewer(services, input.name, publicKey, id);
    context.commit({ person: person.name, key: id, validUntil: input.validUntil ?? 'none' }, () => {
      // Whoever holds this key approves, also under the name of a person who is here already.
      const persons = services.site.listPersons().map(roleHolder);
      requireNewPerson(roleHolder(context.person()), ['approver'], persons);
      if (known === undefined) services.site.insertPerson(person);
      services.reviews.insertKey({
        ...{ id, personId: person.id, publicKey, validUntil: input.validUntil },
        ...{ enrolledAt: services.now(), enrolledBy: context.person().id },
      });
    });
    services.publish({ kind: 'changed', area: 'site', id: null });
    return requireKey(services, id);
  },
  'reviewers.revoke': (input, context) => {
    const { services } = context;
    const key = requireKey(services, input.id);
    if (key.revokedAt !== null) {
      throw new ContractError('CONTRACT_CONFLICT', 'This key is revoked already.', {
        subject: { key: key.id },
      });
    }
    context.commit({ key: key.id, person: key.personName, reason: input.reason }, () =>
      services.reviews.revokeKey(key.id, context.person().id, services.now(), input.reason),
    );
    services.publish({ kind: 'changed', area: 'approvals', id: null });
    return requireKey(services, input.id);
  },
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

function newReviewer(services: Services, name: string, publicKey: string, id: string): PersonRow {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey, 'hex')]);
  return {
    id: services.newId(),
    name,
    roles: ['approver'],
    publicKey: `-----BEGIN PUBLIC KEY-----\n${spki.toString('base64')}\n-----END PUBLIC KEY-----\n`,
    keyFingerprint: id,
    // Signs elsewhere: there is no passphrase of theirs at this site.
    keyslot: '',
    createdAt: services.now(),
  };
}

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
  if (isNew) keepPack(context, made);
  else context.commit({ pack: pack.packId, approval: pack.approvalId, sha256 }, () => undefined);
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

function listKeys({ reviews, site }: Services): ReviewKeyView[] {
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  return reviews.listKeys().map((row) => ({
    ...{ id: row.id, personId: row.personId, personName: nameOf(row.personId) },
    ...{ enrolledAt: row.enrolledAt, enrolledBy: nameOf(row.enrolledBy), validUntil: row.validUntil },
    ...{ revokedAt: row.revokedAt, revokedReason: row.revokedReason },
  }));
}

function requireKey(services: Services, id: string): ReviewKeyView {
  const key = listKeys(services).find((item) => item.id === id);
  if (key === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'No such key is enrolled.', { subject: { key: id } });
  return key;
}

export function presentPack({ reviews, site }: Services, id: string): ReviewPackView {
  const row = reviews.findPack(id);
  if (row === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such pack.', { subject: { id } });
  const pack = readPack(row.payload);
  return {
    ...{ id: row.id, approvalId: row.approvalId, sha256: row.sha256, createdAt: row.createdAt },
    ...{ cutOffAt: pack.cutOffAt, approvers: pack.approvers, patches: pack.patches.length },
    supersededBy: row.supersededBy,
    answeredBy: reviews
      .listDecisions(id)
      .map((item) => site.findPerson(item.personId)?.name ?? item.personId),
  };
}
