/**
 * Splits a command line as a POSIX shell does, for the two forms of quoting that the product writes: plain words, and
 * `'…'` with `'\''` for a quote.
 *
 * @throws Error on anything else: a line that is read wrongly would be answered wrongly
 */
export function splitCommandLine(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at += 1) {
    const letter = line[at] ?? '';
    if (letter === ' ') {
      if (word !== null) words.push(word);
      word = null;
    } else if (letter === "'") {
      const end = line.indexOf("'", at + 1);
      if (end < 0) throw new Error(`a quote is not closed in ${line.slice(0, 200)}`);
      word = (word ?? '') + line.slice(at + 1, end);
      at = end;
    } else if (letter === '\\') {
      word = (word ?? '') + (line[at + 1] ?? '');
      at += 1;
    } else if (/[A-Za-z0-9_@%+:,./=-]/.test(letter)) {
      word = (word ?? '') + letter;
    } else {
      throw new Error(`an unquoted ${JSON.stringify(letter)} in ${line.slice(0, 200)}`);
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** How a command line asks for root. */
export interface SudoRequest {
  /** `-n`: never ask. */
  readonly mayAsk: boolean;
  readonly question: string;
  readonly argv: readonly string[];
}

export interface ParsedCommand {
  readonly argv: readonly string[];
  readonly sudo: SudoRequest | null;
}

/** Takes `env LC_ALL=C` off, and sudo with the options that the product gives it (sudo(8)). */
export function parseCommand(line: string): ParsedCommand {
  const words = splitCommandLine(line);
  if (words[0] !== 'env' || words[1] !== 'LC_ALL=C')
    throw new Error(`no locale is set in ${line.slice(0, 200)}`);
  const argv = words.slice(2);
  if (argv[0] !== 'sudo') return { argv, sudo: null };
  let mayAsk = true;
  let question = '[sudo] password: ';
  let at = 1;
  for (; argv[at]?.startsWith('-') === true; at += 1) {
    const option = argv[at];
    if (option === '--') {
      at += 1;
      break;
    }
    if (option === '-n') mayAsk = false;
    else if (option === '-p') question = argv[(at += 1)] ?? '';
    else if (option !== '-k' && option !== '-S') throw new Error(`sudo ${option ?? ''} is not simulated`);
  }
  return { argv: argv.slice(at), sudo: { mayAsk, question, argv: argv.slice(at) } };
}
