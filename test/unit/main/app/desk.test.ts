import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { generateKeyPairSync, sign } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CHANNELS, workspaceOf, type ChannelName } from '../../../../contract/channels.ts';
import { openEngine, type Engine } from '../../../../main/app/compose.ts';
import { canonicalJson } from '../../../../main/core/plan.ts';
import { formatEnvelope, parseEnvelope, preAuthEncode } from '../../../../main/core/review/dsse.ts';
import { PACK_TYPE } from '../../../../main/core/review/review-pack.ts';
import { reviewCrypto } from '../../../../main/review/node-crypto.ts';
import { keyFingerprint } from '../../../../main/review/public-key.ts';
import { Caller } from '../../../support/caller.ts';

const PASSPHRASE = 'tin kettle river stone';
const NO_SHELL = {
  connect: () => Promise.reject(new Error('a connection was opened')),
  readHostKey: () => Promise.reject(new Error('a connection was opened')),
};
const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

let folder: string;
let data: string;
let engine: Engine;
let mira: Caller;
let clock = '2026-11-24T12:00:00.000Z';

const start = async (): Promise<void> => {
  engine = await openEngine({
    dataDir: data,
    shell: NO_SHELL,
    kdfCost: { N: 1024, r: 8, p: 1 },
    now: () => clock,
  });
  mira = new Caller(engine);
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-desk-'));
  data = join(folder, 'data');
  clock = '2026-11-24T12:00:00.000Z';
  await start();
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function makeSigner() {
  const { privateKey } = generateKeyPairSync('ed25519');
  const publicKey = Buffer.from(privateKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex');
  return { publicKey, sign: (message: Uint8Array) => sign(null, message, privateKey) };
}

const patch = (sha256: string, name: string) => ({
  ...{ sha256, package: name, arch: 'amd64', version: '2', source: name, severity: 'high', urgency: 'high' },
  ...{ security: true, cves: [], size: 10, requested: true },
  endpoints: [{ id: 'e1', name: 'web-1', from: '1' }],
});

function writePack(name: string, signer: ReturnType<typeof makeSigner>, change: object = {}): string {
  const pack = {
    ...{
      format: 'sallyport-review-pack/1',
      packId: '11111111-1111-4111-8111-111111111111',
      siteId: 's1',
      siteName: 'Ward 9',
      marking: 'OFFICIAL',
    },
    ...{ approvalId: 'a1', planId: 'l1', planDigest: 'c'.repeat(64), nonce: 'd'.repeat(32) },
    ...{ createdAt: '2026-11-24T10:00:00.000Z', createdBy: 'Asha', cutOffAt: '2026-11-26T10:00:00.000Z' },
    ...{ approvers: 1, patches: [patch(A, 'curl'), patch(B, 'bash')] },
    ...change,
  };
  // A pack is well formed as a whole: the defaults of the schema belong to readers.
  const payload = reviewCrypto.encodeUtf8(canonicalJson(pack));
  const signature = signer.sign(preAuthEncode(PACK_TYPE, payload, reviewCrypto));
  const file = join(folder, name);
  writeFileSync(
    file,
    formatEnvelope(
      { payloadType: PACK_TYPE, payload, signatures: [{ keyId: signer.publicKey, signature }] },
      reviewCrypto,
    ),
  );
  return file;
}

const row = (sha256: string, verdict: 'approve' | 'reject', reason = '') => ({
  patch: sha256,
  verdict,
  reason,
});

test('safety rule 8: Review reaches nothing of Operate or Collect, and is neither entered nor left', async () => {
  const view = await mira.call('site.beginReview', {});
  expect([view.site?.workspace, view.signedIn, view.vault]).toEqual(['review', null, 'absent']);
  const names = (Object.keys(CHANNELS) as ChannelName[]).filter((name) => workspaceOf(name) !== 'review');
  const open = ['site.get', 'session.signOut'];
  for (const name of names.filter((each) => !open.includes(each))) {
    // What needs no sign-in is refused by its input or by the site that is there; everything else by the sign-in, which nobody has.
    expect([name, await mira.codeOf(name, {})]).not.toEqual([name, undefined]);
    if (CHANNELS[name].requires === 'anyone' && workspaceOf(name) !== 'any') {
      expect([name, await mira.codeOf(name, {})]).toEqual([name, 'POLICY_OTHER_WORKSPACE']);
    }
  }
  expect(await mira.codeOf('site.beginReview', {})).toBe('CONTRACT_CONFLICT');
  expect(
    await mira.codeOf('site.create', {
      name: 'Ward 9',
      person: { name: 'Asha', roles: ['engineer'], passphrase: PASSPHRASE },
    }),
  ).toBe('CONTRACT_CONFLICT');
});

test('safety rule 8: neither Operate nor Collect turns into Review, and neither reaches its desk', async () => {
  for (const workspace of ['operate', 'collect'] as const) {
    data = join(folder, workspace);
    await engine.close();
    await start();
    const person = { name: 'Asha', roles: ['engineer' as const], passphrase: PASSPHRASE };
    await mira.call('site.create', { name: 'Ward 9', workspace, person });
    expect(await mira.codeOf('site.setWorkspace', { workspace: 'review' })).toBe('POLICY_WORKSPACE_IN_USE');
    expect(await mira.codeOf('site.beginReview', {})).toBe('CONTRACT_CONFLICT');
    for (const name of (Object.keys(CHANNELS) as ChannelName[]).filter(
      (each) => workspaceOf(each) === 'review',
    )) {
      expect([name, await mira.codeOf(name, {})]).toEqual([name, 'POLICY_OTHER_WORKSPACE']);
    }
  }
});

test('from pack to signed decision, over a restart, and only once', async () => {
  const site = makeSigner();
  const file = writePack('pack.json', site);
  await mira.call('site.beginReview', {});
  const { id, siteKeyState } = await mira.call('packs.open', { file });
  expect(siteKeyState).toBe('to-compare');
  expect((await mira.call('packs.open', { file })).id).toBe(id);
  expect(await mira.call('packs.list', {})).toHaveLength(1);

  await mira.call('packs.draft', { id, rows: [row(A, 'approve')] });
  await engine.close();
  await start();
  const sheet = await mira.call('packs.sheet', { id });
  expect([sheet.draft.map(({ verdict }) => verdict), sheet.mayDecide]).toEqual([['approve'], true]);
  expect(await mira.codeOf('packs.draft', { id, rows: [row('f'.repeat(64), 'approve')] })).toBe(
    'REVIEW_PATCH_UNKNOWN',
  );

  const out = join(folder, 'decision.json');
  const wish = { id, file: out, passphrase: PASSPHRASE };
  expect(await mira.codeOf('packs.export', wish)).toBe('REVIEW_SITE_KEY_UNTRUSTED');
  expect(await mira.codeOf('packs.trustSite', { id, fingerprint: 'e'.repeat(64) })).toBe(
    'REVIEW_SITE_KEY_DIFFERS',
  );
  await mira.call('packs.trustSite', { id, fingerprint: keyFingerprint(site.publicKey) });
  expect(await mira.codeOf('packs.export', wish)).toBe('REVIEW_INCOMPLETE');
  await mira.call('packs.draft', { id, rows: [row(B, 'reject', 'breaks the printers')] });
  expect(await mira.codeOf('packs.export', wish)).toBe('VAULT_SECRET_MISSING');
  const { current } = await mira.call('myKey.create', { name: 'Mira', passphrase: PASSPHRASE });
  expect(await mira.codeOf('packs.export', { ...wish, passphrase: 'not this passphrase' })).toBe(
    'VAULT_PASSPHRASE_WRONG',
  );
  expect(await mira.call('packs.export', wish)).toMatchObject({ approved: 1, rejected: 1 });
  const signed = parseEnvelope(readFileSync(out, 'utf8'), 'decision', reviewCrypto);
  expect(signed.signatures[0]?.keyId).toBe(current?.fingerprint);

  // Nothing is overwritten, and the answer stays one answer, to the byte.
  expect(await mira.codeOf('packs.export', wish)).toBe('CONTRACT_CONFLICT');
  const again = join(folder, 'again.json');
  await mira.call('packs.export', { id, file: again });
  expect(readFileSync(again)).toEqual(readFileSync(out));
  expect(await mira.codeOf('packs.draft', { id, rows: [row(A, 'reject', 'changed my mind')] })).toBe(
    'REVIEW_DECIDED_ALREADY',
  );
});

test('another key for a site that was compared, a late pack and a superseded one are not decided on', async () => {
  const site = makeSigner();
  await mira.call('site.beginReview', {});
  const first = await mira.call('packs.open', { file: writePack('1.json', site) });
  await mira.call('packs.trustSite', { id: first.id, fingerprint: first.siteKeyWords.join(' ') });
  const thief = makeSigner();
  const forged = await mira.call('packs.open', {
    file: writePack('2.json', thief, {
      packId: '22222222-2222-4222-8222-222222222222',
      createdAt: '2026-11-24T11:00:00.000Z',
    }),
  });
  expect([forged.siteKeyState, (await mira.call('packs.sheet', { id: forged.id })).mayDecide]).toEqual([
    'other',
    false,
  ]);
  expect(await mira.codeOf('packs.draft', { id: forged.id, rows: [row(A, 'approve')] })).toBe(
    'REVIEW_SITE_KEY_DIFFERS',
  );
  expect(
    await mira.codeOf('packs.trustSite', { id: forged.id, fingerprint: keyFingerprint(thief.publicKey) }),
  ).toBe('REVIEW_SITE_KEY_DIFFERS');
  // What a thief signed takes nothing's place.
  expect((await mira.call('packs.list', {})).find(({ id }) => id === first.id)?.state).toBe('open');
  await mira.call('packs.open', {
    file: writePack('3.json', site, {
      packId: '33333333-3333-4333-8333-333333333333',
      createdAt: '2026-11-24T11:00:00.000Z',
    }),
  });
  expect((await mira.call('packs.list', {})).map(({ state }) => state)).toEqual([
    'open',
    'open',
    'superseded',
  ]);
  expect(await mira.codeOf('packs.draft', { id: first.id, rows: [row(A, 'approve')] })).toBe(
    'REVIEW_PACK_SUPERSEDED',
  );
  clock = '2026-11-27T12:00:00.000Z';
  const late = (await mira.call('packs.list', {}))[0];
  expect(late?.state).toBe('late');
  expect(await mira.codeOf('packs.export', { id: late?.id ?? '', file: join(folder, 'x') })).toBe(
    'REVIEW_LATE',
  );
});

test('a changed pack is refused before it is kept', async () => {
  await mira.call('site.beginReview', {});
  const file = writePack('pack.json', makeSigner());
  const envelope = JSON.parse(readFileSync(file, 'utf8')) as { payload: string };
  const text = Buffer.from(envelope.payload, 'base64').toString().replace('curl', 'bird');
  writeFileSync(file, JSON.stringify({ ...envelope, payload: Buffer.from(text).toString('base64') }));
  expect(await mira.codeOf('packs.open', { file })).toBe('REVIEW_SIGNATURE_BAD');
  expect(await mira.call('packs.list', {})).toEqual([]);
});

test('a lost passphrase is got over with a new key, and the old one signs nothing any more', async () => {
  await mira.call('site.beginReview', {});
  const before = await mira.call('myKey.create', { name: 'Mira', passphrase: PASSPHRASE });
  expect(await mira.codeOf('myKey.create', { name: 'Mira', passphrase: PASSPHRASE })).toBe(
    'CONTRACT_CONFLICT',
  );
  const after = await mira.call('myKey.rotate', {
    ...{ name: 'Mira', passphrase: 'another long passphrase', reason: 'passphrase lost' },
  });
  expect(after.current?.fingerprint).not.toBe(before.current?.fingerprint);
  expect(after.retired.map(({ fingerprint, retiredBecause }) => [fingerprint, retiredBecause])).toEqual([
    [before.current?.fingerprint, 'passphrase lost'],
  ]);
  expect(after.current?.words).toHaveLength(24);
});

const policy = (group: string, mode: 'opt-in' | 'opt-out') => ({
  ...{
    format: 'sallyport-policy/1',
    siteId: 's1',
    customer: 'Trust',
    group,
    version: 1,
    mode,
    noticeHours: 24,
  },
  ...{ approvers: 1, classes: ['security', 'other'], exclusions: [], standing: [], emergency: false },
  ...{ signedAt: '2026-11-01T10:00:00.000Z', signedBy: 'Mira' },
});
const OPT_OUT = {
  groups: [{ name: 'g', policySha256: 'e'.repeat(64), policy: policy('g', 'opt-out') }],
  endpoints: [
    {
      ...{ id: 'e1', name: 'web-1', group: 'g', snapshotMode: 'hard', restoreOnFailure: true },
      ...{ rebootPolicy: 'never', scannedAt: null },
    },
  ],
};
const STANDING = {
  patches: [
    { ...patch(A, 'curl'), standing: 'approved' },
    { ...patch(B, 'bash'), standing: 'out-of-scope' },
  ],
};

test.each([
  ['under opt-out', OPT_OUT],
  ['with nothing but what the policies have settled', STANDING],
])('an answer without a row is never signed %s, and the customer can still decide', async (_what, change) => {
  const site = makeSigner();
  await mira.call('site.beginReview', {});
  const { id, siteKeyWords } = await mira.call('packs.open', { file: writePack('p.json', site, change) });
  await mira.call('packs.trustSite', { id, fingerprint: siteKeyWords.join(' ') });
  await mira.call('myKey.create', { name: 'Mira', passphrase: PASSPHRASE });
  const out = join(folder, 'decision.json');
  const wish = { id, file: out, passphrase: PASSPHRASE };
  expect(await mira.call('packs.silence', { id })).toMatchObject({ awaited: 0 });
  expect(await mira.codeOf('packs.export', wish)).toBe('REVIEW_INCOMPLETE');
  expect(existsSync(out)).toBe(false);
  expect((await mira.call('packs.list', {}))[0]?.state).toBe('open');
  await mira.call('packs.draft', { id, rows: [row(B, 'reject', 'breaks the printers')] });
  expect(await mira.call('packs.export', wish)).toMatchObject({ approved: 0, rejected: 1 });
});

test('a list of many packs opens each once, and a decision reads no other', async () => {
  const site = makeSigner();
  await mira.call('site.beginReview', {});
  const ids: string[] = [];
  for (let index = 0; index < 6; index += 1) {
    const packId = `${String(index).repeat(8)}-1111-4111-8111-111111111111`;
    const file = writePack(`${String(index)}.json`, site, { packId, approvalId: packId });
    ids.push((await mira.call('packs.open', { file })).id);
  }
  await engine.close();
  await start();
  const verified = vi.spyOn(reviewCrypto, 'verifyEd25519');
  try {
    const list = await mira.call('packs.list', {});
    expect(list.map(({ patches, state }) => [patches, state])).toEqual(ids.map(() => [2, 'open']));
    await mira.call('packs.list', {});
    expect(verified.mock.calls.length).toBeLessThanOrEqual(ids.length);
    verified.mockClear();
    for (const id of ids) await mira.call('packs.draft', { id, rows: [row(A, 'approve')] });
    await mira.call('packs.list', {});
    // The pack that is decided on, and nothing else.
    expect(verified.mock.calls.length).toBeLessThanOrEqual(ids.length);
  } finally {
    verified.mockRestore();
  }
});
