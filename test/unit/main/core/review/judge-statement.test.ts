import { describe, expect, it, test } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import {
  DELEGATION_TYPE,
  formatDelegation,
  type Delegation,
} from '../../../../../main/core/review/delegation.ts';
import {
  EMERGENCY_TYPE,
  formatEmergency,
  type EmergencyRequest,
} from '../../../../../main/core/review/emergency.ts';
import {
  judgeDelegation,
  judgeEmergency,
  judgePolicy,
  type StatementSite,
} from '../../../../../main/core/review/judge-statement.ts';
import {
  DEFAULT_POLICY,
  formatPolicy,
  POLICY_TYPE,
  type GroupPolicy,
} from '../../../../../main/core/review/policy.ts';
import { REVIEW_LIMITS } from '../../../../../main/core/review/signed-file.ts';
import { reviewCrypto } from '../../../../../main/review/node-crypto.ts';
import { makeKey, NOW, signedText, siteWith } from '../../../../support/review-site.ts';

const key = makeKey();
const delegate = makeKey();
const stranger = makeKey();
const LATER = '2026-12-24T12:00:00.000Z';
const PAST = '2026-11-23T12:00:00.000Z';

const POLICY: GroupPolicy = {
  ...{ format: 'sallyport-policy/1', siteId: 'site-1', customer: 'Trust', group: 'web', version: 3 },
  ...DEFAULT_POLICY,
  ...{ signedAt: PAST, signedBy: 'Grace Lindqvist' },
};
const DELEGATION: Delegation = {
  ...{ format: 'sallyport-delegation/1', siteId: 'site-1', to: delegate.publicKey, from: PAST, until: LATER },
  ...{ reason: 'leave', signedAt: PAST, signedBy: 'Grace Lindqvist' },
};
const EMERGENCY: EmergencyRequest = {
  ...{
    format: 'sallyport-emergency/1',
    siteId: 'site-1',
    customer: 'Trust',
    groups: ['web'],
    pullsIn: false,
  },
  ...{ names: [{ kind: 'cve', value: 'CVE-2026-1000' }], reason: 'exploited' },
  ...{ requestedAt: PAST, until: LATER, signedBy: 'Grace Lindqvist' },
};
const policy = (fields: object = {}): string =>
  signedText(formatPolicy({ ...POLICY, ...fields }), key, POLICY_TYPE);
const delegation = (fields: object = {}): string =>
  signedText(formatDelegation({ ...DELEGATION, ...fields }), key, DELEGATION_TYPE);
const emergency = (fields: object = {}): string =>
  signedText(formatEmergency({ ...EMERGENCY, ...fields }), key, EMERGENCY_TYPE);

const [grace] = siteWith(key).keys;
if (grace === undefined) throw new Error('no key');
const site = (fields: Partial<StatementSite> = {}, owner: object = {}): StatementSite => ({
  ...{ siteId: 'site-1', now: NOW, known: new Set<string>() },
  keys: [
    { ...grace, ...owner },
    { ...grace, personId: 'bo', personName: 'Bo', mayApprove: false, publicKey: delegate.publicKey },
  ],
  customerOf: (group) => ({ web: 'Trust', db: 'Council', new: '' })[group],
  customers: ['', 'Trust'],
  speaksFor: () => true,
  versionOf: () => 2,
  hasLane: (group) => group === 'web',
  ...fields,
});

type Judge = (input: { file: string; bytes: Uint8Array }, at: StatementSite) => unknown;
const judges: Record<string, Judge> = {
  policy: (input, at) => judgePolicy(input, at, reviewCrypto),
  delegation: (input, at) => judgeDelegation(input, at, reviewCrypto),
  emergency: (input, at) => judgeEmergency(input, at, reviewCrypto),
};
function codeOf(kind: string, content: string | Uint8Array, at: StatementSite = site()): string {
  try {
    judges[kind]?.({ file: 'statement.json', bytes: Buffer.from(content) }, at);
    return 'accepted';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}
const changed = (text: string): string => {
  const value = JSON.parse(text) as { payload: string };
  const bytes = Buffer.from(value.payload, 'base64');
  const at = bytes.indexOf('Grace');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return JSON.stringify({ ...value, payload: bytes.toString('base64') });
};
const hashOf = (text: string): string =>
  reviewCrypto.sha256(Buffer.from((JSON.parse(text) as { payload: string }).payload, 'base64'));

describe('what a customer signs beside decisions', () => {
  for (const [kind, make, type] of [
    ['policy', policy, POLICY_TYPE],
    ['delegation', delegation, DELEGATION_TYPE],
    ['emergency', emergency, EMERGENCY_TYPE],
  ] as const) {
    const format = {
      policy: 'sallyport-policy',
      delegation: 'sallyport-delegation',
      emergency: 'sallyport-emergency',
    }[kind];
    const time = kind === 'emergency' ? 'requestedAt' : 'signedAt';
    const CROSSINGS: [
      what: string,
      code: string,
      content: () => string | Uint8Array,
      at?: () => StatementSite,
    ][] = [
      ['right', 'accepted', () => make()],
      [
        'signed by somebody of another customer',
        'REVIEW_NOT_THEIR_CUSTOMER',
        () => make(),
        () => site({ speaksFor: (personId) => personId !== 'grace' }),
      ],
      ['larger than any', 'REVIEW_FILE_TOO_LARGE', () => new Uint8Array(REVIEW_LIMITS.bytes + 1)],
      ['empty', 'REVIEW_FILE_UNREADABLE', () => ''],
      ['cut short', 'REVIEW_FILE_UNREADABLE', () => make().slice(0, -20)],
      ['not UTF-8', 'REVIEW_FILE_UNREADABLE', () => Uint8Array.of(0xff, 0xfe)],
      ['a decision instead', 'REVIEW_TYPE_UNKNOWN', () => signedText('{}', key)],
      ['changed after it was signed', 'REVIEW_SIGNATURE_BAD', () => changed(make())],
      ['signed by nobody we know', 'REVIEW_KEY_NOT_ENROLLED', () => signedText('{}', stranger, type)],
      ['signed with a revoked key', 'REVIEW_KEY_REVOKED', () => make(), () => site({}, { revokedAt: PAST })],
      [
        'signed with an expired key',
        'REVIEW_KEY_EXPIRED',
        () => make(),
        () => site({}, { validUntil: PAST }),
      ],
      [
        'signed with a key of later',
        'REVIEW_KEY_NOT_YET_VALID',
        () => make(),
        () => site({}, { validFrom: LATER }),
      ],
      ['no JSON inside', 'REVIEW_CONTENT_INVALID', () => signedText('yes', key, type)],
      ['with an unknown field', 'REVIEW_CONTENT_INVALID', () => make({ all: true })],
      ['of a later format', 'REVIEW_VERSION_UNKNOWN', () => make({ format: `${format}/2` })],
      ['for another site', 'REVIEW_OTHER_SITE', () => make({ siteId: 'site-2' })],
      ['imported before', 'REVIEW_REPLAYED', () => make(), () => site({ known: new Set([hashOf(make())]) })],
      ['by no approver', 'REVIEW_NOT_APPROVER', () => make(), () => site({}, { mayApprove: false })],
      ['from the future', 'REVIEW_CLOCK_WRONG', () => make({ [time]: LATER })],
    ];
    for (const [what, code, content, at] of CROSSINGS) {
      test(`a ${kind} that is ${what}: ${code}`, () => {
        expect(codeOf(kind, content(), at?.() ?? site())).toBe(code);
      });
    }
  }

  it.each([
    [
      'a policy for a group that is not there',
      'policy',
      () => policy({ group: 'mail' }),
      'REVIEW_GROUP_UNKNOWN',
    ],
    [
      "a policy for another customer's group",
      'policy',
      () => policy({ group: 'db' }),
      'REVIEW_CUSTOMER_DIFFERS',
    ],
    ["a policy for nobody's group", 'policy', () => policy({ group: 'new' }), 'REVIEW_CUSTOMER_DIFFERS'],
    ['a policy as old as that in force', 'policy', () => policy({ version: 2 }), 'REVIEW_POLICY_OLDER'],
    [
      'a delegation to a key unknown',
      'delegation',
      () => delegation({ to: stranger.publicKey }),
      'REVIEW_DELEGATE_UNKNOWN',
    ],
    [
      'a delegation to oneself',
      'delegation',
      () => delegation({ to: key.publicKey }),
      'REVIEW_DELEGATION_INVALID',
    ],
    [
      'a delegation that ends first',
      'delegation',
      () => delegation({ from: LATER }),
      'REVIEW_DELEGATION_INVALID',
    ],
    [
      'a delegation that has ended',
      'delegation',
      () => delegation({ from: '2026-11-01T00:00:00.000Z', until: PAST }),
      'REVIEW_DELEGATION_EXPIRED',
    ],
    [
      'a request without a lane',
      'emergency',
      () => emergency({ customer: 'Council', groups: ['db'] }),
      'REVIEW_EMERGENCY_NO_LANE',
    ],
    [
      "a request for others' groups",
      'emergency',
      () => emergency({ groups: ['web', 'db'] }),
      'REVIEW_CUSTOMER_DIFFERS',
    ],
    ['a request that has ended', 'emergency', () => emergency({ until: PAST }), 'REVIEW_EMERGENCY_ENDED'],
  ])('%s is refused', (_what, kind, content, code) => {
    expect(codeOf(kind, content())).toBe(code);
  });
});
