import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabVerbs } from './lab-verbs.ts';
import { callInProcess, spawnProcess } from './programs.ts';
import { Story } from './runner.ts';
import { parseScript } from './script.ts';

const folder = import.meta.dirname;

describe('the command line tells these stories', () => {
  const stories = readdirSync(folder).filter((file) => file.endsWith('.txt'));

  it.each(stories)('%s', { timeout: 900_000 }, async (file) => {
    const script = parseScript(readFileSync(join(folder, file), 'utf8'));
    const work = mkdtempSync(join(tmpdir(), 'sallyport-story-'));
    const lab = new LabVerbs();
    try {
      await new Story(work, script.ownProcess ? spawnProcess : callInProcess).run(script, lab.verbs);
    } finally {
      await lab.close();
      rmSync(work, { recursive: true, force: true });
    }
  });
});

describe('a story', () => {
  const tell = async (text: string): Promise<void> => {
    const work = mkdtempSync(join(tmpdir(), 'sallyport-story-'));
    try {
      await new Story(work, callInProcess).run(parseScript(text));
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  };

  it.each([
    ['another exit code', 'sallyport nonsense', /ended with 2, not 0/],
    ['a pattern that is not there', 'sallyport --version\nstdout ^9', /does not match/],
    ['a pattern that must not be there', 'sallyport --version\n! stdout ^\\d', /matches/],
    ['another value', 'exit 2 sallyport x --json\njson failure.code = INTERNAL', /CONTRACT_INPUT_INVALID/],
    ['stdout that is no JSON', 'sallyport --version\njson . = x', /JSON/],
    ['a file that is missing', 'exists nothing', /is not there/],
    ['a name that was never set', 'sallyport $NOBODY', /never set \$NOBODY/],
    ['a verb that there is not', 'dance', /no such verb/],
  ])('fails at %s', async (_case, text, reason) => {
    await expect(tell(`# a story that must fail\n${text}`)).rejects.toThrow(reason);
  });
});
