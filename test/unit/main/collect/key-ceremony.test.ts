import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../main/bundle/node-crypto.ts';
import { rootFingerprint } from '../../../../main/bundle/trust-root.ts';
import { holdCeremony, type CeremonyOptions } from '../../../../main/collect/key-ceremony.ts';
import { formatKeyCard } from '../../../../main/collect/key-card.ts';
import { readRootAt, rehearse } from '../../../../main/collect/key-media.ts';
import { readKeyStatus } from '../../../../main/collect/key-status.ts';
import { acceptDraft, draftRoot, signDraft, type RootChange } from '../../../../main/collect/root-draft.ts';
import { openSigningKeys, readRootChain } from '../../../../main/collect/signing-keys.ts';
import { followRoots } from '../../../../main/core/bundle/verify.ts';
import { initialTrust } from '../../../../main/core/bundle/trust.ts';
import { codedFailure, codeOf } from '../../../support/coded.ts';

const NOW = '2026-11-24T00:00:00Z';
const MACHINE = 'words of the machine';
const scrypt = { N: 1_024, r: 8, p: 1 };
const NAMES = ['Ann', 'Bea', 'Cem'] as const;

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-ceremony-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});
const keysDir = (): string => join(dir, 'keys');
const medium = (name: string): string => {
  const folder = join(dir, `stick ${name}`);
  mkdirSync(folder, { recursive: true });
  return folder;
};
const secretOf = (name: string): string => `the passphrase of ${name}`;
const holder = (name: string) => ({ name, folder: medium(name), passphrase: secretOf(name) });
const hold = (change: Partial<CeremonyOptions> = {}) =>
  holdCeremony({
    dir: keysDir(),
    passphrase: MACHINE,
    holders: NAMES.map(holder),
    threshold: 2,
    now: NOW,
    allowSameDisk: true,
    scrypt,
    ...change,
  });
const NOTHING: RootChange = { addHolders: [], removeHolders: [], renew: [] };
const draft = (change: Partial<RootChange>) =>
  draftRoot({
    dir: keysDir(),
    change: { ...NOTHING, ...change },
    passphrase: MACHINE,
    now: '2027-05-01T00:00:00Z',
    allowSameDisk: true,
    scrypt,
  });
const signAs = (file: string, name: string) =>
  signDraft({ file, folder: medium(name), passphrase: secretOf(name) });

describe('the key ceremony', () => {
  it('gives each role keys of its own, and leaves no root key on the building machine', async () => {
    const ceremony = await hold({ spare: { ...holder('safe'), passphrase: secretOf('safe') } });
    const { newest, roots } = readRootChain(keysDir());
    expect(newest.roles.root).toMatchObject({ threshold: 2 });
    expect(newest.roles.root.keyids).toHaveLength(3);
    expect(newest.roles.targets).toMatchObject({ threshold: 1 });
    expect(newest.roles.targets.keyids).toHaveLength(2);
    expect(newest.roles.snapshot).toEqual(newest.roles.timestamp);
    const disjoint = [newest.roles.root, newest.roles.targets, newest.roles.snapshot].flatMap(
      ({ keyids }) => keyids,
    );
    expect(new Set(disjoint).size).toBe(6);
    expect(ceremony.fingerprint).toBe(rootFingerprint(roots.get(1) ?? new Uint8Array()));

    expect(readdirSync(keysDir()).sort()).toEqual(['1.root.json', 'builder-key.json', 'release-key.json']);
    const keys = await openSigningKeys(keysDir(), MACHINE);
    expect(keys.signers.targets.map(({ keyId }) => keyId)).not.toEqual(
      keys.signers.snapshot.map(({ keyId }) => keyId),
    );
    expect(newest.roles.root.keyids).not.toContain(keys.signers.targets[0]?.keyId);
    for (const name of [...NAMES, 'safe']) {
      expect(readdirSync(medium(name)).sort()).toEqual(['1.root.json', 'root-key.json']);
      const file = join(medium(name), 'root-key.json');
      expect(readFileSync(file, 'utf8')).not.toContain(secretOf(name));
      if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0);
    }
  });

  it('refuses two keys on one medium, a stick that is not there, a key that is, and weak words, and then leaves nothing', async () => {
    expect((await codedFailure(hold({ allowSameDisk: false }))).code).toBe('COLLECT_MEDIUM_SHARED');
    const twice = [holder('Ann'), { ...holder('Bea'), folder: medium('Ann') }, holder('Cem')];
    expect((await codedFailure(hold({ holders: twice }))).code).toBe('COLLECT_MEDIUM_SHARED');
    const bad: Partial<CeremonyOptions>[] = [
      { holders: [{ ...holder('Ann'), folder: join(dir, 'no such stick') }, holder('Bea')] },
      { holders: [{ ...holder('Ann'), passphrase: 'short' }, holder('Bea')] },
      { holders: [holder('Ann'), holder('Ann')] },
      { holders: [holder('<b>Ann'), holder('Bea')] },
      { threshold: 4 },
      { threshold: 0 },
      { passphrase: 'short' },
    ];
    for (const change of bad)
      expect([change, (await codedFailure(hold(change))).code]).toEqual([change, 'COLLECT_KEY_INVALID']);
    expect(existsSync(keysDir())).toBe(false);
    for (const name of NAMES) expect(readdirSync(medium(name))).toEqual([]);
    // The folder of the machine turns out to be a file, when the sticks are already written.
    writeFileSync(keysDir(), '');
    await expect(hold()).rejects.toThrow();
    for (const name of NAMES) expect(existsSync(join(medium(name), 'root-key.json'))).toBe(false);
    rmSync(keysDir());
    await hold();
    expect((await codedFailure(hold())).code).toBe('COLLECT_KEY_INVALID');
  });

  it('is told in words, and on a card that shows names as text', async () => {
    await hold();
    expect(readKeyStatus(keysDir(), NOW).words).toEqual(['2 of 3 keyholders are needed to change the root.']);
    const late = readKeyStatus(keysDir(), '2027-10-15T00:00:00Z').words;
    expect(late).toContain('The builder key is due for replacement in 40 days.');
    expect(readKeyStatus(keysDir(), '2032-01-01T00:00:00Z').words.join('\n')).toMatch(
      /Root 1 has expired since \d+ days/,
    );
    const card = formatKeyCard(readKeyStatus(keysDir(), NOW), NOW);
    expect(card).toContain('Keyholder: Bea');
    expect(card).not.toMatch(/<script|https?:/);
  });

  it('can be rehearsed by each holder with their own words only', async () => {
    await hold();
    const root = readRootAt(join(medium('Ann'), '1.root.json'));
    expect(await rehearse(medium('Ann'), secretOf('Ann'), root)).toMatchObject({
      holder: 'Ann',
      counts: true,
    });
    expect((await codedFailure(rehearse(medium('Ann'), secretOf('Bea'), root))).code).toBe(
      'COLLECT_KEY_PASSPHRASE_WRONG',
    );
  });
});

describe('the next root', () => {
  /** Whether a site that pinned the first root follows the chain to its end. */
  const followed = (): number => {
    const { roots } = readRootChain(keysDir());
    const first = roots.get(1) ?? new Uint8Array();
    const next = followRoots(initialTrust({ version: 1, bytes: first }), roots, nodeCrypto);
    return next.at(-1)?.version ?? 1;
  };

  it('waits for enough keyholders, who sign copies at different places, in any order', async () => {
    await hold();
    const begun = await draft({ addHolders: [holder('Dov')], removeHolders: [{ name: 'Cem', why: 'lost' }] });
    expect(begun).toMatchObject({
      version: 2,
      signedBy: ['Dov'],
      missing: { old: 2, new: 1 },
      isComplete: false,
    });
    const copies = ['Ann', 'Bea'].map((name) => {
      const copy = join(dir, `draft for ${name}.json`);
      copyFileSync(begun.file, copy);
      return copy;
    });
    await signAs(copies[0] ?? '', 'Ann');
    expect(acceptDraft(keysDir(), [copies[0] ?? ''])).toMatchObject({
      missing: { old: 1, new: 0 },
      couldSign: ['Bea', 'Cem'],
    });
    expect(readKeyStatus(keysDir(), NOW).words.join('\n')).toContain(
      'waits for 1 more signature: Bea, Cem can sign',
    );
    expect(existsSync(join(keysDir(), '2.root.json'))).toBe(false);
    await signAs(copies[1] ?? '', 'Bea');
    expect(acceptDraft(keysDir(), copies)).toMatchObject({
      isComplete: true,
      file: join(keysDir(), '2.root.json'),
    });
    expect(followed()).toBe(2);
    expect(readKeyStatus(keysDir(), NOW)).toMatchObject({
      version: 2,
      draft: null,
      revoked: [{ name: 'Cem', why: 'lost', use: 'root' }],
    });
    expect(await rehearse(medium('Cem'), secretOf('Cem'), readRootChain(keysDir()).newest)).toMatchObject({
      counts: false,
    });
  });

  it('is never made by too few: neither by one holder twice, nor by strangers, nor by a changed draft', async () => {
    await hold();
    const begun = await draft({ removeHolders: [{ name: 'Cem', why: 'compromised' }] });
    for (let times = 0; times < 3; times += 1) await signAs(begun.file, 'Ann');
    expect(acceptDraft(keysDir(), [])).toMatchObject({ isComplete: false, signedBy: ['Ann'] });
    // Cem’s key counts for the old root only, so it may help to hand over but not to make up the new threshold.
    await signAs(begun.file, 'Cem');
    expect(acceptDraft(keysDir(), [])).toMatchObject({ missing: { old: 0, new: 1 }, isComplete: false });
    const stranger = join(dir, 'stranger');
    await holdCeremony({
      dir: join(dir, 'other keys'),
      passphrase: MACHINE,
      holders: ['x', 'y'].map((name) => ({ ...holder(name) })),
      threshold: 1,
      now: NOW,
      allowSameDisk: true,
      scrypt,
    });
    expect(stranger).toBeTruthy();
    expect((await codedFailure(signAs(begun.file, 'x'))).code).toBe('COLLECT_KEY_INVALID');
    const changed = join(dir, 'changed.json');
    writeFileSync(changed, readFileSync(begun.file, 'utf8').replace('"threshold": 2', '"threshold": 1'));
    expect(codeOf(() => acceptDraft(keysDir(), [changed]))).toBe('COLLECT_KEY_INVALID');
    // Who changes the draft in the folder itself makes all signatures void.
    copyFileSync(changed, begun.file);
    expect(acceptDraft(keysDir(), [])).toMatchObject({ isComplete: false, signedBy: [] });
    expect(followed()).toBe(1);
  });

  it('brings new signing keys, with which bundles are signed only when it is in force', async () => {
    await hold();
    const before = await openSigningKeys(keysDir(), MACHINE);
    const begun = await draft({ renew: [{ use: 'builder', why: 'compromised' }] });
    const meanwhile = await openSigningKeys(keysDir(), MACHINE);
    expect(meanwhile.signers.snapshot[0]?.keyId).toBe(before.signers.snapshot[0]?.keyId);
    await signAs(begun.file, 'Ann');
    await signAs(begun.file, 'Cem');
    expect(acceptDraft(keysDir(), [])).toMatchObject({ isComplete: true });
    const after = await openSigningKeys(keysDir(), MACHINE);
    expect(after.signers.snapshot[0]?.keyId).not.toBe(before.signers.snapshot[0]?.keyId);
    expect(after.signers.targets[0]?.keyId).toBe(before.signers.targets[0]?.keyId);
    expect([...after.roots.keys()]).toEqual([1, 2]);
    expect(after.fingerprint).toBe(before.fingerprint);
  });

  it('keeps one passphrase for the folder, and names what is wrong', async () => {
    await hold();
    const wrong = draftRoot({
      dir: keysDir(),
      change: { ...NOTHING, renew: [{ use: 'release', why: 'replaced' }] },
      passphrase: 'another one altogether',
      now: NOW,
      allowSameDisk: true,
      scrypt,
    });
    expect((await codedFailure(wrong)).code).toBe('COLLECT_KEY_PASSPHRASE_WRONG');
    expect((await codedFailure(draft({ removeHolders: [{ name: 'Zoe', why: 'lost' }] }))).code).toBe(
      'COLLECT_KEY_INVALID',
    );
    expect((await codedFailure(draft({ threshold: 4 }))).code).toBe('COLLECT_KEY_INVALID');
    await draft({});
    expect((await codedFailure(draft({}))).code).toBe('COLLECT_KEY_INVALID');
  });
});
