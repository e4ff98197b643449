import type { CommandResult, RemoteCommand } from '../remote-shell.ts';
import type { Respond } from '../memory/memory-shell.ts';
import type { TranscriptEntry } from '../transcript.ts';

/**
 * Answers commands from a transcript: the same arguments get the same answer, in the order in which they were recorded,
 * and the last one again when there is no further. What was never recorded fails loudly, because a guess would make a
 * test prove nothing.
 */
export function answerFrom(transcript: readonly TranscriptEntry[]): Respond {
  const answers = new Map<string, CommandResult[]>();
  for (const entry of transcript) {
    if (entry.kind !== 'run' || 'failed' in entry.outcome) continue;
    const key = keyOf(entry.argv, entry.asRoot);
    answers.set(key, [...(answers.get(key) ?? []), entry.outcome]);
  }
  return (command: RemoteCommand): CommandResult => {
    const left = answers.get(keyOf(command.argv, command.asRoot === true));
    const answer = left !== undefined && left.length > 1 ? left.shift() : left?.[0];
    if (answer === undefined) throw new Error(`not in the transcript: ${command.argv.join(' ')}`);
    return answer;
  };
}

function keyOf(argv: readonly string[], asRoot: boolean): string {
  return JSON.stringify([asRoot, ...argv]);
}
