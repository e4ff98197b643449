import { usageError } from './usage.ts';

/**
 * Splits a command into its words as a POSIX shell would as far as quotes and backslashes go. Nothing is expanded: there
 * is no shell on the way to the endpoint.
 *
 * @throws CONTRACT_INPUT_INVALID for a quote that does not end
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: '"' | "'" | undefined;
  for (let index = 0; index < text.length; index += 1) {
    const char = text.charAt(index);
    if (quote === undefined && /\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else if (char === quote) {
      quote = undefined;
    } else if (char === '\\' && quote !== "'" && index + 1 < text.length) {
      index += 1;
      word = (word ?? '') + text.charAt(index);
    } else {
      word = (word ?? '') + char;
    }
  }
  if (quote !== undefined) throw usageError(`A quote does not end: ${text}`);
  if (word !== undefined) words.push(word);
  return words;
}

/**
 * Reads `NAME=COMMAND` of `--health-check`.
 *
 * @throws CONTRACT_INPUT_INVALID
 */
export function parseHealthCheck(text: string): { name: string; argv: string[] } {
  const [, name, command] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const argv = splitWords(command ?? '');
  if (name === undefined || argv.length === 0) {
    throw usageError(
      `"${text}" is not a health check.`,
      "Write NAME=COMMAND, for example --health-check 'web=curl --fail http://127.0.0.1/'.",
    );
  }
  return { name: name.trim(), argv };
}
