import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROLES } from '../../../../contract/vocabulary.ts';
import { openEngine, type Engine } from '../../../../main/app/compose.ts';
import { Caller } from '../../../support/caller.ts';

const OWN = 'words of the machine';
const passphraseOf = (name: string): string => `the passphrase of ${name}`;

/** What the window does with keys, in the order in which people do it. */
describe('the keys in the Collect workspace', () => {
  let dir: string;
  let engine: Engine;
  let asha: Caller;
  const holder = (name: string) => ({
    name,
    folder: join(dir, name.toLowerCase()),
    passphrase: passphraseOf(name),
  });

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sp-keys-'));
    for (const name of ['ann', 'bea', 'cem', 'dov']) mkdirSync(join(dir, name));
    engine = await openEngine({ dataDir: join(dir, 'site'), kdfCost: { N: 1_024, r: 8, p: 1 } });
    asha = new Caller(engine);
    const person = { name: 'Asha', roles: [...ROLES], passphrase: 'seven grey herons at dusk' };
    await asha.call('site.create', { name: 'Depot', workspace: 'collect', person });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(dir, { recursive: true, force: true });
  });

  test('a ceremony on one disk is refused unless it is said to be a laboratory, and nothing is left of it', async () => {
    expect(await asha.call('collect.keyStatus', {})).toBeNull();
    const input = {
      folder: join(dir, 'keys'),
      passphrase: OWN,
      holders: ['Ann', 'Bea', 'Cem'].map(holder),
      threshold: 2,
    };
    const refused = await asha.call('collect.holdCeremony', input);
    expect(await asha.codeOf('operations.wait', { id: refused.operationId })).toBe('COLLECT_MEDIUM_SHARED');
    expect(existsSync(join(dir, 'ann', 'root-key.json'))).toBe(false);
    expect(await asha.call('collect.keyStatus', {})).toBeNull();

    await asha.finish(await asha.call('collect.holdCeremony', { ...input, allowSameDisk: true }));
    const status = await asha.call('collect.keyStatus', {});
    expect(status).toMatchObject({ version: 1, threshold: 2, draft: null, revoked: [] });
    expect(status?.keys.map(({ name }) => name)).toEqual(['Ann', 'Bea', 'Cem', 'release key', 'builder key']);
    expect(status?.fingerprintWords).toHaveLength(24);
    expect((await asha.call('collect.get', {})).keys).toMatchObject({ problem: null, keys: 3, threshold: 2 });
  });

  test('a rehearsal opens the key with its own passphrase only', async () => {
    const medium = join(dir, 'bea');
    expect(await asha.call('collect.rehearse', { medium, passphrase: passphraseOf('Bea') })).toMatchObject({
      holder: 'Bea',
      counts: true,
      rootVersion: 1,
    });
    expect(await asha.codeOf('collect.rehearse', { medium, passphrase: passphraseOf('Ann') })).toBe(
      'COLLECT_KEY_PASSPHRASE_WRONG',
    );
  });

  test('a lost key is replaced: signed here, signed on a copy elsewhere, in force', async () => {
    const drafted = await asha.call('collect.draftRoot', {
      addHolders: [holder('Dov')],
      removeHolders: [{ name: 'Cem', why: 'lost' }],
      threshold: null,
      renew: [{ use: 'builder', why: 'replaced' }],
      passphrase: OWN,
      allowSameDisk: true,
    });
    expect(drafted).toMatchObject({ version: 1, draft: { version: 2, isComplete: false } });
    const file = drafted.draft?.file ?? '';
    const plan = await asha.call('collect.readDraft', { file });
    expect(plan.revoked.map(({ name, why }) => `${name} ${why}`)).toEqual([
      'Cem lost',
      'builder key replaced',
    ]);
    const here = await asha.call('collect.signDraft', {
      file: null,
      medium: join(dir, 'ann'),
      passphrase: passphraseOf('Ann'),
    });
    expect(here).toEqual({ version: 2, holder: 'Ann', isComplete: false });
    const copy = join(dir, 'copy.json');
    copyFileSync(file, copy);
    await asha.call('collect.signDraft', {
      file: copy,
      medium: join(dir, 'bea'),
      passphrase: passphraseOf('Bea'),
    });
    const status = await asha.call('collect.acceptDraft', { files: [copy] });
    expect(status).toMatchObject({ version: 2, draft: null });
    expect(status.keys.map(({ name }) => name)).toContain('Dov');
    expect(
      await asha.call('collect.rehearse', { medium: join(dir, 'cem'), passphrase: passphraseOf('Cem') }),
    ).toMatchObject({ counts: false, rootVersion: 2 });
  });

  test('a draft can be dropped, and the root in force stays', async () => {
    const later = { addHolders: [], removeHolders: [], threshold: null, renew: [], passphrase: null };
    expect((await asha.call('collect.draftRoot', later)).draft?.version).toBe(3);
    expect(await asha.codeOf('collect.draftRoot', later)).toBe('COLLECT_KEY_INVALID');
    expect(await asha.call('collect.dropDraft', {})).toMatchObject({ version: 2, draft: null });
    expect(await asha.codeOf('collect.dropDraft', {})).toBe('COLLECT_KEY_INVALID');
  });

  test('no passphrase reaches the trail or an operation', async () => {
    const said = JSON.stringify([
      await asha.call('audit.list', {}),
      await asha.call('operations.list', {}),
      await asha.call('collect.keyStatus', {}),
    ]);
    for (const secret of [OWN, ...['Ann', 'Bea', 'Cem', 'Dov'].map(passphraseOf)])
      expect(said).not.toContain(secret);
    expect(said).toContain('Cem (lost)');
  });
});
