import { ReviewError } from '../../../contract/errors.ts';
import type { ReviewCrypto } from './crypto-port.ts';
import type { Speaks } from './customer.ts';
import { DELEGATION_TYPE, parseDelegation, type Delegation } from './delegation.ts';
import { EMERGENCY_TYPE, parseEmergency, type EmergencyRequest } from './emergency.ts';
import { parsePolicy, POLICY_TYPE, type GroupPolicy } from './policy.ts';
import {
  openSigned,
  readText,
  requireLiveKey,
  REVIEW_LIMITS,
  type EnrolledKey,
  type Refuse,
} from './signed-file.ts';

/** What a customer says beside decisions: policies, delegations, emergency requests. Pure; each fault has its own code. */
export interface StatementSite {
  readonly siteId: string;
  /** ISO-8601; never before the site's time floor. */
  readonly now: string;
  readonly keys: readonly EnrolledKey[];
  /** Of every statement of the kind that was taken in before. */
  readonly known: ReadonlySet<string>;
  /** The customer that a group belongs to; `undefined`: there is no such group; '': it belongs to nobody yet. */
  customerOf(group: string): string | undefined;
  /** Whether a person speaks for a customer. */
  readonly speaksFor: Speaks;
  /** Customers that groups belong to, '' among them where nobody said yet. */
  readonly customers: readonly string[];
  /** Of the policy in force for the group; 0 when there is none. */
  versionOf(group: string): number;
  /** Whether the group's policy in force has the emergency lane. */
  hasLane(group: string): boolean;
}

export interface Judged<T> {
  readonly statement: T;
  readonly payload: Uint8Array;
  readonly sha256: string;
  readonly signer: EnrolledKey;
}

interface Said {
  readonly siteId: string;
}

function open<T extends Said>(
  input: { readonly file: string; readonly bytes: Uint8Array; readonly type: string; readonly what: string },
  site: StatementSite,
  crypto: ReviewCrypto,
  parse: (json: string, file: string) => T,
  signedAt: (statement: T) => string,
): Judged<T> & { readonly refuse: Refuse } {
  const { file } = input;
  const refuse: Refuse = (code, message, hint) => new ReviewError(code, message, { hint, subject: { file } });
  const { payload, signer } = openSigned(input, site.keys, crypto);
  requireLiveKey(signer, site.now, refuse);
  const statement = parse(readText(payload, file, crypto), file);
  const sha256 = crypto.sha256(payload);
  if (statement.siteId !== site.siteId) {
    throw refuse('REVIEW_OTHER_SITE', `${file} is meant for another site.`, 'Import it at that site.');
  }
  if (site.known.has(sha256)) {
    throw refuse('REVIEW_REPLAYED', `${file} was imported before.`, 'There is nothing to do.');
  }
  if (!signer.mayApprove) {
    throw refuse(
      'REVIEW_NOT_APPROVER',
      `${signer.personName} does not have the role approver.`,
      'An approver of the customer has to sign it.',
    );
  }
  if (Date.parse(signedAt(statement)) > Date.parse(site.now) + REVIEW_LIMITS.clockSkewMs) {
    throw refuse(
      'REVIEW_CLOCK_WRONG',
      `${file} says it was signed at ${signedAt(statement)}, which cannot be.`,
      'Correct the clock of the machine it was signed on, then sign again.',
    );
  }
  return { statement, payload, sha256, signer, refuse };
}

function requireGroup(group: string, customer: string, site: StatementSite, refuse: Refuse): void {
  const owner = site.customerOf(group);
  if (owner === undefined) {
    throw refuse(
      'REVIEW_GROUP_UNKNOWN',
      `This site has no patch group called ${group}.`,
      'Look at the name: `sallyport group list` shows those there are.',
    );
  }
  if (owner !== customer) {
    throw refuse(
      'REVIEW_CUSTOMER_DIFFERS',
      `The group ${group} belongs to ${owner === '' ? 'no customer yet' : owner}, not to ${customer}.`,
      'Say which customer the group belongs to, or have its own customer sign.',
    );
  }
}

function requireSpeaks(signer: EnrolledKey, customer: string, site: StatementSite, refuse: Refuse): void {
  if (site.speaksFor(signer.personId, customer)) return;
  throw refuse(
    'REVIEW_NOT_THEIR_CUSTOMER',
    `${signer.personName} does not speak for ${customer}.`,
    'Have an approver of that customer sign, or a service manager put on record that they speak for it.',
  );
}

/** @throws ReviewError: see docs/FORMAT-review.md, section 6 */
export function judgePolicy(
  input: { readonly file: string; readonly bytes: Uint8Array },
  site: StatementSite,
  crypto: ReviewCrypto,
): Judged<GroupPolicy> {
  const { refuse, ...judged } = open(
    { ...input, type: POLICY_TYPE, what: 'policy' },
    site,
    crypto,
    parsePolicy,
    (policy) => policy.signedAt,
  );
  const { group, customer, version } = judged.statement;
  requireGroup(group, customer, site, refuse);
  requireSpeaks(judged.signer, customer, site, refuse);
  const inForce = site.versionOf(group);
  if (version <= inForce) {
    throw refuse(
      'REVIEW_POLICY_OLDER',
      `Version ${inForce} of the policy for ${group} is in force, and this is version ${version}.`,
      `Sign it as version ${inForce + 1} or later.`,
    );
  }
  return judged;
}

/** @throws ReviewError: see docs/FORMAT-review.md, section 6 */
export function judgeDelegation(
  input: { readonly file: string; readonly bytes: Uint8Array },
  site: StatementSite,
  crypto: ReviewCrypto,
): Judged<Delegation> & { readonly delegate: EnrolledKey } {
  const { refuse, ...judged } = open(
    { ...input, type: DELEGATION_TYPE, what: 'delegation' },
    site,
    crypto,
    parseDelegation,
    (delegation) => delegation.signedAt,
  );
  const { to, from, until } = judged.statement;
  const delegate = site.keys.find((key) => key.publicKey === to);
  if (delegate === undefined) {
    throw refuse(
      'REVIEW_DELEGATE_UNKNOWN',
      'The key that it names is not enrolled at this site.',
      'Enrol the key of whoever decides meanwhile, then import it again.',
    );
  }
  if (delegate.personId === judged.signer.personId) {
    throw refuse('REVIEW_DELEGATION_INVALID', 'It delegates to its own signer.', 'Name another person.');
  }
  const isShared = site.customers.some(
    (name) => site.speaksFor(judged.signer.personId, name) && site.speaksFor(delegate.personId, name),
  );
  if (!isShared) {
    throw refuse(
      'REVIEW_NOT_THEIR_CUSTOMER',
      `${judged.signer.personName} and ${delegate.personName} do not speak for one and the same customer.`,
      'Name somebody who speaks for the same customer, or have a service manager put on record for whom each of them speaks.',
    );
  }
  if (Date.parse(until) <= Date.parse(from)) {
    throw refuse('REVIEW_DELEGATION_INVALID', 'It ends before it begins.', 'Give a later end.');
  }
  if (Date.parse(until) <= Date.parse(site.now)) {
    throw refuse('REVIEW_DELEGATION_EXPIRED', `It ended at ${until}.`, 'Sign a new one with a later end.');
  }
  return { ...judged, delegate };
}

/** @throws ReviewError: see docs/FORMAT-review.md, section 6 */
export function judgeEmergency(
  input: { readonly file: string; readonly bytes: Uint8Array },
  site: StatementSite,
  crypto: ReviewCrypto,
): Judged<EmergencyRequest> {
  const { refuse, ...judged } = open(
    { ...input, type: EMERGENCY_TYPE, what: 'emergency request' },
    site,
    crypto,
    parseEmergency,
    (request) => request.requestedAt,
  );
  const { groups, customer, until } = judged.statement;
  requireSpeaks(judged.signer, customer, site, refuse);
  for (const group of groups) {
    requireGroup(group, customer, site, refuse);
    if (!site.hasLane(group)) {
      throw refuse(
        'REVIEW_EMERGENCY_NO_LANE',
        `The policy of ${group} has no emergency lane.`,
        'The customer can sign a policy that has one, or decide on a review pack.',
      );
    }
  }
  if (Date.parse(until) <= Date.parse(site.now)) {
    throw refuse('REVIEW_EMERGENCY_ENDED', `It counted until ${until}.`, 'Ask the customer for a new one.');
  }
  return judged;
}
