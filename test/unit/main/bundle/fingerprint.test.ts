import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintGroups, fingerprintWords, readFingerprint } from '../../../../main/bundle/fingerprint.ts';

const hex64 = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex'));

describe('a fingerprint for the telephone', () => {
  it('has the words that BIP-39 gives its bits', () => {
    // Vectors of the specification's reference implementation (python-mnemonic, vectors.json).
    expect(fingerprintWords('00'.repeat(32)).join(' ')).toBe(`${'abandon '.repeat(23)}art`);
    expect(fingerprintWords('7f'.repeat(32)).join(' ')).toBe(
      'legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title',
    );
  });

  it('is read back from words and from groups, however they are written', () => {
    fc.assert(
      fc.property(hex64, (hex) => {
        const words = fingerprintWords(hex);
        expect(words).toHaveLength(24);
        expect(readFingerprint(words.join(' '))).toBe(hex);
        expect(
          readFingerprint(words.map((word, index) => `${index + 1}. ${word.toUpperCase()}`).join('\n')),
        ).toBe(hex);
        expect(readFingerprint(fingerprintGroups(hex).toUpperCase())).toBe(hex);
      }),
    );
  });

  it('is refused when a word was misheard, left out or two were swapped, but for one time in 256', () => {
    let passed = 0;
    const runs = 2_000;
    fc.assert(
      fc.property(hex64, fc.nat(22), (hex, at) => {
        const words = fingerprintWords(hex);
        expect(readFingerprint(words.toSpliced(at, 1).join(' '))).toBeNull();
        const swapped = words.with(at, words[at + 1] ?? '').with(at + 1, words[at] ?? '');
        const read = readFingerprint(swapped.join(' '));
        if (words[at] !== words[at + 1] && read !== null) passed += 1;
      }),
      { numRuns: runs },
    );
    expect(passed / runs).toBeLessThan(0.02);
    expect(readFingerprint('')).toBeNull();
    expect(readFingerprint(`${'zebra '.repeat(23)}notaword`)).toBeNull();
  });
});
