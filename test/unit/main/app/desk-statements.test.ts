import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { InputOf } from '../../../../contract/channels.ts';
import { enrolmentText } from '../../../../contract/vocabulary.ts';
import { parseEnvelope } from '../../../../main/core/review/dsse.ts';
import { parsePolicy, type GroupPolicy } from '../../../../main/core/review/policy.ts';
import { reviewCrypto } from '../../../../main/review/node-crypto.ts';
import { keyFingerprint } from '../../../../main/review/public-key.ts';
import { Desk, PHRASE, TERMS } from '../../../support/desk.ts';
import { makeKey, type TestKey } from '../../../support/review-site.ts';

let desk: Desk;
let site: TestKey;
let fingerprint: string;

beforeEach(async () => {
  desk = new Desk();
  await desk.start();
  await desk.mira.call('site.beginReview', {});
  fingerprint = (await desk.mira.call('myKey.create', { name: 'Mira', passphrase: PHRASE })).current!
    .fingerprint;
  site = makeKey();
});
afterEach(() => desk.close());

const IN_FORCE: GroupPolicy = {
  ...{ format: 'sallyport-policy/1', siteId: 'site-1', customer: 'Trust', group: 'web', version: 4 },
  ...{ ...TERMS, emergency: true, signedAt: '2026-10-01T09:00:00.000Z', signedBy: 'Mira' },
};
const groups = [
  { name: 'web', policySha256: 'e'.repeat(64), policy: IN_FORCE },
  { name: 'db', policySha256: null, policy: null },
];

/** A pack of the site is open, and its key was compared. */
async function compare(): Promise<void> {
  const file = desk.writePack(site, { customer: 'Trust', groups });
  const { id } = await desk.mira.call('packs.open', { file });
  await desk.mira.call('packs.trustSite', { id, fingerprint: keyFingerprint(site.publicKey) });
}

type PolicyWish = InputOf<'statements.signPolicy'>;
const policy = (change: Partial<PolicyWish> = {}): PolicyWish => ({
  ...{ siteId: 'site-1', customer: 'Trust', group: 'web', terms: TERMS },
  ...{ file: desk.newFile(), passphrase: PHRASE },
  ...change,
});
const delegation = (
  change: Partial<InputOf<'statements.signDelegation'>> = {},
): InputOf<'statements.signDelegation'> => ({
  ...{ siteId: 'site-1', to: 'ab'.repeat(32), until: '2026-12-24T12:00:00.000Z', reason: 'on leave' },
  ...{ file: desk.newFile(), passphrase: PHRASE },
  ...change,
});
const emergency = (
  change: Partial<InputOf<'statements.signEmergency'>> = {},
): InputOf<'statements.signEmergency'> => ({
  ...{ siteId: 'site-1', customer: 'Trust', groups: ['web'], pullsIn: true, reason: 'exploited' },
  ...{ names: [{ kind: 'cve', value: 'CVE-2026-1001' }], until: '2026-11-27T12:00:00.000Z' },
  ...{ file: desk.newFile(), passphrase: PHRASE },
  ...change,
});

test('sites come from packs whose key was compared, with what is in force and what was signed here', async () => {
  const file = desk.writePack(site, { customer: 'Trust', groups });
  const { id } = await desk.mira.call('packs.open', { file });
  expect(await desk.mira.call('statements.sites', {})).toEqual([]);
  expect(await desk.mira.codeOf('statements.signPolicy', policy())).toBe('REVIEW_SITE_KEY_UNTRUSTED');
  expect(await desk.mira.codeOf('statements.signDelegation', delegation())).toBe('REVIEW_SITE_KEY_UNTRUSTED');
  expect(await desk.mira.codeOf('statements.signEmergency', emergency())).toBe('REVIEW_SITE_KEY_UNTRUSTED');
  await desk.mira.call('packs.trustSite', { id, fingerprint: keyFingerprint(site.publicKey) });
  // Nothing that another key signed is believed, whatever it names.
  await desk.mira.call('packs.open', {
    file: desk.writePack(makeKey(), {
      ...{ packId: 'pack-2', createdAt: '2026-11-23T12:00:00.000Z', customer: 'Thief' },
      groups: [{ name: 'web', policySha256: null, policy: null }],
    }),
  });
  await desk.mira.call('statements.signPolicy', policy({ terms: { ...TERMS, approvers: 2 } }));
  const [known, ...rest] = await desk.mira.call('statements.sites', {});
  expect(rest).toEqual([]);
  expect(known).toMatchObject({ siteId: 'site-1', siteName: 'Northfield Trust', customer: 'Trust' });
  expect(known?.groups).toEqual([
    { name: 'db', inForce: null, asOf: '2026-11-20T12:00:00.000Z', signedHere: null },
    {
      ...{ name: 'web', asOf: '2026-11-20T12:00:00.000Z' },
      inForce: { version: 4, terms: { ...TERMS, emergency: true } },
      signedHere: { version: 5, terms: { ...TERMS, approvers: 2 } },
    },
  ]);
});

test('a policy is signed with the own key, written once, kept, and the same to the byte after a restart', async () => {
  await compare();
  const wish = policy({ terms: { ...TERMS, mode: 'opt-out', noticeHours: 48 } });
  const signed = await desk.mira.call('statements.signPolicy', wish);
  expect(signed).toMatchObject({ kind: 'policy', version: 5, signedBy: 'Mira', key: fingerprint });
  expect(signed.files).toEqual([{ file: wish.file, at: desk.clock }]);
  const { payload, signatures } = parseEnvelope(readFileSync(wish.file, 'utf8'), 'policy', reviewCrypto);
  expect(signatures.map(({ keyId }) => keyId)).toEqual([fingerprint]);
  expect(reviewCrypto.sha256(payload)).toBe(signed.sha256);
  expect(parsePolicy(reviewCrypto.decodeUtf8(payload), 'policy')).toMatchObject({
    ...{ siteId: 'site-1', customer: 'Trust', group: 'web', mode: 'opt-out', noticeHours: 48 },
  });

  await desk.start();
  expect(await desk.mira.call('statements.list', {})).toEqual([signed]);
  const again = desk.newFile();
  expect(await desk.mira.codeOf('statements.write', { sha256: signed.sha256, file: wish.file })).toBe(
    'CONTRACT_CONFLICT',
  );
  const { files } = await desk.mira.call('statements.write', { sha256: signed.sha256, file: again });
  expect(files.map(({ file }) => file)).toEqual([wish.file, again]);
  expect(readFileSync(again)).toEqual(readFileSync(wish.file));
  expect(await desk.mira.codeOf('statements.write', { sha256: 'f'.repeat(64), file: again })).toBe(
    'CONTRACT_NOT_FOUND',
  );
});

test('what is wrong with a policy is said before anything is signed', async () => {
  await compare();
  const day = '2026-11-23T12:00:00.000Z';
  const standing = (value: string, until: string, kind: 'package' | 'kb' = 'package') => ({
    ...TERMS,
    standing: [{ match: { kind, value }, classes: ['security' as const], until, reason: '' }],
  });
  const cases: readonly (readonly [string, Partial<PolicyWish>, string])[] = [
    ['a wrong passphrase', { passphrase: 'not this passphrase' }, 'VAULT_PASSPHRASE_WRONG'],
    ['the version in force', { version: 4 }, 'REVIEW_POLICY_OLDER'],
    ['an older version', { version: 1 }, 'REVIEW_POLICY_OLDER'],
    ['a standing approval in the past', { terms: standing('tzdata', day) }, 'REVIEW_CONTENT_INVALID'],
    [
      'no number of an update',
      { terms: standing('5031356', '2027-01-01T00:00:00.000Z', 'kb') },
      'REVIEW_CONTENT_INVALID',
    ],
    [
      'an exclusion without a reason',
      { terms: { ...TERMS, exclusions: [{ match: { kind: 'package', value: 'curl' }, reason: ' ' }] } },
      'CONTRACT_INPUT_INVALID',
    ],
    [
      'an exclusion of nothing',
      { terms: { ...TERMS, exclusions: [{ match: { kind: 'package', value: ' ' }, reason: 'because' }] } },
      'CONTRACT_INPUT_INVALID',
    ],
    ['no class', { terms: { ...TERMS, classes: [] } }, 'CONTRACT_INPUT_INVALID'],
    ['six approvers', { terms: { ...TERMS, approvers: 6 } }, 'CONTRACT_INPUT_INVALID'],
    ['no date', { terms: standing('tzdata', 'tomorrow') }, 'CONTRACT_INPUT_INVALID'],
    ['a path from nowhere', { file: 'policy.json' }, 'CONTRACT_INPUT_INVALID'],
    ['a folder that is not there', { file: join(desk.folder, 'gone', 'policy.json') }, 'CONTRACT_CONFLICT'],
  ];
  for (const [what, change, code] of cases) {
    expect([what, await desk.mira.codeOf('statements.signPolicy', policy(change))]).toEqual([what, code]);
  }
  // Only the last was signed: it is kept, and goes to another medium as it is.
  const kept = await desk.mira.call('statements.list', {});
  expect(kept.map(({ files }) => files)).toEqual([[]]);
  expect((await desk.mira.call('statements.signPolicy', policy())).kind).toBe('policy');
  const there = policy();
  await desk.mira.call('statements.signPolicy', there);
  expect(await desk.mira.codeOf('statements.signPolicy', there)).toBe('CONTRACT_CONFLICT');
  expect(await desk.mira.call('statements.list', {})).toHaveLength(3);
});

test('a site of which no pack was opened is signed for by its id, and the version counts what was signed here', async () => {
  const wish = (version: number | null) => policy({ siteId: 'site-9', group: 'lab', version });
  expect(await desk.mira.call('statements.signPolicy', wish(null))).toMatchObject({
    version: 1,
    siteName: '',
  });
  expect(await desk.mira.call('statements.signPolicy', wish(7))).toMatchObject({ version: 7 });
  expect(await desk.mira.codeOf('statements.signPolicy', wish(7))).toBe('REVIEW_POLICY_OLDER');
  expect(await desk.mira.call('statements.signPolicy', wish(null))).toMatchObject({ version: 8 });
});

test('a delegation names somebody else’s key and a time to come', async () => {
  const other = makeKey().publicKey;
  const text = enrolmentText(other, 'Inès Okoye');
  expect(await desk.mira.call('statements.readKey', { text })).toMatchObject({
    ...{ name: 'Inès Okoye', publicKey: other, fingerprint: keyFingerprint(other) },
  });
  expect(await desk.mira.codeOf('statements.readKey', { text: 'no key' })).toBe('CONTRACT_INPUT_INVALID');
  const own = (await desk.mira.call('myKey.get', {})).current?.publicKey ?? '';
  const past = '2026-11-23T12:00:00.000Z';
  const cases: readonly (readonly [string, object, string])[] = [
    ['their own key', { to: own }, 'REVIEW_DELEGATION_INVALID'],
    ['an end before the beginning', { from: '2027-01-01T00:00:00.000Z' }, 'REVIEW_DELEGATION_INVALID'],
    ['an end in the past', { from: '2026-11-01T00:00:00.000Z', until: past }, 'REVIEW_DELEGATION_EXPIRED'],
    ['no reason', { reason: ' ' }, 'CONTRACT_INPUT_INVALID'],
    ['no key', { to: 'Inès' }, 'CONTRACT_INPUT_INVALID'],
    ['a wrong passphrase', { passphrase: 'not this passphrase' }, 'VAULT_PASSPHRASE_WRONG'],
  ];
  for (const [what, change, code] of cases) {
    expect([what, await desk.mira.codeOf('statements.signDelegation', delegation(change))]).toEqual([
      what,
      code,
    ]);
  }
  const signed = await desk.mira.call('statements.signDelegation', delegation({ to: text }));
  expect(signed).toMatchObject({
    ...{ kind: 'delegation', to: keyFingerprint(other), toName: 'Inès Okoye', from: desk.clock },
  });
  expect(await desk.mira.call('statements.list', {})).toEqual([signed]);
});

test('an emergency request names patches and an end to come', async () => {
  const cases: readonly (readonly [string, object, string])[] = [
    ['an end in the past', { until: '2026-11-24T12:00:00.000Z' }, 'REVIEW_EMERGENCY_ENDED'],
    ['nothing named', { names: [] }, 'CONTRACT_INPUT_INVALID'],
    ['no CVE', { names: [{ kind: 'cve', value: 'CVE-26' }] }, 'CONTRACT_INPUT_INVALID'],
    ['no group', { groups: [] }, 'CONTRACT_INPUT_INVALID'],
    ['no reason', { reason: '' }, 'CONTRACT_INPUT_INVALID'],
    ['a wrong passphrase', { passphrase: 'not this passphrase' }, 'VAULT_PASSPHRASE_WRONG'],
  ];
  for (const [what, change, code] of cases) {
    expect([what, await desk.mira.codeOf('statements.signEmergency', emergency(change))]).toEqual([
      what,
      code,
    ]);
  }
  const names = [
    { kind: 'package' as const, value: 'openssl', version: '3.0.22-1' },
    { kind: 'kb' as const, value: 'KB5031356' },
  ];
  const signed = await desk.mira.call(
    'statements.signEmergency',
    emergency({ names, groups: ['web', 'web'] }),
  );
  expect(signed).toMatchObject({ kind: 'emergency', groups: ['web'], names, reason: 'exploited' });
});

test('without a key nothing is signed, and a key that was replaced signs no more', async () => {
  const bare = new Desk();
  await bare.start();
  await bare.mira.call('site.beginReview', {});
  expect(await bare.mira.codeOf('statements.signPolicy', policy())).toBe('VAULT_SECRET_MISSING');
  expect(await bare.mira.call('statements.list', {})).toEqual([]);
  await bare.close();
  await desk.mira.call('statements.signPolicy', policy({ siteId: 'site-9' }));
  const replaced = 'a window left ajar today';
  await desk.mira.call('myKey.rotate', { name: 'Mira', passphrase: replaced, reason: 'yearly' });
  expect(await desk.mira.codeOf('statements.signPolicy', policy({ siteId: 'site-9' }))).toBe(
    'VAULT_PASSPHRASE_WRONG',
  );
  const fresh = await desk.mira.call(
    'statements.signPolicy',
    policy({ siteId: 'site-9', passphrase: replaced }),
  );
  expect(fresh.key).not.toBe(fingerprint);
  expect((await desk.mira.call('statements.list', {})).map(({ key }) => key)).toEqual([
    fresh.key,
    fingerprint,
  ]);
});
