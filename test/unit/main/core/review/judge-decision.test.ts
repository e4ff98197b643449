import { describe, expect, it, test } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import { canonicalJson } from '../../../../../main/core/plan.ts';
import { formatDecision, parseDecision } from '../../../../../main/core/review/decision-file.ts';
import {
  judgeDecision,
  REVIEW_LIMITS,
  type DecisionInput,
  type ReviewSite,
  type SiteTerms,
} from '../../../../../main/core/review/judge-decision.ts';
import type { KeptDelegation } from '../../../../../main/core/review/delegation.ts';
import { DEFAULT_POLICY } from '../../../../../main/core/review/policy.ts';
import type { ReviewPack } from '../../../../../main/core/review/review-pack.ts';
import { reviewCrypto } from '../../../../../main/review/node-crypto.ts';
import {
  decisionOf,
  fileOf,
  LIBSSL,
  makeKey,
  OPENSSL,
  PACK,
  signedFile,
  signedText,
  siteWith,
} from '../../../../support/review-site.ts';

const key = makeKey();
const stranger = makeKey();
const text = (): string => signedText(formatDecision(decisionOf()), key);
const row = (patch: string, fields: object = {}) =>
  ({ patch, verdict: 'approve', reason: '', until: null, control: '', ...fields }) as const;
const json = (change: (value: Record<string, unknown>) => void): string => {
  const value = JSON.parse(text()) as Record<string, unknown>;
  change(value);
  return JSON.stringify(value);
};
const rawPayload = (payload: string | Uint8Array): DecisionInput => fileOf(signedText(payload, key));
const flipped = (): Uint8Array => {
  const bytes = Buffer.from(formatDecision(decisionOf()));
  const at = bytes.indexOf('approve');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
};

function judge(input: DecisionInput, site: ReviewSite = siteWith(key)): string {
  try {
    judgeDecision(input, site, reviewCrypto);
    return 'accepted';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}

const delegated = (fields: Partial<KeptDelegation> = {}): ReviewSite =>
  siteWith(key, {
    key: { mayApprove: false },
    site: {
      delegations: [
        {
          ...{ fromPerson: 'ben', toPerson: 'grace', from: '2026-11-01T00:00:00.000Z', revokedAt: null },
          ...{ until: '2027-01-01T00:00:00.000Z', delegatorCounts: true, delegatorEnrolledBy: 'manager' },
          ...fields,
        },
      ],
    },
  });
/** A pack whose one group is opt-out, or has another mode. */
const mixedPack = (mode: 'opt-in' | 'opt-out'): ReviewPack => ({
  ...PACK,
  groups: [
    {
      ...{ name: 'web', policySha256: 'c'.repeat(64) },
      policy: {
        ...{ format: 'sallyport-policy/1', siteId: 'site-1', customer: 'Trust', group: 'web', version: 1 },
        ...{ ...DEFAULT_POLICY, mode, signedAt: PACK.createdAt, signedBy: 'Grace' },
      },
    },
  ],
  endpoints: [
    {
      ...{ id: 'e1', name: 'web-1', group: 'web', snapshotMode: 'hard', restoreOnFailure: true },
      ...{ rebootPolicy: 'never', scannedAt: null },
    },
  ],
});
const hashOf = (pack: ReviewPack): string => reviewCrypto.sha256(Buffer.from(canonicalJson(pack)));
const siteWithPack = (pack: ReviewPack, terms: Partial<SiteTerms> = {}): ReviewSite => {
  const as = siteWith(key, { sent: { pack } }).findPack(pack.packId)?.terms;
  if (as === undefined) throw new Error('The site lacks its pack.');
  return siteWith(key, { sent: { pack, sha256: hashOf(pack), terms: { ...as, ...terms } } });
};
/** Says yes to the first patch and nothing of the second. */
const answer = (pack: ReviewPack): DecisionInput =>
  signedFile({ packSha256: hashOf(pack), rows: [row(OPENSSL)] }, key);

/** Every way in which a decision file can be wrong, from its bytes; docs/FORMAT-review.md lists the same. */
type Crossing = [what: string, code: string, makeFile: () => DecisionInput, makeSite?: () => ReviewSite];
const CROSSINGS: Crossing[] = [
  [
    'larger than any decision',
    'REVIEW_FILE_TOO_LARGE',
    () => ({ kind: 'envelope', file: 'decision.json', bytes: new Uint8Array(REVIEW_LIMITS.bytes + 1) }),
  ],
  ['empty', 'REVIEW_FILE_UNREADABLE', () => fileOf('')],
  ['not UTF-8', 'REVIEW_FILE_UNREADABLE', () => fileOf(Uint8Array.of(0xff, 0xfe, 0x00))],
  ['cut short', 'REVIEW_FILE_UNREADABLE', () => fileOf(text().slice(0, -20))],
  ['JSON, but no envelope', 'REVIEW_FILE_UNREADABLE', () => fileOf('{"rows": []}')],
  [
    'an envelope with a field more',
    'REVIEW_FILE_UNREADABLE',
    () => fileOf(json((value) => (value['note'] = 'x'))),
  ],
  ['not Base64 inside', 'REVIEW_FILE_UNREADABLE', () => fileOf(json((value) => (value['payload'] = '*')))],
  ['unsigned', 'REVIEW_FILE_UNREADABLE', () => fileOf(json((value) => (value['signatures'] = [])))],
  [
    'with a signature of another length',
    'REVIEW_FILE_UNREADABLE',
    () => fileOf(json((value) => (value['signatures'] = [{ keyid: '', sig: 'AAAA' }]))),
  ],
  [
    'a pack instead of a decision',
    'REVIEW_TYPE_UNKNOWN',
    () => fileOf(signedText('{}', key, 'application/vnd.sallyport.review-pack+json')),
  ],
  [
    'changed after it was signed',
    'REVIEW_SIGNATURE_BAD',
    () => fileOf(json((value) => (value['payload'] = Buffer.from(flipped()).toString('base64')))),
  ],
  [
    'relabelled after it was signed',
    'REVIEW_TYPE_UNKNOWN',
    () => fileOf(json((value) => (value['payloadType'] = 'text/plain'))),
  ],
  ['signed by nobody we know', 'REVIEW_KEY_NOT_ENROLLED', () => signedFile({}, stranger)],
  [
    'signed with a revoked key',
    'REVIEW_KEY_REVOKED',
    () => signedFile({}, key),
    () => siteWith(key, { key: { revokedAt: '2026-11-24T11:00:00.000Z' } }),
  ],
  [
    'signed with an expired key',
    'REVIEW_KEY_EXPIRED',
    () => signedFile({}, key),
    () => siteWith(key, { key: { validUntil: '2026-11-24T11:00:00.000Z' } }),
  ],
  [
    'signed with a key that is not valid yet',
    'REVIEW_KEY_NOT_YET_VALID',
    () => signedFile({}, key),
    () => siteWith(key, { key: { validFrom: '2026-12-01T00:00:00.000Z' } }),
  ],
  ['well signed, but no JSON inside', 'REVIEW_CONTENT_INVALID', () => rawPayload('approve all')],
  [
    'well signed, with bytes that are no text',
    'REVIEW_FILE_UNREADABLE',
    () => rawPayload(Uint8Array.of(0xff, 0xfe)),
  ],
  [
    'well signed, with an unknown field',
    'REVIEW_CONTENT_INVALID',
    () => rawPayload(JSON.stringify({ ...decisionOf(), all: true })),
  ],
  [
    'well signed, with an unknown verdict',
    'REVIEW_CONTENT_INVALID',
    () => rawPayload(JSON.stringify({ ...decisionOf(), rows: [row(OPENSSL, { verdict: 'maybe' })] })),
  ],
  [
    'of a later format',
    'REVIEW_VERSION_UNKNOWN',
    () => rawPayload(JSON.stringify({ ...decisionOf(), format: 'sallyport-decision-file/2' })),
  ],
  ['for another site', 'REVIEW_OTHER_SITE', () => signedFile({ siteId: 'site-2' }, key)],
  ['for a pack that was never given out', 'REVIEW_PACK_UNKNOWN', () => signedFile({ packId: 'pack-9' }, key)],
  [
    'made from other bytes than the pack',
    'REVIEW_PACK_DIFFERS',
    () => signedFile({ packSha256: 'c'.repeat(64) }, key),
  ],
  ['for another plan', 'REVIEW_PLAN_DIFFERS', () => signedFile({ planDigest: 'c'.repeat(64) }, key)],
  [
    'with the number of another pack',
    'REVIEW_NONCE_DIFFERS',
    () => signedFile({ nonce: 'f'.repeat(32) }, key),
  ],
  [
    'with another cut-off',
    'REVIEW_CUT_OFF_DIFFERS',
    () => signedFile({ cutOffAt: '2027-01-01T00:00:00.000Z' }, key),
  ],
  [
    'imported before',
    'REVIEW_REPLAYED',
    () => signedFile({}, key),
    () =>
      siteWith(key, {
        site: {
          known: [
            {
              packId: 'pack-1',
              personId: 'grace',
              sha256: reviewCrypto.sha256(Buffer.from(formatDecision(decisionOf()))),
            },
          ],
        },
      }),
  ],
  [
    'at odds with an earlier one of the same person',
    'REVIEW_CONFLICTING',
    () => signedFile({}, key),
    () =>
      siteWith(key, { site: { known: [{ packId: 'pack-1', personId: 'grace', sha256: 'e'.repeat(64) }] } }),
  ],
  [
    'for a pack that a newer one replaced',
    'REVIEW_PACK_SUPERSEDED',
    () => signedFile({}, key),
    () => siteWith(key, { sent: { supersededBy: 'pack-2' } }),
  ],
  [
    'for what was decided already',
    'REVIEW_DECIDED_ALREADY',
    () => signedFile({}, key),
    () => siteWith(key, { sent: { isOpen: false } }),
  ],
  [
    'all for what was granted already',
    'REVIEW_DECIDED_ALREADY',
    () => signedFile({}, key),
    () => siteWith(key, { sent: { isOpen: false, granted: 'waits' } }),
  ],
  [
    'against what a run has begun of',
    'REVIEW_DECIDED_ALREADY',
    () => signedFile({ rows: [row(OPENSSL), row(LIBSSL, { verdict: 'reject', reason: 'no' })] }, key),
    () => siteWith(key, { sent: { isOpen: false, granted: 'begun' } }),
  ],
  [
    'against what was granted, of the same person',
    'REVIEW_CONFLICTING',
    () => signedFile({ rows: [row(OPENSSL), row(LIBSSL, { verdict: 'reject', reason: 'no' })] }, key),
    () =>
      siteWith(key, {
        sent: { isOpen: false, granted: 'waits' },
        site: { known: [{ packId: 'pack-1', personId: 'grace', sha256: 'e'.repeat(64) }] },
      }),
  ],
  [
    'after the cut-off',
    'REVIEW_LATE',
    () => signedFile({}, key),
    () => siteWith(key, { site: { now: '2026-11-25T12:00:00.001Z' } }),
  ],
  [
    'about an endpoint that was moved to another group since',
    'REVIEW_ENDPOINTS_CHANGED',
    () => answer(mixedPack('opt-out')),
    () => siteWithPack(mixedPack('opt-out'), { groupOf: () => 'db' }),
  ],
  [
    'about an endpoint that the site does not have any more',
    'REVIEW_ENDPOINTS_CHANGED',
    () => answer(mixedPack('opt-out')),
    () => siteWithPack(mixedPack('opt-out'), { groupOf: () => undefined }),
  ],
  [
    'about a group whose policy is another one since',
    'REVIEW_POLICY_CHANGED',
    () => answer(mixedPack('opt-out')),
    () => siteWithPack(mixedPack('opt-out'), { policyOf: () => 'd'.repeat(64) }),
  ],
  [
    'about a group whose policy is gone',
    'REVIEW_POLICY_CHANGED',
    () => answer(mixedPack('opt-out')),
    () => siteWithPack(mixedPack('opt-out'), { policyOf: () => null }),
  ],
  [
    'about a group that is another customer’s since',
    'REVIEW_CUSTOMER_DIFFERS',
    () => answer(mixedPack('opt-out')),
    () => siteWithPack(mixedPack('opt-out'), { customerOf: () => 'Council' }),
  ],
  ['from the future', 'REVIEW_CLOCK_WRONG', () => signedFile({ decidedAt: '2026-11-26T00:00:00.000Z' }, key)],
  [
    'from before the pack was made',
    'REVIEW_CLOCK_WRONG',
    () => signedFile({ decidedAt: '2026-11-01T00:00:00.000Z' }, key),
  ],
  [
    'by an approver of another customer',
    'REVIEW_NOT_THEIR_CUSTOMER',
    () => signedFile({}, key),
    () => siteWith(key, { site: { speaksFor: () => false } }),
  ],
  [
    'by somebody who may not approve',
    'REVIEW_NOT_APPROVER',
    () => signedFile({}, key),
    () => siteWith(key, { key: { mayApprove: false } }),
  ],
  [
    'under a delegation that ended',
    'REVIEW_DELEGATION_EXPIRED',
    () => signedFile({}, key),
    () => delegated({ until: '2026-11-24T11:00:00.000Z' }),
  ],
  [
    'under a delegation that was revoked',
    'REVIEW_DELEGATION_REVOKED',
    () => signedFile({}, key),
    () => delegated({ revokedAt: '2026-11-24T11:00:00.000Z' }),
  ],
  [
    'under a delegation by somebody whose right is gone, a delegate among them',
    'REVIEW_DELEGATION_REVOKED',
    () => signedFile({}, key),
    () => delegated({ delegatorCounts: false }),
  ],
  [
    'under a delegation that has not begun',
    'REVIEW_DELEGATION_NOT_YET_VALID',
    () => signedFile({}, key),
    () => delegated({ from: '2026-12-01T00:00:00.000Z' }),
  ],
  [
    'under a delegation by whoever asked',
    'POLICY_SAME_PERSON',
    () => signedFile({}, key),
    () => delegated({ fromPerson: 'asha' }),
  ],
  [
    'under a delegation with a key that whoever asked had enrolled',
    'POLICY_SAME_PERSON',
    () => signedFile({}, key),
    () => delegated({ delegatorEnrolledBy: 'asha' }),
  ],
  [
    'silent about a patch of which one group is opt-in',
    'REVIEW_INCOMPLETE',
    () => answer(mixedPack('opt-in')),
    () => siteWithPack(mixedPack('opt-in')),
  ],
  [
    'by whoever asked',
    'POLICY_SAME_PERSON',
    () => signedFile({}, key),
    () => siteWith(key, { sent: { requestedBy: 'grace' } }),
  ],
  [
    'with a key that whoever asked had enrolled',
    'POLICY_SAME_PERSON',
    () => signedFile({}, key),
    () => siteWith(key, { key: { enrolledBy: 'asha' } }),
  ],
  [
    'about a patch that was not shown',
    'REVIEW_PATCH_UNKNOWN',
    () => signedFile({ rows: [row('f'.repeat(64)), row(LIBSSL)] }, key),
  ],
  [
    'deciding a patch twice',
    'REVIEW_PATCH_TWICE',
    () => signedFile({ rows: [row(OPENSSL), row(OPENSSL, { verdict: 'reject', reason: 'no' })] }, key),
  ],
  ['silent about a patch', 'REVIEW_INCOMPLETE', () => signedFile({ rows: [row(OPENSSL)] }, key)],
  [
    'rejecting without a reason',
    'REVIEW_REASON_MISSING',
    () => signedFile({ rows: [row(OPENSSL), row(LIBSSL, { verdict: 'reject', reason: ' ' })] }, key),
  ],
  [
    'deferring without a day',
    'REVIEW_DEFERRAL_INVALID',
    () => signedFile({ rows: [row(OPENSSL), row(LIBSSL, { verdict: 'defer', reason: 'freeze' })] }, key),
  ],
  [
    'deferring to a day that has passed',
    'REVIEW_DEFERRAL_INVALID',
    () =>
      signedFile(
        {
          rows: [
            row(OPENSSL),
            row(LIBSSL, { verdict: 'defer', reason: 'freeze', until: '2026-11-01T00:00:00.000Z' }),
          ],
        },
        key,
      ),
  ],
  [
    'deferring without a word on what protects meanwhile',
    'REVIEW_CONTROL_MISSING',
    () => {
      const until = '2026-12-01T00:00:00.000Z';
      const deferred = row(LIBSSL, { verdict: 'defer', reason: 'freeze', until, control: ' ' });
      return signedFile({ rows: [row(OPENSSL), deferred] }, key);
    },
  ],
];

describe('a decision file', () => {
  it('that is right is taken, with whose word it is', () => {
    const judged = judgeDecision(fileOf(text()), siteWith(key), reviewCrypto);
    expect(judged.signer.personId).toBe('grace');
    expect(judged.decision.rows).toHaveLength(2);
    expect(judged.sha256).toBe(reviewCrypto.sha256(Buffer.from(formatDecision(decisionOf()))));
  });

  it('that was signed before controls were demanded is still read', () => {
    const { control, ...deferred } = row(LIBSSL, { verdict: 'defer', reason: 'x', until: PACK.cutOffAt });
    const old = { ...decisionOf(), rows: [deferred] };
    expect(parseDecision(JSON.stringify(old), 'a decision').rows[0]).toMatchObject({
      verdict: 'defer',
      control,
    });
  });

  it('of a delegate is taken while the delegation lasts', () => {
    expect(judge(signedFile({}, key), delegated())).toBe('accepted');
  });

  it('may be partial where silence is a yes', () => {
    expect(judge(answer(mixedPack('opt-out')), siteWithPack(mixedPack('opt-out')))).toBe('accepted');
  });

  it('that disagrees with another approver is taken: the no outweighs the yes', () => {
    const known = [{ packId: 'pack-1', personId: 'ben', sha256: 'e'.repeat(64) }];
    expect(judge(fileOf(text()), siteWith(key, { site: { known } }))).toBe('accepted');
  });

  it('with the very bytes that another approver signed is taken as the word of a second person', () => {
    const sha256 = reviewCrypto.sha256(Buffer.from(formatDecision(decisionOf())));
    const known = [{ packId: 'pack-1', personId: 'ben', sha256 }];
    expect(judge(fileOf(text()), siteWith(key, { site: { known } }))).toBe('accepted');
  });

  it('is found among several signatures of several people', () => {
    const value = JSON.parse(signedText(formatDecision(decisionOf()), stranger)) as { signatures: unknown[] };
    const ours = JSON.parse(text()) as { signatures: unknown[] };
    value.signatures.push(...ours.signatures);
    expect(judge(fileOf(JSON.stringify(value)))).toBe('accepted');
  });

  for (const [what, code, makeFile, makeSite] of CROSSINGS) {
    test(`${what} is refused: ${code}`, () => {
      expect(judge(makeFile(), makeSite?.() ?? siteWith(key))).toBe(code);
    });
  }

  it('has no byte that can be changed without being noticed', () => {
    const whole = Buffer.from(text());
    for (let at = 0; at < whole.length; at += 7) {
      const bytes = Buffer.from(whole);
      bytes[at] = (bytes[at] ?? 0) ^ 0x01;
      const verdict = judge(fileOf(bytes));
      // The key id is a hint: its digits may differ, what they point at may not.
      if (verdict === 'accepted')
        expect(JSON.parse(bytes.toString())).toMatchObject({
          payload: (JSON.parse(text()) as { payload: string }).payload,
        });
    }
  });
});
