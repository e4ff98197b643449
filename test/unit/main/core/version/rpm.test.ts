import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareRpmVersions,
  compareToRpmBound,
  formatRpmVersion,
} from '../../../../../main/core/version/rpm.ts';

/** Pairs in the order older, newer; each shows one rule of rpm-version(7). */
const OLDER_NEWER: readonly (readonly [string, string, string])[] = [
  ['1', '2', 'plain numbers'],
  ['9', '10', 'numbers by value, not by text'],
  ['1.9', '1.10', 'numbers by value after a dot'],
  ['2.0', '2.0.1', 'more segments are newer'],
  ['99999999999999999998', '99999999999999999999', 'numbers beyond 64 bits'],
  ['1.999999999999999999999', '1.1000000000000000000000', 'longer numbers beyond 64 bits'],
  ['2.0', '1:1.0', 'an epoch outweighs everything after it'],
  ['9:1', '10:1', 'epochs by value, not by text'],
  ['1.a', '1.1', 'a number is newer than letters'],
  ['1.0a', '1.0b', 'letters by their code'],
  ['1.0Z', '1.0a', 'letters by their code, capitals first'],
  ['1.0ab', '1.0abc', 'of two words the longer'],
  ['1.0abd', '1.0abdx', 'of two words the longer, whatever comes after'],
  ['1.0abcd', '1.0abd', 'words by their first difference, not by length'],
  ['xyz10', 'xyz10.1', 'a number after a dot'],
  ['xyz.4', '8', 'letters first are older than a number'],
  ['10xyz', '10.1xyz', 'letters are older than a number'],
  ['1.0~rc1', '1.0', 'a tilde sorts before the end'],
  ['1.0~rc1~git123', '1.0~rc1', 'a tilde after a tilde'],
  ['1.0~rc1', '1.0~rc2', 'after equal tildes the rest decides'],
  ['1.0', '1.0^', 'a caret sorts after the end'],
  ['1.0', '1.0^git1', 'a caret with something after it'],
  ['1.0^git1', '1.0.1', 'a caret is older than a further segment'],
  ['1.0^git1', '1.01', 'a caret is older than a greater number'],
  ['1.0^git1', '1.0^git2', 'after equal carets the rest decides'],
  ['1.0^20160101', '1.0^20160101^git1', 'a caret after a caret'],
  ['1.0~rc1', '1.0~rc1^git1', 'a caret after a tilde'],
  ['1.0^git1~pre', '1.0^git1', 'a tilde after a caret'],
  ['1.0~rc1^git1', '1.0', 'a tilde outweighs what comes after it'],
  ['1.0-1.el9', '1.0-2.el9', 'releases'],
  ['1.0-9.el9', '1.0-10.el9', 'releases by value'],
  ['1.0-1.el9_2', '1.0-1.el9_2.1', 'minor release updates'],
  ['1.0-1.el9_2.3', '1.0-1.el9_4', 'of a newer minor release'],
  ['1.0-1.module_el8.6.0+2339+1d5ce3c6', '1.0-1.module_el8.6.0+3024+0a2f4b5c', 'modular builds'],
  ['3.0.7-25.el9_3', '1:3.0.7-18.el9', 'openssl has an epoch'],
  ['1.0', '1.0-1', 'a missing release is older'],
  ['1.0', '1.0-~1', 'also than a release that a tilde begins'],
];

const EQUAL: readonly (readonly [string, string])[] = [
  ['1.0-1', '0:1.0-1'],
  ['1.0-1', ':1.0-1'],
  ['00:1-1', '1-1'],
  ['2_0', '2.0'],
  ['2.0', '2_.0'],
  ['1.0.', '1.0'],
  ['1..0', '1.0'],
  ['1a1', '1.a.1'],
  ['1.05', '1.5'],
  ['1.0-01', '1.0-1'],
  ['1.0ü', '1.0'],
  ['+_', '_+'],
];

const EXAMPLES = [...OLDER_NEWER, ...EQUAL].map(([a, b]): [string, string] => [a, b]);

describe('the order of RPM versions', () => {
  it.each(OLDER_NEWER)('puts %s before %s: %s', (older, newer) => {
    expect(compareRpmVersions(older, newer)).toBe(-1);
    expect(compareRpmVersions(newer, older)).toBe(1);
  });

  it.each(EQUAL)('holds %s and %s to be the same version', (a, b) => {
    expect(compareRpmVersions(a, b)).toBe(0);
    expect(compareRpmVersions(b, a)).toBe(0);
  });

  const versions = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0019aZ._+-~^:'), maxLength: 12 }),
    fc.constantFrom(...OLDER_NEWER.flatMap(([a, b]) => [a, b]), ...EQUAL.flat()),
    fc.string({ maxLength: 8 }),
  );

  it('is a total order on whatever stands in an index', () => {
    fc.assert(
      fc.property(versions, versions, versions, (a, b, c) => {
        expect(compareRpmVersions(a, a)).toBe(0);
        // `+ 0` turns the -0 of a negated 0 into 0.
        expect(compareRpmVersions(a, b)).toBe(-compareRpmVersions(b, a) + 0);
        if (compareRpmVersions(a, b) <= 0 && compareRpmVersions(b, c) <= 0) {
          expect(compareRpmVersions(a, c)).toBeLessThanOrEqual(0);
        }
        if (compareRpmVersions(a, b) === 0) expect(compareRpmVersions(a, c)).toBe(compareRpmVersions(b, c));
      }),
      { numRuns: 5_000 },
    );
  });

  it('puts a tilde before and a caret behind whatever they are appended to', () => {
    const valid = fc.stringMatching(/^[0-9][a-z0-9.+]{0,8}$/);
    fc.assert(
      fc.property(valid, valid, (version, tail) => {
        expect(compareRpmVersions(`${version}~${tail}`, version)).toBe(-1);
        expect(compareRpmVersions(`${version}^${tail}`, version)).toBe(1);
      }),
    );
  });

  it('asks for the release of a dependency only where both sides have one', () => {
    expect(compareToRpmBound('1.0-5', '1.0')).toBe(0);
    expect(compareToRpmBound('1.0', '1.0-5')).toBe(0);
    expect(compareToRpmBound('1:1.0-5', '1.0')).toBe(1);
    expect(compareToRpmBound('1.0-5', '1.0-6')).toBe(-1);
    expect(compareToRpmBound('1.0-5', '1.1')).toBe(-1);
  });

  it('writes an epoch only where there is one', () => {
    expect(formatRpmVersion('0', '1.0', '2.el9')).toBe('1.0-2.el9');
    expect(formatRpmVersion(null, '1.0', '2.el9')).toBe('1.0-2.el9');
    expect(formatRpmVersion('1', '3.0.7', '25.el9')).toBe('1:3.0.7-25.el9');
  });
});

/** Versions of packages that this machine's apt knows; every one with SALLYPORT_ALL_VERSIONS set, else a quarter. */
function realVersions(): string[] {
  const { stdout } = spawnSync('apt-cache', ['dumpavail'], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  // `stdout` is null when there is no such program.
  const lines = ((stdout as string | null) ?? '').match(/^Version: .+$/gm) ?? [];
  const versions = [...new Set(lines.map((line) => line.slice('Version: '.length)))].sort();
  const step = process.env['SALLYPORT_ALL_VERSIONS'] === undefined ? 4 : 1;
  return versions.filter((_, index) => index % step === 0);
}

/** Real versions beside each other and beside what they might become, made-up ones, and the examples above. */
function samplePairs(): [string, string][] {
  const made = fc.sample(
    fc.stringMatching(/^(?:[0-9]{1,2}:)?[0-9a-zA-Z][0-9a-zA-Z.+~^_]{0,7}(?:-[0-9a-zA-Z.+~^_]{1,6})?$/),
    { numRuns: 10_000, seed: 20_261_124 },
  );
  const narrow = fc.sample(fc.stringMatching(/^[01][01a.~^]{0,5}(?:-[01a.~^]{1,4})?$/), {
    numRuns: 10_000,
    seed: 20_261_124,
  });
  const versions = realVersions();
  const near = versions.flatMap((version): [string, string][] => [
    [version, version.replace(/\d+$/, (number) => String(Number(number) + 1))],
    [version, `${version}~`],
    [version, `${version}^1`],
    [version, version.replace(/[-+~.][^-+~.]*$/, '')],
  ]);
  const beside = (list: readonly string[]): [string, string][] =>
    list.map((version, index) => [version, list.at(index - 1) ?? version]);
  // rpm refuses a text that ends in a hyphen or has nothing behind its epoch.
  const isReadable = (text: string): boolean => /^(?:\d+:)?[!-~]*[^-:]$/.test(text) && !text.startsWith(':');
  return [...near, ...beside(versions), ...beside(made), ...beside(narrow), ...EXAMPLES].filter(
    ([a, b]) => isReadable(a) && isReadable(b),
  );
}

const hasRpm = spawnSync('rpm', ['--version']).status === 0;

describe('the order of RPM versions against rpm', () => {
  it.skipIf(!hasRpm)(
    `agrees with rpm’s own Lua on tens of thousands of pairs${hasRpm ? '' : ' [skipped: rpm is not installed]'}`,
    { timeout: 300_000 },
    () => {
      const pairs = samplePairs();
      const dir = mkdtempSync(join(tmpdir(), 'rpm-versions-'));
      try {
        const list = join(dir, 'pairs');
        writeFileSync(list, pairs.map((pair) => `${pair.join(' ')}\n`).join(''));
        // rpm's print ends no line.
        const script = String.raw`for line in io.lines("${list}") do
          local a, b = line:match("(%S+) (%S+)")
          print(rpm.vercmp(a, b) .. "\n")
        end`;
        const { stdout, stderr } = spawnSync('rpm', ['--eval', `%{lua: ${script}}`], {
          encoding: 'utf8',
          maxBuffer: 64 * 1024 * 1024,
        });
        expect(stderr).toBe('');
        const answers = stdout.trim().split('\n').map(Number);
        expect(answers).toHaveLength(pairs.length);
        expect(pairs.length).toBeGreaterThan(20_000);
        const wrong = pairs.flatMap(([a, b], index) =>
          compareRpmVersions(a, b) === answers[index]
            ? []
            : [[a, b, answers[index], compareRpmVersions(a, b)]],
        );
        expect(wrong).toEqual([]);
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
  );
});
