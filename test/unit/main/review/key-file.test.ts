import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReviewerKey, openReviewerKey } from '../../../../main/review/reviewer-key.ts';
import { KDF_COST } from '../../../../main/secrets/sealing.ts';
import { openKey } from '../../../../renderer/page/reviewer-key.ts';

const PASSPHRASE = 'tin kettle river stone';

describe('a key file that somebody else wrote', () => {
  let folder: string;
  let text: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-key-file-'));
    const file = join(folder, 'mira.key');
    await createReviewerKey(file, 'Mira', PASSPHRASE, KDF_COST);
    text = readFileSync(file, 'utf8');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const openBoth = (content: string) => {
    const file = join(folder, 'other.key');
    writeFileSync(file, content);
    return Promise.allSettled([openReviewerKey(file, PASSPHRASE), openKey(content, file, PASSPHRASE)]);
  };

  it('opens when it costs what ours do', async () => {
    expect((await openBoth(text)).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  });

  it.each([
    ['16 GiB', { N: 2 ** 22, r: 32, p: 16 }],
    ['512 MiB', { N: 2 ** 22, r: 1, p: 1 }],
    ['many times over', { N: 2 ** 17, r: 8, p: 5 }],
    ['no power of two', { N: 3, r: 8, p: 1 }],
    ['no power of two among the larger', { N: 2 ** 17 - 1, r: 8, p: 1 }],
    ['where scrypt is not defined', { N: 2 ** 16, r: 1, p: 1 }],
    ['next to nothing', { N: 2, r: 32, p: 4 }],
    ['less than nothing', { N: -(2 ** 17), r: 8, p: 1 }],
  ])('is refused with a code before anything is derived when it asks for %s', async (_what, cost) => {
    const content = JSON.parse(text) as { kdf: object };
    const began = performance.now();
    const outcomes = await openBoth(JSON.stringify({ ...content, kdf: { ...content.kdf, ...cost } }));
    expect(outcomes).toMatchObject([
      { reason: { code: 'VAULT_DAMAGED' } },
      { reason: { code: 'VAULT_DAMAGED' } },
    ]);
    expect(performance.now() - began).toBeLessThan(1_000);
  });

  it('is refused when it is larger than any key', async () => {
    const outcomes = await openBoth(`${text}${' '.repeat(20_000)}`);
    expect(outcomes).toMatchObject([
      { reason: { code: 'VAULT_DAMAGED' } },
      { reason: { code: 'VAULT_DAMAGED' } },
    ]);
  });
});
