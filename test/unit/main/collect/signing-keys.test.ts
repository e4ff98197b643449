import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto } from '../../../../main/bundle/node-crypto.ts';
import { rootFingerprint } from '../../../../main/bundle/trust-root.ts';
import {
  createSigningKeys,
  openSigningKeys,
  readNumbers,
  writeNumbers,
} from '../../../../main/collect/signing-keys.ts';
import { openSealedKey } from '../../../../main/collect/sealed-key.ts';
import { checkOwnRoot } from '../../../../main/core/bundle/verify.ts';
import { codedFailure, codeOf } from '../../../support/coded.ts';

const PASSPHRASE = 'correct horse battery';
const KEYLESS = { keyId: '', sign: () => '' };
const CHEAP = { N: 1_024, r: 8, p: 1 };
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-keys-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});
const create = () =>
  createSigningKeys({ dir, passphrase: PASSPHRASE, now: '2026-11-24T00:00:00Z', scrypt: CHEAP });

describe('signing keys', () => {
  it('make a root that vouches for itself, and sign with the key that it names', async () => {
    const created = await create();
    const root = checkOwnRoot(created.rootBytes, 'root.json', nodeCrypto);
    expect(root.expires).toBe('2031-11-23T00:00:00Z');
    expect(created.fingerprint).toBe(rootFingerprint(created.rootBytes));
    const keys = await openSigningKeys(dir, PASSPHRASE);
    expect(keys.fingerprint).toBe(created.fingerprint);
    const message = new TextEncoder().encode('message');
    const key = root.keys[created.keyId] ?? { keytype: '', scheme: '', keyval: { public: '' } };
    expect(nodeCrypto.verifySignature(key, message, (keys.signers.targets[0] ?? KEYLESS).sign(message))).toBe(
      true,
    );
    expect(
      nodeCrypto.verifySignature(
        key,
        new TextEncoder().encode('other'),
        (keys.signers.targets[0] ?? KEYLESS).sign(message),
      ),
    ).toBe(false);
  });

  it('lie sealed: neither the key nor the passphrase is readable in the folder, nor by others', async () => {
    await create();
    const text = readFileSync(join(dir, 'signing-key.json'), 'utf8');
    expect(text).not.toContain(PASSPHRASE);
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(['cipher', 'format', 'kdf', 'public']);
    if (process.platform !== 'win32') expect(statSync(join(dir, 'signing-key.json')).mode & 0o077).toBe(0);
  });

  it('open only with their passphrase and as they were written', async () => {
    await create();
    expect((await codedFailure(openSigningKeys(dir, `${PASSPHRASE}!`))).code).toBe(
      'COLLECT_KEY_PASSPHRASE_WRONG',
    );
    const file = join(dir, 'signing-key.json');
    const original = readFileSync(file, 'utf8');
    const changed = JSON.parse(original) as { public: string; kdf: { N: number } };
    writeFileSync(file, JSON.stringify({ ...changed, public: '0'.repeat(64) }));
    expect((await codedFailure(openSealedKey(file, PASSPHRASE))).code).toBe('COLLECT_KEY_PASSPHRASE_WRONG');
    expect((await codedFailure(openSigningKeys(dir, PASSPHRASE))).code).toBe('COLLECT_KEY_INVALID');
    writeFileSync(file, JSON.stringify({ ...changed, kdf: { ...changed.kdf, N: 2 ** 30 } }));
    expect((await codedFailure(openSigningKeys(dir, PASSPHRASE))).code).toBe('COLLECT_KEY_INVALID');
    writeFileSync(file, original.slice(0, -20));
    expect((await codedFailure(openSigningKeys(dir, PASSPHRASE))).code).toBe('COLLECT_KEY_INVALID');
  });

  it('are never overwritten, and want a passphrase worth the name', async () => {
    expect(
      (await codedFailure(createSigningKeys({ dir, passphrase: 'short', now: '2026-11-24T00:00:00Z' }))).code,
    ).toBe('COLLECT_KEY_INVALID');
    await create();
    expect((await codedFailure(create())).code).toBe('COLLECT_KEY_INVALID');
  });

  it('remember the numbers given out, and refuse to guess them', () => {
    expect(readNumbers(dir).streams).toEqual({});
    const numbers = {
      format: 'sallyport-numbers/1',
      roles: { timestamp: 3, snapshot: 3, targets: 2 },
      streams: { main: 2 },
    } as const;
    writeNumbers(dir, { ...numbers });
    expect(readNumbers(dir)).toEqual(numbers);
    writeFileSync(join(dir, 'numbers.json'), '{}');
    expect(codeOf(() => readNumbers(dir))).toBe('COLLECT_KEY_INVALID');
  });
});
