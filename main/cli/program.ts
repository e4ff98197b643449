import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CommandSpec, OptionSpec } from './command.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { Input } from './input.ts';
import { usageError } from './usage.ts';

export interface Globals {
  readonly data: string | undefined;
  readonly as: string | undefined;
  readonly passphraseFile: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What the words on the command line ask for. */
export type Request =
  | { readonly kind: 'run'; readonly spec: CommandSpec; readonly input: Input; readonly globals: Globals }
  | { readonly kind: 'show'; readonly text: string; readonly isError: boolean; readonly exit: ExitCode };

/** One line for each noun, in the help. */
export const NOUNS: Readonly<Record<string, string>> = {
  site: 'the site in this data folder',
  person: 'who works on this site',
  raci: 'who does, answers for, is asked about and is told of what',
  notice: 'who was asked and told of what, and how',
  hypervisor: 'where snapshots are taken',
  endpoint: 'machines under care',
  finding: 'what is missing on which endpoint',
  'needs-list': 'what the connected side is asked to bring',
  keys: 'signing keys for bundles (connected side)',
  bundle: 'signed media: build, inspect, verify, import',
  trust: 'which root of trust this site has pinned',
  'vendor-key': 'keys of vendors that count for their repositories here',
  agent: "versions of Sallyport's own Linux agent that this site holds",
  catalogue: 'patches known to this site',
  clocks: 'what is due: the catalogue within 30 days, fixes within 14',
  plan: 'exactly what would be installed where',
  approval: "a person's decision on one plan",
  run: 'carrying out an approved plan',
  reviewer: 'customers who decide elsewhere, and their keys',
  review: 'packs for customers to decide on, and their decisions',
  group: 'patch groups and whose they are',
  policy: 'what customers want for their groups, signed',
  delegation: 'who decides for whom, and until when',
  emergency: 'what customers want at once, out of cycle',
  queue: 'lists that wait for decisions at this site',
  quality: "the provider's own check of patches",
  question: 'what customers asked about patches',
  snapshot: 'restore points that runs took',
  incident: 'what went wrong, with evidence',
  audit: 'who did what, when',
};

const FOOTER = `
Secrets are never given on the command line: use --passphrase-file, SALLYPORT_PASSPHRASE, or wait to be asked.
Exit codes: 0 done, 1 failed, 2 wrong use, 3 partly done, 10 refused by a rule, 11 locked or busy,
12 verification failed, 20 needs attention, 130 cancelled. Take any other for a failure.`;

/** Every error that commander itself reports ends up here; the words are kept, `error: ` is said elsewhere. */
function toUsageError(error: CommanderError, helpFor: string): Error {
  const text = error.message.replace(/^error: /, '').replace(/\n.*/s, '');
  const suggestion = /\(Did you mean (.*)\?\)/.exec(error.message)?.[1];
  const hint = suggestion === undefined ? `See \`${helpFor} --help\`.` : `Did you mean ${suggestion}?`;
  return usageError(text.endsWith('.') ? text : `${text}.`, hint);
}

/**
 * Reads the command line. Nothing is opened and nothing is written here.
 *
 * @param argv the words after the program's name
 * @throws CONTRACT_INPUT_INVALID for anything that is not a command
 */
export function readCommandLine(
  argv: readonly string[],
  specs: readonly CommandSpec[],
  version: string,
): Request {
  let out = '';
  let err = '';
  let request: Request | undefined;
  let at = 'sallyport';

  const setUp = (command: Command): Command =>
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => (out += text),
        writeErr: (text) => (err += text),
        outputError: () => undefined,
        getOutHelpWidth: () => 110,
        getErrHelpWidth: () => 110,
      })
      .helpOption('-h, --help', 'show help')
      .helpCommand(false);

  const program = setUp(new Command('sallyport'))
    .description('Patching as a Service for networks with no way out.')
    .version(version, '--version', 'show the version')
    .option('--data <folder>', "the site's folder (or SALLYPORT_DATA)")
    .option('--as <person>', 'who is acting: signs in as this person (or SALLYPORT_PERSON)')
    .option(
      '--passphrase-file <file>',
      "that person's passphrase; - reads it from stdin (or SALLYPORT_PASSPHRASE)",
    )
    .option('--json', 'write exactly one JSON document to stdout')
    .option('-q, --quiet', 'show no progress')
    .usage('<noun> <verb> [options]')
    .addHelpText('after', FOOTER);

  for (const [noun, about] of Object.entries(NOUNS)) {
    const parent = setUp(program.command(noun)).description(about).usage('<verb> [options]');
    for (const spec of specs.filter((candidate) => candidate.noun === noun)) {
      const command = setUp(parent.command(spec.verb, { isDefault: spec.isDefault === true })).description(
        spec.about,
      );
      for (const { name, about: meaning, optional, many } of spec.arguments ?? []) {
        const word = many === true ? `${name}...` : name;
        command.argument(optional === true ? `[${word}]` : `<${word}>`, meaning);
      }
      for (const option of spec.options ?? []) command.addOption(makeOption(option));
      command.action(() => {
        const values: Record<string, unknown> = { ...command.opts() };
        const words: readonly unknown[] = command.processedArgs;
        (spec.arguments ?? []).forEach(({ name }, index) => (values[name] = words[index]));
        request = { kind: 'run', spec, input: new Input(values), globals: readGlobals(program.opts()) };
      });
    }
  }

  try {
    at = ['sallyport', ...deepestCommand(argv, specs)].join(' ');
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'show', text: out, isError: false, exit: EXIT.ok };
    // A noun without a verb, or nothing at all: the help says what could follow.
    if (error.code === 'commander.help') return { kind: 'show', text: err, isError: true, exit: EXIT.usage };
    throw toUsageError(error, at);
  }
  if (request === undefined) throw new Error('the command line was read but no command was chosen');
  return request;
}

function makeOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.about);
  if (spec.required === true) option.makeOptionMandatory();
  if (spec.choices !== undefined) option.choices(spec.choices);
  if (spec.whole === true) {
    option.argParser((text) => {
      if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
      return Number(text);
    });
  }
  if (spec.repeat === true) {
    const { choices } = spec;
    option.argParser((text: string, before: readonly string[] = []) => {
      if (choices !== undefined && !choices.includes(text)) {
        throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
      }
      return [...before, text];
    });
  }
  return option;
}

function readGlobals(options: Readonly<Record<string, unknown>>): Globals {
  const text = (name: string): string | undefined => {
    const value = options[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    data: text('data'),
    as: text('as'),
    passphraseFile: text('passphraseFile'),
    json: options['json'] === true,
    quiet: options['quiet'] === true,
  };
}

/** The noun and verb among the words, as far as they exist: whose help a mistake should point to. */
function deepestCommand(argv: readonly string[], specs: readonly CommandSpec[]): string[] {
  const index = argv.findIndex((word) => Object.hasOwn(NOUNS, word));
  const noun = argv[index];
  if (noun === undefined) return [];
  const verb = argv[index + 1];
  return specs.some((spec) => spec.noun === noun && spec.verb === verb) && verb !== undefined
    ? [noun, verb]
    : [noun];
}
