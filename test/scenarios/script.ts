import { splitWords } from '../../main/cli/health-check.ts';

/**
 * A scripted story, in the manner of Go's testscript: one command a line, checked line by line, files at the end.
 *
 *   # a comment; the first one is the name of the story
 *   own-process                    alone on a line before all steps: each command is a process of its own. Without it the
 *                                  command line runs inside the test, with a passphrase hash that is quick to make
 *   sallyport site show            runs the command line and expects exit code 0
 *   exit 11 sallyport person list  ... and expects another one
 *   stdout PATTERN                 the last command's stdout matches the regular expression (flags m and s are off)
 *   ! stderr PATTERN               ... its stderr does not
 *   json failure.code = TEXT       its stdout is one JSON document with that value there; ~ PATTERN to match, # COUNT for
 *                                  the length of a list
 *   keep NAME PATH                 keeps a value of that document as $NAME
 *   env NAME=TEXT                  sets a variable of the environment; an empty text takes it away
 *   stdin FILE                     what the next command reads
 *   exists FILE, ! exists FILE
 *   -- FILE --                     the following lines, up to the next such line, are that file's
 *
 * `$NAME` and `${NAME}` stand for kept values and variables; `$WORK` is the story's own empty folder.
 */
export interface Script {
  readonly name: string;
  readonly ownProcess: boolean;
  readonly steps: readonly Step[];
  readonly files: ReadonlyMap<string, string>;
}

export interface Step {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/** Reads a story; nothing is expanded yet. */
export function parseScript(text: string): Script {
  const steps: Step[] = [];
  const files = new Map<string, string>();
  let name = '';
  let ownProcess = false;
  let file: string | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const [, heading] = /^-- (\S+) --$/.exec(line) ?? [];
    if (heading !== undefined) {
      file = heading;
      files.set(file, '');
    } else if (file !== undefined) {
      files.set(file, `${files.get(file) ?? ''}${line}\n`);
    } else if (line.trim().startsWith('#')) {
      name ||= line.trim().replace(/^#\s*/, '');
    } else if (line.trim() === 'own-process') {
      ownProcess = true;
    } else if (line.trim() !== '') {
      steps.push({ line: index + 1, text: line.trim() });
    }
  }
  // The last newline of the story itself is not one of the file's.
  if (file !== undefined) files.set(file, (files.get(file) ?? '').replace(/\n$/, ''));
  return { name, ownProcess, steps, files };
}

/** Puts values in the place of names. An unknown name is a mistake of the story. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))/g,
    (_whole, braced: string, bare: string) => {
      const name = braced ?? bare;
      const value = values.get(name);
      if (value === undefined) throw new Error(`the story never set $${name}`);
      return value;
    },
  );
}

/** A step in its parts. */
export interface Deed {
  readonly negated: boolean;
  readonly verb: string;
  /** All after the verb, as it stands. */
  readonly rest: string;
}

export function parseStep(text: string): Deed {
  const [, bang, verb, rest] = /^(!\s+)?(\S+)\s*(.*)$/.exec(text) ?? [];
  if (verb === undefined) throw new Error(`not a step: ${text}`);
  return { negated: bang !== undefined, verb, rest: rest ?? '' };
}

/** `11 sallyport person list` or `sallyport person list`: words are split before they are expanded. */
export function parseCommand(
  deed: Deed,
  values: ReadonlyMap<string, string>,
): { readonly exit: number; readonly words: readonly string[] } {
  const line = deed.verb === 'exit' ? deed.rest : `0 ${deed.verb} ${deed.rest}`;
  const [, code, command] = /^(\d+)\s+sallyport\b\s*(.*)$/.exec(line) ?? [];
  if (code === undefined || command === undefined) throw new Error('write: exit CODE sallyport ...');
  return { exit: Number(code), words: splitWords(command).map((word) => expand(word, values)) };
}

/** The value at a path like `0.findings.total` of a parsed document; undefined where there is none. */
export function valueAt(document: unknown, path: string): unknown {
  return path
    .split('.')
    .filter((part) => part !== '')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
      document,
    );
}
