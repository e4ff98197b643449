import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { enrolmentText } from '../../../../contract/vocabulary.ts';
import { openEngine, type Engine } from '../../../../main/app/compose.ts';
import { fingerprintWords } from '../../../../main/bundle/fingerprint.ts';
import { keyFingerprint } from '../../../../main/review/public-key.ts';
import { addPerson, Caller } from '../../../support/caller.ts';

const PASSPHRASE = 'tin kettle river stone';
const NO_SHELL = {
  connect: () => Promise.reject(new Error('a connection was opened')),
  readHostKey: () => Promise.reject(new Error('a connection was opened')),
};

let folder: string;
let engine: Engine;
let asha: Caller;
let clock: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-reviewers-'));
  clock = '2026-11-24T12:00:00.000Z';
  engine = await openEngine({
    dataDir: join(folder, 'data'),
    shell: NO_SHELL,
    kdfCost: { N: 1024, r: 8, p: 1 },
    now: () => clock,
  });
  asha = new Caller(engine);
  const person = { name: 'Asha', roles: ['engineer' as const], passphrase: PASSPHRASE };
  await asha.call('site.create', { name: 'Ward 9', person });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function aKey() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return { publicKey, fingerprint: keyFingerprint(publicKey) };
}

async function signInManager(): Promise<Caller> {
  const roles = ['service-manager' as const];
  return addPerson(engine, asha, { name: 'Mo', roles, passphrase: PASSPHRASE });
}

test('an enrolment file is read, compared by words, and enrolled with how and for whom', async () => {
  const mo = await signInManager();
  const { publicKey, fingerprint } = aKey();
  const file = join(folder, 'zoe.sallyport-enrol.txt');
  writeFileSync(file, `${enrolmentText(publicKey, 'Zoë Patel')}\n`);
  expect(await mo.call('reviewers.read', { file })).toEqual({ name: 'Zoë Patel', publicKey, known: null });
  const enrolled = await mo.call('reviewers.enrol', {
    ...{ name: 'Zoë Patel', publicKey, fingerprint: fingerprintWords(fingerprint).join(' ') },
    ...{ compared: 'letter', customers: ['Trust', 'Council', 'Trust'] },
    validUntil: '2027-11-24T00:00:00.000Z',
  });
  expect(enrolled).toMatchObject({
    ...{ id: fingerprint, personName: 'Zoë Patel', compared: 'letter', customers: ['Council', 'Trust'] },
    ...{ enrolledBy: 'Mo', state: 'counts', words: fingerprintWords(fingerprint) },
  });
  expect((await mo.call('reviewers.read', { text: publicKey })).known?.id).toBe(fingerprint);
  expect(await mo.call('persons.customers', {})).toMatchObject([
    { person: 'Zoë Patel', customers: ['Council', 'Trust'], by: 'Mo' },
  ]);
  clock = '2027-11-24T00:00:00.000Z';
  expect((await mo.call('reviewers.list', {}))[0]?.state).toBe('expired');
});

test('the fingerprint of another key, too large a file and what is no key are refused', async () => {
  const key = aKey();
  const wish = { name: 'Zoe', publicKey: key.publicKey };
  expect(await asha.codeOf('reviewers.enrol', { ...wish, fingerprint: aKey().fingerprint })).toBe(
    'CONTRACT_INPUT_INVALID',
  );
  expect(await asha.codeOf('reviewers.read', { text: 'sallyport-enrol:2:00:Zoe' })).toBe(
    'CONTRACT_INPUT_INVALID',
  );
  const large = join(folder, 'large');
  writeFileSync(large, 'a'.repeat(16_385));
  expect(await asha.codeOf('reviewers.read', { file: large })).toBe('REVIEW_FILE_TOO_LARGE');
  expect(await asha.codeOf('reviewers.read', { file: join(folder, 'none') })).toBe('REVIEW_FILE_UNREADABLE');
  expect(await asha.call('reviewers.list', {})).toEqual([]);
});

test('safety rule 9: once a service manager can sign in, an engineer enrols nobody and says for nobody whom they speak for', async () => {
  const { publicKey, fingerprint } = aKey();
  const wish = { name: 'Zoe', publicKey, fingerprint };
  // Before: an engineer may enrol, but not say for whom.
  expect(await asha.codeOf('reviewers.enrol', { ...wish, customers: ['Trust'] })).toBe('POLICY_ROLE_MISSING');
  expect(await asha.call('reviewers.list', {})).toEqual([]);
  const mo = await signInManager();
  expect(await asha.codeOf('reviewers.enrol', wish)).toBe('POLICY_ROLE_MISSING');
  // A service manager does not let their own key speak for anybody.
  expect(await mo.codeOf('reviewers.enrol', { ...wish, name: 'Mo', customers: ['Trust'] })).toBe(
    'POLICY_SAME_PERSON',
  );
  expect(await mo.call('reviewers.list', {})).toEqual([]);
  expect(await mo.codeOf('reviewers.enrol', wish)).toBeUndefined();
});

test('a revoked key says by whom, when and why, is not enrolled again, and a new one is the same person’s', async () => {
  const mo = await signInManager();
  const lost = aKey();
  const next = aKey();
  await mo.call('reviewers.enrol', { name: 'Zoe', ...lost });
  clock = '2026-11-25T09:00:00.000Z';
  expect(
    await mo.call('reviewers.revoke', { id: lost.fingerprint, reason: 'passphrase lost' }),
  ).toMatchObject({ state: 'revoked', revokedAt: clock, revokedBy: 'Mo', revokedReason: 'passphrase lost' });
  expect(await mo.codeOf('reviewers.revoke', { id: lost.fingerprint, reason: 'again' })).toBe(
    'CONTRACT_CONFLICT',
  );
  expect(await mo.codeOf('reviewers.enrol', { name: 'Zoe', ...lost })).toBe('CONTRACT_CONFLICT');
  expect((await mo.call('reviewers.read', { text: lost.publicKey })).known?.state).toBe('revoked');
  await mo.call('reviewers.enrol', { name: 'Zoe', ...next });
  const keys = await mo.call('reviewers.list', {});
  expect(keys.map(({ state }) => state)).toEqual(['revoked', 'counts']);
  expect(new Set(keys.map(({ personId }) => personId)).size).toBe(1);
});
