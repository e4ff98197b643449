import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHANNELS, ROLE_NAMES } from '../../../../contract/channels.ts';
import { ResolveTask } from '../../../../contract/runs.ts';
import {
  LETTERS,
  PARTIES,
  RACI_ELEMENTS,
  RebootPolicy,
  SnapshotMode,
  STEPS,
  Workspace,
} from '../../../../contract/vocabulary.ts';
import {
  LETTER_CHOICES,
  PARTY_CHOICES,
  RACI_ELEMENT_CHOICES,
  REBOOT_POLICIES,
  RESOLVE_DECISIONS,
  ROLE_CHOICES,
  SNAPSHOT_MODES,
  STEP_CHOICES,
  WORKSPACE_CHOICES,
} from '../../../../main/cli/choices.ts';
import { CHANNELS_WITHOUT_COMMAND, COMMANDS } from '../../../../main/cli/commands.ts';
import { EXIT } from '../../../../main/cli/exit-codes.ts';
import { NOUNS } from '../../../../main/cli/program.ts';

const reached = new Set(COMMANDS.flatMap((command) => [...command.channels]));
const docs = readFileSync(new URL('../../../../docs/CLI.md', import.meta.url), 'utf8');

describe('parity of the command line with the contract', () => {
  it('reaches every channel by a command, or says why not', () => {
    const left = Object.keys(CHANNELS).filter(
      (name) => !reached.has(name as never) && !Object.hasOwn(CHANNELS_WITHOUT_COMMAND, name),
    );
    expect(left).toEqual([]);
  });

  it('gives no reason for a channel that a command reaches, or that does not exist', () => {
    const idle = Object.keys(CHANNELS_WITHOUT_COMMAND).filter(
      (name) => reached.has(name as never) || !Object.hasOwn(CHANNELS, name),
    );
    expect(idle).toEqual([]);
  });

  it('signs in for every command that calls a channel which needs it', () => {
    const wrong = COMMANDS.filter(
      (command) =>
        command.access !== 'person' && command.channels.some((name) => CHANNELS[name].requires !== 'anyone'),
    );
    expect(wrong.map(({ noun, verb }) => `${noun} ${verb}`)).toEqual([]);
  });

  it('has each command once, under a noun with a word of help', () => {
    const names = COMMANDS.map(({ noun, verb }) => `${noun} ${verb}`);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(COMMANDS.map(({ noun }) => noun))).toEqual(new Set(Object.keys(NOUNS)));
  });

  it('offers the closed lists of the vocabulary', () => {
    expect([ROLE_CHOICES, SNAPSHOT_MODES, REBOOT_POLICIES, RESOLVE_DECISIONS, WORKSPACE_CHOICES]).toEqual([
      ROLE_NAMES,
      SnapshotMode.options,
      RebootPolicy.options,
      ResolveTask.shape.decision.options,
      Workspace.options,
    ]);
    expect([LETTER_CHOICES, RACI_ELEMENT_CHOICES, STEP_CHOICES]).toEqual([LETTERS, RACI_ELEMENTS, STEPS]);
    expect(PARTY_CHOICES).toEqual(PARTIES);
  });

  it('never takes a secret as the value of an option', () => {
    const flags = COMMANDS.flatMap((command) => (command.options ?? []).map((option) => option.flags));
    const secret = flags.filter((flag) => /pass(word|phrase)|secret|key\b/.test(flag));
    const values = secret.filter(
      (flag) => !/-file <(?:name=)?file>$/.test(flag) && !/^--host-key <fingerprint>$/.test(flag),
    );
    expect(secret.length).toBeGreaterThan(4);
    expect(values).toEqual([]);
  });
});

describe('docs/CLI.md', () => {
  it('names every command', () => {
    const missing = COMMANDS.map(({ noun, verb }) => `sallyport ${noun} ${verb}`).filter(
      (name) => !docs.includes(name),
    );
    expect(missing).toEqual([]);
  });

  it('names every option of every command', () => {
    const flags = COMMANDS.flatMap((command) =>
      (command.options ?? []).map((option) => option.flags.split(' ')[0]),
    );
    expect(flags.filter((flag) => flag !== undefined && !docs.includes(flag))).toEqual([]);
  });

  it('has a row for every exit code', () => {
    const missing = Object.values(EXIT).filter((code) => !new RegExp(`^\\| ${code} +\\|`, 'm').test(docs));
    expect(missing).toEqual([]);
  });
});
