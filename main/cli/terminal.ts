import { createInterface } from 'node:readline/promises';
import type { ReadStream } from 'node:tty';
import { ContractError } from '../../contract/errors.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
/** What arrow and function keys send (ECMA-48 CSI, and SS3): they must not end up in a passphrase. */
const KEY_SEQUENCE = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|O[ -~])/g;
const BACKSPACE = new Set(['\b', '\u007f']);

const cancelled = (): ContractError =>
  new ContractError('CONTRACT_CANCELLED', 'Cancelled at the prompt.', { hint: 'Nothing was done.' });

/** What typed characters make of a line that does not show. Pure: one step for each chunk that the terminal sends. */
export function typeSecret(
  before: string,
  chunk: string,
): { readonly line: string; readonly state: 'open' | 'done' | 'cancelled' } {
  let line = before;
  for (const char of chunk.replace(KEY_SEQUENCE, '')) {
    if (char === '\r' || char === '\n') return { line, state: 'done' };
    if (char === CTRL_C || (char === CTRL_D && line === '')) return { line: '', state: 'cancelled' };
    if (BACKSPACE.has(char)) line = [...line].slice(0, -1).join('');
    else if (char === CTRL_U) line = '';
    else if (char >= ' ') line += char;
  }
  return { line, state: 'open' };
}

/** Asks without echo: the terminal is in raw mode while the person types, and is put back whatever happens. */
export async function askSecretOn(
  input: ReadStream,
  write: (text: string) => void,
  question: string,
): Promise<string> {
  write(question);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    return await new Promise<string>((resolve, reject) => {
      let line = '';
      const finish = (settle: () => void): void => {
        input.off('data', take);
        input.off('end', stop);
        settle();
      };
      const stop = (): void => finish(() => reject(cancelled()));
      const take = (chunk: string): void => {
        const typed = typeSecret(line, chunk);
        line = typed.line;
        if (typed.state === 'done') finish(() => resolve(line));
        else if (typed.state === 'cancelled') stop();
      };
      input.on('data', take);
      input.on('end', stop);
      input.resume();
    });
  } finally {
    input.setRawMode(false);
    input.pause();
    write('\n');
  }
}

/** Asks with echo. The question goes to stderr, as everything that is not the answer does. */
export async function askOn(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  question: string,
): Promise<string> {
  const reader = createInterface({ input, output });
  const closed = new Promise<never>((_resolve, reject) => {
    reader.once('SIGINT', () => reject(cancelled()));
    reader.once('close', () => reject(cancelled()));
  });
  closed.catch(() => undefined);
  try {
    return await Promise.race([reader.question(question), closed]);
  } finally {
    reader.close();
  }
}
