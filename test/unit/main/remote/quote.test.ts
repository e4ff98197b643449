import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertProgram, quoteArgument, quoteCommand } from '../../../../main/remote/ssh/quote.ts';

describe('quoting for a POSIX shell', () => {
  it('leaves plain words alone and quotes everything else', () => {
    expect(quoteCommand(['apt-get', '-o', 'A::B=c', '', "it's", 'a b'])).toBe(
      `env 'LC_ALL=C' apt-get -o 'A::B=c' '' 'it'\\''s' 'a b'`,
    );
  });

  it('is undone exactly by a real shell, for any arguments', { timeout: 300_000 }, ({ skip }) => {
    if (process.platform === 'win32') return skip('there is no POSIX shell');
    const argument = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => !text.includes('\0'));
    const lists = fc.array(fc.array(argument, { maxLength: 8 }), { minLength: 20, maxLength: 40 });
    fc.assert(
      fc.property(lists, (argvs) => {
        const lines = argvs.map((argv) => ['printf', '[%s]\\0', ...argv].map(quoteArgument).join(' '));
        const printed = execFileSync('/bin/sh', ['-c', lines.join('\n')]).toString();
        const expected = argvs.map((argv) =>
          (argv.length === 0 ? [''] : argv).map((one) => `[${one}]\0`).join(''),
        );
        expect(printed).toBe(expected.join(''));
      }),
      { numRuns: 2 },
    );
  });

  it('refuses what no shell can be given', () => {
    expect(() => quoteArgument('a\0b')).toThrow(RangeError);
    for (const program of ['', '-x', 'A=b']) expect(() => assertProgram([program])).toThrow(RangeError);
    expect(() => assertProgram([])).toThrow(RangeError);
  });
});
