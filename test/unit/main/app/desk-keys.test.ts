import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readEnrolmentText } from '../../../../contract/vocabulary.ts';
import { openEngine, type Engine } from '../../../../main/app/compose.ts';
import { keyAtSite } from '../../../../main/core/review/key-at-site.ts';
import { openReviewerKey } from '../../../../main/review/reviewer-key.ts';
import { Caller } from '../../../support/caller.ts';

/** The life of a customer's key on their own machine. */

const FIRST = 'tin kettle river stone';
const SECOND = 'seven grey herons at dusk';
const NO_SHELL = {
  connect: () => Promise.reject(new Error('a connection was opened')),
  readHostKey: () => Promise.reject(new Error('a connection was opened')),
};

let folder: string;
let media: string;
let engines: Engine[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-my-key-'));
  media = join(folder, 'media');
  mkdirSync(media);
  engines = [];
});
afterEach(async () => {
  for (const engine of engines) await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function aDesk(name: string): Promise<{ readonly mira: Caller; readonly keyFile: () => string }> {
  const dataDir = join(folder, name);
  const engine = await openEngine({ dataDir, shell: NO_SHELL, kdfCost: { N: 1024, r: 8, p: 1 } });
  engines.push(engine);
  const mira = new Caller(engine);
  await mira.call('site.beginReview', {});
  const keyFile = (): string => {
    const found = readdirSync(dataDir).filter((file) => file.startsWith('reviewer-key-'));
    expect(found).toHaveLength(1);
    return join(dataDir, found[0] ?? '');
  };
  return { mira, keyFile };
}

test('what the site enrols is saved without a secret, as text or as the sheet, and nothing is overwritten', async () => {
  const { mira } = await aDesk('desk');
  expect(await mira.codeOf('myKey.saveEnrolment', { file: media })).toBe('VAULT_SECRET_MISSING');
  const { current } = await mira.call('myKey.create', { name: 'Zoë Patel', passphrase: FIRST });
  const { file } = await mira.call('myKey.saveEnrolment', { file: media });
  expect(file).toBe(join(media, `zoe-patel-${current?.fingerprint.slice(0, 8) ?? ''}.sallyport-enrol.txt`));
  expect(readEnrolmentText(readFileSync(file, 'utf8'))).toEqual({
    name: 'Zoë Patel',
    publicKey: current?.publicKey,
  });
  expect(await mira.codeOf('myKey.saveEnrolment', { file: media })).toBe('CONTRACT_CONFLICT');
  const sheet = join(media, 'sheet.html');
  await mira.call('myKey.saveEnrolment', { file: sheet, marking: 'OFFICIAL' });
  const html = readFileSync(sheet, 'utf8');
  expect(html).toContain('OFFICIAL');
  for (const word of current?.words ?? []) expect(html).toContain(`<li>${word}</li>`);
});

test('a changed passphrase opens the key and the old one does not; the key stays the same key', async () => {
  const { mira, keyFile } = await aDesk('desk');
  const { current } = await mira.call('myKey.create', { name: 'Mira', passphrase: FIRST });
  const wish = { passphrase: FIRST, newPassphrase: SECOND };
  const before = readFileSync(keyFile());
  expect(await mira.codeOf('myKey.changePassphrase', { ...wish, passphrase: SECOND })).toBe(
    'VAULT_PASSPHRASE_WRONG',
  );
  expect(await mira.codeOf('myKey.changePassphrase', { ...wish, newPassphrase: 'passphrase12' })).toBe(
    'VAULT_PASSPHRASE_WEAK',
  );
  expect(readFileSync(keyFile())).toEqual(before);
  expect((await mira.call('myKey.changePassphrase', wish)).current?.fingerprint).toBe(current?.fingerprint);
  await expect(openReviewerKey(keyFile(), FIRST)).rejects.toMatchObject({ code: 'VAULT_PASSPHRASE_WRONG' });
  expect((await openReviewerKey(keyFile(), SECOND)).publicKey).toBe(current?.publicKey);
});

test('a backup copy brings the key back under the passphrase that it was made with', async () => {
  const { mira, keyFile } = await aDesk('desk');
  const { current } = await mira.call('myKey.create', { name: 'Mira', passphrase: FIRST });
  const { file: copy } = await mira.call('myKey.export', { file: media });
  await mira.call('myKey.changePassphrase', { passphrase: FIRST, newPassphrase: SECOND });
  truncateSync(keyFile(), 40);
  expect(await mira.codeOf('myKey.export', { file: join(media, 'damaged.json') })).toBe('VAULT_DAMAGED');
  expect(await mira.codeOf('myKey.import', { file: copy, passphrase: SECOND })).toBe(
    'VAULT_PASSPHRASE_WRONG',
  );
  const after = await mira.call('myKey.import', { file: copy, passphrase: FIRST });
  expect([after.current?.fingerprint, after.retired]).toEqual([current?.fingerprint, []]);
  expect((await openReviewerKey(keyFile(), FIRST)).publicKey).toBe(current?.publicKey);
});

test('on another machine it is the same key, and takes the place of one made there', async () => {
  const { mira } = await aDesk('old');
  const { current } = await mira.call('myKey.create', { name: 'Mira', passphrase: FIRST });
  const { file } = await mira.call('myKey.export', { file: media });
  const { mira: there } = await aDesk('new');
  const other = await there.call('myKey.create', { name: 'Mira', passphrase: SECOND });
  const moved = await there.call('myKey.import', { file, passphrase: FIRST });
  expect(moved.current?.fingerprint).toBe(current?.fingerprint);
  expect(moved.retired.map(({ fingerprint }) => fingerprint)).toEqual([other.current?.fingerprint]);
  // A key that was replaced does not come back by its copy.
  await there.call('myKey.rotate', { name: 'Mira', passphrase: SECOND, reason: 'yearly' });
  expect(await there.codeOf('myKey.import', { file, passphrase: FIRST })).toBe('CONTRACT_CONFLICT');
});

test('what a pack says of a key', () => {
  const key = 'a'.repeat(64);
  const at = (validUntil: string | null, revokedAt: string | null) =>
    keyAtSite({ reviewers: [{ key, validUntil, revokedAt }] }, key, '2026-11-24T12:00:00.000Z');
  expect(keyAtSite({}, key, '2026-11-24T12:00:00.000Z')).toBe('not-said');
  expect(keyAtSite({ reviewers: [] }, key, '2026-11-24T12:00:00.000Z')).toBe('not-enrolled');
  expect(at(null, null)).toBe('enrolled');
  expect(at('2026-11-24T12:00:00.001Z', null)).toBe('enrolled');
  expect(at('2026-11-24T12:00:00.000Z', null)).toBe('expired');
  expect(at('2026-11-24T12:00:00.000Z', '2026-11-20T12:00:00.000Z')).toBe('revoked');
});
