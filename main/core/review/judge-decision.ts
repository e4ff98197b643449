import { PolicyError, ReviewError } from '../../../contract/errors.ts';
import type { ReviewCrypto } from './crypto-port.ts';
import {
  DECISION_TYPE,
  parseDecision,
  requireCompleteRows,
  type DecidedRow,
  type DecisionFile,
} from './decision-file.ts';
import { rightOf, type KeptDelegation } from './delegation.ts';
import type { SameHand } from '../raci/hands.ts';
import type { ReviewPack } from './review-pack.ts';
import {
  badSignature,
  keyIdOf,
  notEnrolled,
  openSigned,
  readText,
  requireLiveKey,
  REVIEW_LIMITS,
  type EnrolledKey,
  type Opened,
  type Refuse,
} from './signed-file.ts';
import { parseSshSignature, verifySshSignature } from './sshsig.ts';

export { keyIdOf, REVIEW_LIMITS, type EnrolledKey };

/** How groups, policies and endpoints stand at the site now. */
export interface SiteTerms {
  /** `undefined`: the site has no such endpoint any more. */
  readonly groupOf: (endpointId: string) => string | undefined;
  readonly customerOf: (group: string) => string;
  /** SHA-256 of the policy in force; `null`: none. */
  readonly policyOf: (group: string) => string | null;
}

/** A pack that this site gave out. */
export interface SentPack {
  readonly pack: ReviewPack;
  /** Of its payload's bytes. */
  readonly sha256: string;
  readonly requestedBy: string;
  /** A later pack for the same approval, or `null`. */
  readonly supersededBy: string | null;
  /** Whether the approval that the pack is about still waits. */
  readonly isOpen: boolean;
  /** What was granted on it: `waits` for its run, or is being planned; a run of it has `begun`; nothing of it can run. */
  readonly granted: 'waits' | 'begun' | 'nothing';
  readonly terms: SiteTerms;
}

/** A decision that was taken in before. */
export interface KnownDecision {
  readonly packId: string;
  readonly personId: string;
  /** Of the payload's bytes. */
  readonly sha256: string;
}

/** What the site knows when a decision file comes in. */
export interface ReviewSite {
  readonly siteId: string;
  /** ISO-8601; never before the site's time floor. */
  readonly now: string;
  findPack(packId: string): SentPack | undefined;
  readonly keys: readonly EnrolledKey[];
  readonly known: readonly KnownDecision[];
  /** Whether a person speaks for a customer, for what somebody asks. */
  speaksFor(personId: string, customer: string, requestedBy: string): boolean;
  /** Whoever speaks for an approver meanwhile. */
  readonly delegations: readonly KeptDelegation[];
  /** Whether one hand is known to act as both persons. */
  readonly sameHand: SameHand;
}

/** A file as it came: an envelope, or a plain payload with a signature by ssh-keygen beside it. */
export type DecisionInput =
  | { readonly kind: 'envelope'; readonly file: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'ssh';
      readonly file: string;
      readonly bytes: Uint8Array;
      readonly signature: Uint8Array;
      readonly signatureFile: string;
    };

export interface JudgedDecision {
  readonly decision: DecisionFile;
  /** The exact bytes that were signed. */
  readonly payload: Uint8Array;
  readonly sha256: string;
  readonly signer: EnrolledKey;
  readonly sent: SentPack;
}

/**
 * Whether a decision file binds this site, and whose word it is. Pure: every way to be wrong has an answer of its own
 * (docs/FORMAT-review.md has the table). Signatures are judged before the payload is parsed.
 *
 * @throws ReviewError; PolicyError POLICY_SAME_PERSON
 */
export function judgeDecision(input: DecisionInput, site: ReviewSite, crypto: ReviewCrypto): JudgedDecision {
  const { file } = input;
  const refuse = (code: ReviewError['code'], message: string, hint: string): ReviewError =>
    new ReviewError(code, message, { hint, subject: { file } });
  if (input.bytes.length > REVIEW_LIMITS.bytes) {
    throw refuse(
      'REVIEW_FILE_TOO_LARGE',
      `${file} is larger than any decision file.`,
      'Do not use this file.',
    );
  }
  const { signer, payload } = openDecision(input, site.keys, crypto);
  requireLiveKey(signer, site.now, refuse);
  const decision = parseDecision(readText(payload, file, crypto), file);
  const sha256 = crypto.sha256(payload);

  if (decision.siteId !== site.siteId) {
    throw refuse(
      'REVIEW_OTHER_SITE',
      `${file} answers a pack of another site.`,
      'Import it where the pack came from.',
    );
  }
  const sent = site.findPack(decision.packId);
  if (sent === undefined) {
    throw refuse(
      'REVIEW_PACK_UNKNOWN',
      `This site never gave out pack ${decision.packId}.`,
      'Export a new pack.',
    );
  }
  if (site.known.some((item) => item.sha256 === sha256 && item.personId === signer.personId)) {
    throw refuse('REVIEW_REPLAYED', `${file} was imported before.`, 'There is nothing to do.');
  }
  requireSamePack(decision, sent, refuse);
  if (site.known.some((item) => item.packId === decision.packId && item.personId === signer.personId)) {
    throw refuse(
      'REVIEW_CONFLICTING',
      `${signer.personName} has answered this pack before, and differently.`,
      sent.isOpen
        ? 'Ask which is meant, then export a new pack for one clear answer.'
        : 'Ask which is meant. What was granted can be withdrawn; then ask for approval again, and export a new pack.',
    );
  }
  requireWaiting(sent, site.now, refuse, decision.rows);
  requirePossibleTime(decision, sent, site.now, refuse);
  if (site.sameHand(sent.requestedBy, signer.personId)) {
    throw new PolicyError('POLICY_SAME_PERSON', 'Whoever asks for an approval cannot grant or reject it.', {
      hint: 'Another person with the role approver has to decide.',
    });
  }
  if (site.sameHand(sent.requestedBy, signer.enrolledBy)) {
    throw new PolicyError(
      'POLICY_SAME_PERSON',
      `Whoever asks for an approval cannot have vouched for the key of ${signer.personName} as well.`,
      { hint: 'Somebody else at the site has to ask, or to enrol the key.' },
    );
  }
  requireRight(signer, sent, site, refuse);
  requireCompleteRows(decision.rows, sent.pack, decision.decidedAt);
  return { decision, payload, sha256, signer, sent };
}

/**
 * Whose signature holds over which bytes; nothing of them is parsed.
 *
 * @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_TYPE_UNKNOWN, REVIEW_KEY_NOT_ENROLLED, REVIEW_SIGNATURE_*
 */
export function openDecision(
  input: DecisionInput,
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  return input.kind === 'envelope' ? openEnvelope(input, keys, crypto) : openSsh(input, keys, crypto);
}

function openEnvelope(
  { bytes, file }: Extract<DecisionInput, { kind: 'envelope' }>,
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  return openSigned({ bytes, file, type: DECISION_TYPE, what: 'decision' }, keys, crypto);
}

function openSsh(
  input: Extract<DecisionInput, { kind: 'ssh' }>,
  keys: readonly EnrolledKey[],
  crypto: ReviewCrypto,
): Opened {
  const { signatureFile, file, bytes } = input;
  const signature = parseSshSignature(
    readText(input.signature, signatureFile, crypto),
    signatureFile,
    crypto,
  );
  const signer = keys.find((key) => key.publicKey === signature.publicKey);
  if (signer === undefined) throw notEnrolled(file);
  if (!verifySshSignature(signature, bytes, crypto)) throw badSignature(file);
  return { payload: bytes, signer };
}

/** Decides in their own right, or for an approver who lets them. */
function requireRight(signer: EnrolledKey, sent: SentPack, site: ReviewSite, refuse: Refuse): void {
  const { customer } = sent.pack;
  const notTheirs = (name: string): ReviewError =>
    refuse(
      'REVIEW_NOT_THEIR_CUSTOMER',
      `${name} does not speak for ${customer === '' ? 'groups of which nobody said whose they are' : customer}.`,
      'Have an approver of that customer decide, or a service manager who did not ask put on record that they speak for it.',
    );
  const speaks = (id: string): boolean => site.speaksFor(id, customer, sent.requestedBy);
  if (!speaks(signer.personId)) throw notTheirs(signer.personName);
  if (signer.mayApprove) return;
  const theirs = site.delegations.filter((item) => speaks(item.fromPerson));
  if (theirs.length === 0 && typeof rightOf(signer.personId, site.now, site.delegations) !== 'string') {
    throw notTheirs(`Whoever lets ${signer.personName} decide`);
  }
  const right = rightOf(signer.personId, site.now, theirs);
  const name = signer.personName;
  const again = 'An approver has to decide, or to sign a new delegation.';
  if (right === 'none')
    throw refuse(
      'REVIEW_NOT_APPROVER',
      `${name} does not have the role approver.`,
      'An approver has to decide.',
    );
  if (right === 'expired')
    throw refuse('REVIEW_DELEGATION_EXPIRED', `${name} may not decide for anybody any more.`, again);
  if (right === 'revoked')
    throw refuse('REVIEW_DELEGATION_REVOKED', `What let ${name} decide was revoked.`, again);
  if (right === 'not-yet')
    throw refuse('REVIEW_DELEGATION_NOT_YET_VALID', `${name} may not decide for anybody yet.`, again);
  if (
    site.sameHand(right.fromPerson, sent.requestedBy) ||
    site.sameHand(right.delegatorEnrolledBy, sent.requestedBy)
  ) {
    throw new PolicyError(
      'POLICY_SAME_PERSON',
      `${name} decides for somebody who asked, or whose key was vouched for by whoever asked.`,
      { hint: 'Another person with the role approver has to decide.' },
    );
  }
}

function requireSamePack(decision: DecisionFile, sent: SentPack, refuse: Refuse): void {
  const { pack } = sent;
  const again = 'Export a new pack and have it decided.';
  if (decision.packSha256 !== sent.sha256) {
    throw refuse(
      'REVIEW_PACK_DIFFERS',
      'What the customer saw is not the pack that this site gave out.',
      again,
    );
  }
  if (decision.planDigest !== pack.planDigest) {
    throw refuse('REVIEW_PLAN_DIFFERS', 'The decision names another plan than its pack.', again);
  }
  if (decision.nonce !== pack.nonce) {
    throw refuse('REVIEW_NONCE_DIFFERS', 'The decision does not carry the number of its pack.', again);
  }
  if (decision.cutOffAt !== pack.cutOffAt) {
    throw refuse('REVIEW_CUT_OFF_DIFFERS', 'The decision names another cut-off than its pack.', again);
  }
}

/**
 * Whether an answer to this pack can still do anything, however it comes: somebody waits for it, and what was shown is how things stand.
 * What was granted waits for a word against it until its run begins.
 *
 * @param rows of a signed decision; a spreadsheet is heard only before anything is granted
 * @throws ReviewError REVIEW_PACK_SUPERSEDED, REVIEW_DECIDED_ALREADY, REVIEW_LATE, REVIEW_ENDPOINTS_CHANGED, REVIEW_CUSTOMER_DIFFERS,
 *   REVIEW_POLICY_CHANGED
 */
export function requireWaiting(
  sent: SentPack,
  now: string,
  refuse: Refuse,
  rows: readonly DecidedRow[] = [],
): void {
  if (sent.supersededBy !== null) {
    throw refuse(
      'REVIEW_PACK_SUPERSEDED',
      'A newer pack replaced the one that this answers.',
      'Decide on the newer pack.',
    );
  }
  const isAgainst = rows.some(({ verdict }) => verdict !== 'approve');
  if (!sent.isOpen && sent.granted === 'begun') {
    throw refuse(
      'REVIEW_DECIDED_ALREADY',
      'What this pack asked has been granted, and its run has begun.',
      'To stop what was not installed yet, withdraw the approval: it is asked for before every step.',
    );
  }
  if (!sent.isOpen && !(isAgainst && sent.granted === 'waits')) {
    throw refuse(
      'REVIEW_DECIDED_ALREADY',
      'What this pack asked has been decided or withdrawn.',
      sent.granted === 'waits'
        ? 'To take back what was granted, withdraw the approval.'
        : 'There is nothing to do.',
    );
  }
  if (Date.parse(now) > Date.parse(sent.pack.cutOffAt)) {
    throw refuse(
      'REVIEW_LATE',
      `The cut-off was ${sent.pack.cutOffAt}.`,
      'Export a new pack with a later cut-off.',
    );
  }
  requireSameTerms(sent, refuse);
}

/** An answer binds the endpoints and the policies that were shown: with others nothing of it would count. */
function requireSameTerms({ pack, terms }: SentPack, refuse: Refuse): void {
  const again = 'Make the list again, and have the new one decided.';
  for (const { id, name, group } of pack.endpoints) {
    const now = terms.groupOf(id);
    if (now === group) continue;
    const said = now === undefined ? 'the site does not have it any more' : `it is in ${now} now`;
    throw refuse('REVIEW_ENDPOINTS_CHANGED', `${name} was shown in the group ${group}, and ${said}.`, again);
  }
  for (const { name, policySha256 } of pack.groups) {
    const owner = terms.customerOf(name);
    if (owner !== pack.customer) {
      const whose = owner === '' ? 'no customer yet' : owner;
      const then = pack.customer === '' ? 'when nobody had said whose it is' : `as ${pack.customer}’s`;
      throw refuse(
        'REVIEW_CUSTOMER_DIFFERS',
        `The group ${name} was shown ${then}, and belongs to ${whose}.`,
        again,
      );
    }
    if (terms.policyOf(name) === policySha256) continue;
    throw refuse(
      'REVIEW_POLICY_CHANGED',
      `The policy of the group ${name} is another one than the list was made under.`,
      again,
    );
  }
}

function requirePossibleTime(decision: DecisionFile, { pack }: SentPack, now: string, refuse: Refuse): void {
  const decidedAt = Date.parse(decision.decidedAt);
  const isAhead = decidedAt > Date.parse(now) + REVIEW_LIMITS.clockSkewMs;
  if (isAhead || decidedAt < Date.parse(pack.createdAt) - REVIEW_LIMITS.clockSkewMs) {
    throw refuse(
      'REVIEW_CLOCK_WRONG',
      `The decision says it was made at ${decision.decidedAt}, which cannot be.`,
      'Correct the clock of the machine it was made on, then decide again.',
    );
  }
}
