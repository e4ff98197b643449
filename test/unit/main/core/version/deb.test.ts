import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDebVersions, parseDebVersion } from '../../../../../main/core/version/deb.ts';

/** Pairs in the order older, newer; each shows one rule of deb-version(7). */
const OLDER_NEWER: readonly (readonly [string, string, string])[] = [
  ['1', '2', 'plain numbers'],
  ['9', '10', 'numbers by value, not by text'],
  ['1.9', '1.10', 'numbers by value after a dot'],
  ['1.2.3', '1.2.3.1', 'more parts are newer'],
  ['99999999999999999998', '99999999999999999999', 'numbers beyond 64 bits'],
  ['1.999999999999999999999', '1.1000000000000000000000', 'longer numbers beyond 64 bits'],
  ['2.0', '1:1.0', 'an epoch outweighs everything after it'],
  ['1:9', '2:1', 'epochs by value'],
  ['9:1', '10:1', 'epochs by value, not by text'],
  ['1.0~rc1', '1.0', 'a tilde sorts before the end'],
  ['1.0~~', '1.0~', 'two tildes sort before one'],
  ['1.0~~a', '1.0~', 'two tildes and more sort before one'],
  ['1.0~', '1.0', 'a bare tilde sorts before the end'],
  ['1.0', '1.0a', 'letters sort after the end'],
  ['1.0a', '1.0+', 'letters sort before other signs'],
  ['1.0a', '1.0.1', 'letters sort before a dot'],
  ['1.0Z', '1.0a', 'letters by their code'],
  ['1.0-9', '1.0+-1', 'the revision decides only after the upstream version'],
  ['1.0-1', '1.0-2', 'revisions'],
  ['1.0-1', '1.0-1.1', 'non-maintainer uploads'],
  ['1.0-1~deb12u1', '1.0-1', 'a stable update sorts before the upload it was taken from'],
  ['1.0-1+deb12u1', '1.0-1+deb12u2', 'stable updates'],
  ['1.0-1+deb12u9', '1.0-1+deb12u10', 'stable updates by value'],
  ['1.0-1', '1.0-1+b1', 'rebuilds'],
  ['1.0', '1.0-1', 'no revision is revision 0'],
  ['1-2-1', '1-10-1', 'only the last hyphen begins the revision'],
  ['0:1:2', '0:1:10', 'a colon in the upstream version of a version with epoch'],
  ['3.0.17-1~deb12u2', '3.0.20-1~deb12u1', 'a real update of openssl'],
  ['2.36-9+deb12u10', '2.36-9+deb12u13', 'a real update of glibc'],
];

const EQUAL: readonly (readonly [string, string])[] = [
  ['1.0', '1.0-0'],
  ['1.0', '0:1.0'],
  ['0:1.0-0', '1.0'],
  ['1.00', '1.0'],
  ['1.01', '1.1'],
  ['00:1', '1'],
  ['1.0-01', '1.0-1'],
  ['1.0-000', '1.0'],
  ['0000000000000000000000000001', '1'],
  ['1.a', '1.a0'],
];

describe('the order of Debian versions', () => {
  it.each(OLDER_NEWER)('puts %s before %s: %s', (older, newer) => {
    expect(compareDebVersions(older, newer)).toBe(-1);
    expect(compareDebVersions(newer, older)).toBe(1);
  });

  it.each(EQUAL)('holds %s and %s to be the same version', (a, b) => {
    expect(compareDebVersions(a, b)).toBe(0);
    expect(compareDebVersions(b, a)).toBe(0);
  });

  const versions = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0019aZ.+-~:'), maxLength: 12 }),
    fc.constantFrom(...OLDER_NEWER.flatMap(([a, b]) => [a, b]), ...EQUAL.flat()),
    fc.string({ maxLength: 8 }),
  );

  it('is a total order on whatever stands in an index', () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        expect(compareDebVersions(a, a)).toBe(0);
        // `+ 0` turns the -0 of a negated 0 into 0.
        expect(compareDebVersions(a, b)).toBe(-compareDebVersions(b, a) + 0);
        if (compareDebVersions(a, b) <= 0 && compareDebVersions(b, c) <= 0) {
          expect(compareDebVersions(a, c)).toBeLessThanOrEqual(0);
        }
        if (compareDebVersions(a, b) === 0) expect(compareDebVersions(a, c)).toBe(compareDebVersions(b, c));
      }),
      { numRuns: 5_000 },
    );
  });

  it('puts every version after the same with a tilde and something appended', () => {
    const valid = fc.stringMatching(/^[0-9][a-z0-9.+]{0,8}$/);
    fc.assert(
      fc.property(valid, valid, (version, tail) => {
        expect(compareDebVersions(`${version}~${tail}`, version)).toBe(-1);
      }),
    );
  });
});

describe('which texts are versions', () => {
  it.each([
    ['1:2.3-4', { epoch: '1', upstream: '2.3', revision: '4' }],
    ['2.3', { epoch: '0', upstream: '2.3', revision: '' }],
    ['1:2:3-4-5', { epoch: '1', upstream: '2:3-4', revision: '5' }],
  ])('splits %s', (text, parts) => {
    expect(parseDebVersion(text)).toEqual(parts);
  });

  it.each(['', ' 1', '1 ', 'a1', ':1', '1:', 'x:1', '1.0-', '1.0-1:2', '1_0', '2:a', '1.0-ü', '1:2-3_4'])(
    'refuses %j',
    (text) => {
      expect(parseDebVersion(text)).toBeNull();
    },
  );
});

const STATUS = '/var/lib/dpkg/status';

/** Versions of real packages, and made-up ones with everything the rules speak of. */
function samplePairs(): [string, string][] {
  const real = (existsSync(STATUS) ? readFileSync(STATUS, 'utf8') : '').match(/^Version: .+$/gm) ?? [];
  const versions = real.map((line) => line.slice('Version: '.length));
  const random = fc.sample(
    fc.stringMatching(/^(?:[0-9]{1,2}:)?[0-9][0-9a-zA-Z.+~]{0,6}(?:-[0-9a-zA-Z.+~]{1,5})?$/),
    { numRuns: 2_000, seed: 20_261_124 },
  );
  const near = versions.flatMap((version): [string, string][] => [
    [version, version.replace(/\d+$/, (number) => String(Number(number) + 1))],
    [version, `${version}~`],
    [version, version.replace(/[-+~][^-+~]*$/, '')],
  ]);
  const far = versions.map((version, index): [string, string] => [
    version,
    versions.at(index - 7) ?? version,
  ]);
  const made = random.map((version, index): [string, string] => [version, random.at(index - 1) ?? version]);
  return [...near, ...far, ...made].filter(
    ([a, b]) => parseDebVersion(a) !== null && parseDebVersion(b) !== null,
  );
}

describe('the order of Debian versions against dpkg', () => {
  const hasDpkg = spawnSync('dpkg', ['--version']).status === 0;
  const hasPerl = spawnSync('perl', ['-MDpkg::Version', '-e', '1']).status === 0;

  it.skipIf(!hasPerl)(
    'agrees with dpkg’s own library on thousands of pairs (skipped without libdpkg-perl)',
    () => {
      const pairs = samplePairs();
      const script =
        'while (<STDIN>) { chomp; my ($a, $b) = split / /; print version_compare($a, $b), "\n" }';
      const { stdout } = spawnSync('perl', ['-MDpkg::Version', '-e', script], {
        input: pairs.map((pair) => `${pair.join(' ')}\n`).join(''),
        encoding: 'utf8',
      });
      const answers = stdout.trim().split('\n').map(Number);
      expect(answers).toHaveLength(pairs.length);
      expect(pairs.length).toBeGreaterThan(1_000);
      const wrong = pairs.filter(
        ([a, b], index) => compareDebVersions(a, b) !== Math.sign(answers[index] ?? NaN),
      );
      expect(wrong).toEqual([]);
    },
  );

  it.skipIf(!hasDpkg)(
    'agrees with dpkg --compare-versions (skipped without dpkg)',
    { timeout: 300_000 },
    () => {
      const pairs = samplePairs().filter((_, index, all) => index % Math.ceil(all.length / 60) === 0);
      expect(pairs.length).toBeGreaterThan(40);
      for (const [a, b] of pairs) {
        const isOlder = spawnSync('dpkg', ['--compare-versions', a, 'lt', b]).status === 0;
        const isEqual = spawnSync('dpkg', ['--compare-versions', a, 'eq', b]).status === 0;
        expect([a, b, compareDebVersions(a, b)]).toEqual([a, b, isEqual ? 0 : isOlder ? -1 : 1]);
      }
    },
  );
});
