import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countOf,
  formatBytes,
  formatShare,
  groupDigest,
  groupHostKey,
} from '../../../../renderer/format/figures.ts';

describe('counts', () => {
  test('agree with their noun', () => {
    expect(countOf(0, 'endpoint')).toBe('0 endpoints');
    expect(countOf(1, 'endpoint')).toBe('1 endpoint');
    expect(countOf(1_204, 'endpoint')).toBe('1,204 endpoints');
    expect(countOf(2, 'patch', 'patches')).toBe('2 patches');
  });
});

describe('sizes', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_480, '1 kB'],
    [999_499, '999 kB'],
    [999_500, '1.0 MB'],
    [1_435_000, '1.4 MB'],
    [184_600_000, '185 MB'],
    [1_240_000_000, '1.2 GB'],
  ])('%i bytes is %s', (bytes, words) => {
    expect(formatBytes(bytes)).toBe(words);
  });

  test('never show a thousand of a unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9e14 }), (bytes) => {
        expect(Number(formatBytes(bytes).split(' ')[0]?.replaceAll(',', ''))).toBeLessThan(1_000);
      }),
    );
  });
});

describe('shares', () => {
  test('never say 100 before the end', () => {
    expect(formatShare(999, 1_000)).toBe('99%');
    expect(formatShare(1_000, 1_000)).toBe('100%');
    expect(formatShare(5, 0)).toBe('');
  });
});

describe('digests', () => {
  test('lose no digit by being grouped', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 64, maxLength: 64 }),
        (digest) => {
          expect(groupDigest(digest).join('')).toBe(digest);
        },
      ),
    );
    const key = 'SHA256:vvjHHuM52ndBuI+6YPU6cmXUMrsbZl8IiSmpQCs/Xck';
    const { algorithm, groups } = groupHostKey(key);
    expect(`${algorithm}:${groups.join('')}`).toBe(key);
  });
});
