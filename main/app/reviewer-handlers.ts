import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { ParsedInputOf } from '../../contract/channels.ts';
import type { ComparedWay, Enrolment, ReviewKeyView } from '../../contract/reviewers.ts';
import { readEnrolmentText } from '../../contract/vocabulary.ts';
import { fingerprintWords, readFingerprint } from '../bundle/fingerprint.ts';
import type { ReviewKeyRow } from '../catalogue/review-store.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { requireNewPerson } from '../core/raci/roles.ts';
import { keyFingerprint, parsePublicKey } from '../review/public-key.ts';
import type { Handlers } from './dispatch.ts';
import { recordSpeaker, roleHolder } from './person-handlers.ts';
import type { CallContext, Services } from './services.ts';
import { siteTime } from './statements.ts';

/** Channels about the keys that customers sign decisions with. */
type ReviewerHandlers = Pick<
  Handlers,
  'reviewers.list' | 'reviewers.read' | 'reviewers.enrol' | 'reviewers.revoke'
>;

/** Bytes: an enrolment file is one line. */
const LARGEST_ENROLMENT = 16_384;

export const reviewerHandlers: ReviewerHandlers = {
  'reviewers.list': (_input, { services }) => listKeys(services),
  'reviewers.read': (input, { services }) =>
    readEnrolment(services, 'file' in input ? readEnrolmentFile(input.file) : input.text),
  'reviewers.enrol': (input, context) => enrol(context, input),
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
};

type Enrol = ParsedInputOf<'reviewers.enrol'>;

/** @throws ContractError CONTRACT_INPUT_INVALID, CONTRACT_CONFLICT; PolicyError POLICY_ROLE_MISSING, POLICY_SAME_PERSON */
function enrol(context: CallContext, input: Enrol): ReviewKeyView {
  const { services } = context;
  const publicKey = parsePublicKey(input.publicKey);
  const id = keyFingerprint(publicKey);
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
  const person = known ?? newReviewer(context, input.name, publicKey, id);
  const { validUntil, compared, customers } = input;
  const facts = {
    ...{ person: person.name, key: id, validUntil: validUntil ?? 'none' },
    ...(compared === null ? {} : { compared }),
    ...(customers === null ? {} : { customers: customers.join(', ') || 'none' }),
  };
  context.commit(facts, () => {
    // Whoever holds this key approves, also under the name of a person who is here already.
    const persons = services.site.listPersons().map(roleHolder);
    requireNewPerson(roleHolder(context.person()), ['approver'], persons);
    if (known === undefined) services.site.insertPerson(person);
    services.reviews.insertKey({
      ...{ id, personId: person.id, publicKey, validUntil, compared },
      ...{ enrolledAt: services.now(), enrolledBy: context.person().id },
    });
    if (customers !== null) {
      recordSpeaker(context, person, customers, `Enrolled with the key ${id.slice(0, 16)}`);
    }
  });
  services.publish({ kind: 'changed', area: 'site', id: null });
  return requireKey(services, id);
}

function newReviewer(context: CallContext, name: string, publicKey: string, id: string): PersonRow {
  const { services } = context;
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
    ...{ addedBy: context.person().id, passphraseBy: null, endedAt: null },
  };
}

/** @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_FILE_TOO_LARGE */
export function readEnrolmentFile(file: string): string {
  const refuse = (code: ReviewError['code'], why: string, cause?: unknown): ReviewError =>
    new ReviewError(code, `${basename(file)} ${why}.`, {
      hint: 'Choose the enrolment file that the key’s owner saved, or type what their letter says.',
      subject: { file },
      ...(cause === undefined ? {} : { cause }),
    });
  try {
    if (statSync(file).size <= LARGEST_ENROLMENT) return readFileSync(file, 'utf8');
  } catch (error) {
    throw refuse('REVIEW_FILE_UNREADABLE', 'cannot be read', error);
  }
  throw refuse('REVIEW_FILE_TOO_LARGE', 'is larger than any enrolment file');
}

/** @throws ContractError CONTRACT_INPUT_INVALID */
function readEnrolment(services: Services, text: string): Enrolment {
  const publicKey = parsePublicKey(text);
  const id = keyFingerprint(publicKey);
  return {
    name: readEnrolmentText(text)?.name.trim() ?? '',
    publicKey,
    known: listKeys(services).find((key) => key.id === id) ?? null,
  };
}

/** Oldest first, those that count no more among them. */
function listKeys(services: Services): ReviewKeyView[] {
  const { reviews, site, policies } = services;
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  const customers = new Map(policies.listSpeakers().map((row) => [row.personId, row.customers]));
  const now = Date.parse(siteTime(services));
  return reviews.listKeys().map((row) => ({
    ...{ id: row.id, words: fingerprintWords(row.id) },
    ...{ personId: row.personId, personName: nameOf(row.personId) },
    customers: [...(customers.get(row.personId) ?? [])],
    ...{ enrolledAt: row.enrolledAt, enrolledBy: nameOf(row.enrolledBy), validUntil: row.validUntil },
    // The table takes no other value.
    compared: row.compared as ComparedWay | null,
    revokedAt: row.revokedAt,
    revokedBy: row.revokedBy === null ? null : nameOf(row.revokedBy),
    revokedReason: row.revokedReason,
    state: stateOf(row, now),
  }));
}

/** By the same limits as `requireLiveKey`. */
function stateOf(
  { revokedAt, validUntil }: Pick<ReviewKeyRow, 'revokedAt' | 'validUntil'>,
  now: number,
): ReviewKeyView['state'] {
  if (revokedAt !== null) return 'revoked';
  return validUntil !== null && now >= Date.parse(validUntil) ? 'expired' : 'counts';
}

function requireKey(services: Services, id: string): ReviewKeyView {
  const key = listKeys(services).find((item) => item.id === id);
  if (key === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', 'No such key is enrolled.', { subject: { key: id } });
  return key;
}
