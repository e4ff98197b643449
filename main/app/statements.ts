import { createPublicKey } from 'node:crypto';
import type { PolicyRow } from '../catalogue/policy-store.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { ReviewError } from '../../contract/errors.ts';
import { DELEGATION_TYPE, parseDelegation, type KeptDelegation } from '../core/review/delegation.ts';
import { EMERGENCY_TYPE, parseEmergency, type EmergencyRequest } from '../core/review/emergency.ts';
import { recordedBefore, speaksAt, type Speaks } from '../core/review/customer.ts';
import type { StatementSite } from '../core/review/judge-statement.ts';
import { parsePolicy, POLICY_TYPE, type GroupPolicy } from '../core/review/policy.ts';
import { handsOf, type SameHand } from '../core/raci/hands.ts';
import { openSigned, type EnrolledKey } from '../core/review/signed-file.ts';
import { referenceTimeOf } from '../core/bundle/trust.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import type { Services } from './services.ts';

/** What customers signed beside decisions, read and judged anew each time. */

/** The clock, or the time floor when the clock is behind it: time that has been proven to have passed does not come back. */
export function siteTime({ imports, now }: Pick<Services, 'imports' | 'now'>): string {
  return new Date(referenceTimeOf(now(), imports.timeFloor())).toISOString();
}

/** Every enrolled key, with whether its owner may approve now. */
export function enrolledKeys({ reviews, site }: Pick<Services, 'reviews' | 'site'>): EnrolledKey[] {
  return reviews.listKeys().flatMap((row) => {
    const person = site.findPerson(row.personId);
    if (person === undefined) return [];
    return [
      {
        ...{ personId: person.id, personName: person.name, mayApprove: person.roles.includes('approver') },
        ...{ enrolledBy: row.enrolledBy, publicKey: row.publicKey, validFrom: row.enrolledAt },
        ...{ validUntil: earlier(row.validUntil, person.endedAt), revokedAt: row.revokedAt },
      },
    ];
  });
}

/** The 32 bytes of a person's own key, in hex. */
export function rawKeyOf(person: Pick<PersonRow, 'publicKey'>): string {
  const der = createPublicKey(person.publicKey).export({ type: 'spki', format: 'der' });
  return der.subarray(-32).toString('hex');
}

/** The earlier of two instants; `null`: never. */
const earlier = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? (a ?? b) : Date.parse(a) < Date.parse(b) ? a : b;

/**
 * Enrolled keys, and those of persons who sign in here or did: what somebody signed stays readable when their access ends, and so goes
 * on forbidding; it gives nothing any more, and nothing new can be signed with the key.
 */
export function statementKeys(services: Pick<Services, 'reviews' | 'site'>): EnrolledKey[] {
  const enrolled = enrolledKeys(services);
  const elsewhere = new Set(enrolled.map((key) => key.publicKey));
  const atConsole = services.site
    .listPersons()
    .filter((person) => person.keyslot !== '' || person.endedAt !== null)
    .filter((person) => person.keyslot !== '' || !elsewhere.has(rawKeyOf(person)))
    .map((person) => ({
      ...{ personId: person.id, personName: person.name, mayApprove: person.roles.includes('approver') },
      ...{ enrolledBy: '', publicKey: rawKeyOf(person), validFrom: person.createdAt },
      ...{ validUntil: person.endedAt, revokedAt: null },
    }));
  return [...enrolled, ...atConsole];
}

/** Whose hands are known to be one, as the site's record says now. */
export const sameHandAt = ({ site }: Pick<Services, 'site'>): SameHand => handsOf(site.listPersons());

/**
 * Who speaks for whom, as the site's record says now.
 *
 * @param requestedBy for what this person asks, what they recorded themselves lets nobody speak; `null`: nobody asks anything
 */
export function speakers(services: Pick<Services, 'policies' | 'site'>, requestedBy: string | null): Speaks {
  const { policies } = services;
  const sameHand = sameHandAt(services);
  const entries = Map.groupBy(policies.listSpeakerHistory(), (row) => row.personId);
  const isAsker = (id: string): boolean => requestedBy !== null && sameHand(id, requestedBy);
  const before = new Map([...entries].map(([id, rows]) => [id, recordedBefore(rows, isAsker)]));
  return speaksAt({
    customers: policies.listGroups().map(({ customer }) => customer),
    customersOf: (personId) => entries.get(personId)?.at(-1)?.customers ?? [],
    before: (personId) => before.get(personId) ?? null,
  });
}

interface Read<T> {
  readonly statement: T;
  readonly signer: EnrolledKey;
}

/** `null` when the signature does not hold over what is kept, or is of nobody whom this site knows. */
function read<T>(
  row: { readonly file: Uint8Array; readonly sha256: string },
  type: string,
  parse: (json: string, file: string) => T,
  keys: readonly EnrolledKey[],
): Read<T> | null {
  try {
    const { payload, signer } = openSigned(
      { bytes: row.file, file: 'a kept file', type, what: 'statement' },
      keys,
      reviewCrypto,
    );
    if (reviewCrypto.sha256(payload) !== row.sha256) return null;
    return { statement: parse(reviewCrypto.decodeUtf8(payload), 'a kept file'), signer };
  } catch (error) {
    if (error instanceof ReviewError) return null;
    throw error;
  }
}

export const readPolicy = (row: PolicyRow, keys: readonly EnrolledKey[]): Read<GroupPolicy> | null =>
  read(row, POLICY_TYPE, parsePolicy, keys);

export const readEmergency = (
  row: { readonly file: Uint8Array; readonly sha256: string },
  keys: readonly EnrolledKey[],
): Read<EmergencyRequest> | null => read(row, EMERGENCY_TYPE, parseEmergency, keys);

/** Of a word that goes on giving: its signer is an approver, and the key is neither revoked nor past its end. */
const goesOnCounting = (signer: EnrolledKey, personId: string, now: string): boolean =>
  signer.personId === personId &&
  signer.mayApprove &&
  signer.revokedAt === null &&
  (signer.validUntil === null || Date.parse(now) < Date.parse(signer.validUntil));

/**
 * Whether a signer's word can give anything to what somebody asked for.
 *
 * @param given.now by the site's time
 */
export const mayGive = (
  signer: EnrolledKey,
  personId: string,
  requestedBy: string,
  { now, sameHand }: { readonly now: string; readonly sameHand: SameHand },
): boolean =>
  goesOnCounting(signer, personId, now) &&
  !sameHand(signer.personId, requestedBy) &&
  !sameHand(signer.enrolledBy, requestedBy);

export function keptDelegations(
  services: Pick<Services, 'reviews' | 'site' | 'policies' | 'imports' | 'now'>,
): KeptDelegation[] {
  const now = siteTime(services);
  const keys = statementKeys(services);
  return services.policies.listDelegations().flatMap((row) => {
    const kept = read(row, DELEGATION_TYPE, parseDelegation, keys);
    if (kept === null) return [];
    const { signer, statement } = kept;
    return [
      {
        ...{ fromPerson: row.personId, toPerson: row.toPerson, from: statement.from, until: statement.until },
        revokedAt: row.revokedAt,
        delegatorCounts: goesOnCounting(signer, row.personId, now),
        delegatorEnrolledBy: signer.enrolledBy,
      },
    ];
  });
}

/** @param known SHA-256 of every statement of the kind that was taken in */
export function statementSite(
  services: Services,
  known: readonly { readonly sha256: string }[],
): StatementSite {
  const { policies, site } = services;
  const keys = statementKeys(services);
  const groups = new Map(policies.listGroups().map(({ name, customer }) => [name, customer]));
  return {
    siteId: site.getSetting('site.id') ?? '',
    now: siteTime(services),
    keys,
    known: new Set(known.map(({ sha256 }) => sha256)),
    customerOf: (group) => groups.get(group),
    customers: [...new Set(['', ...groups.values()])],
    speaksFor: speakers(services, null),
    versionOf: (group) => policies.policyInForce(group)?.version ?? 0,
    hasLane: (group) => {
      const row = policies.policyInForce(group);
      return row !== undefined && readPolicy(row, keys)?.statement.emergency === true;
    },
  };
}
