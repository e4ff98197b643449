import type { OutputOf } from '../../contract/channels.ts';
import type { Call, Answer } from './command.ts';
import { formatFacts } from './format.ts';
import { usageError } from './usage.ts';

type ReadHostKey = OutputOf<'endpoints.readHostKey'>;

/** What was read from the machine beside what is pinned. */
export function answerHostKey(name: string, read: ReadHostKey): Answer {
  const verdict =
    read.pinned === null
      ? 'not pinned: compare it with what the machine itself shows, then pin it'
      : read.pinned === read.hostKey
        ? 'equals the pinned key'
        : 'DIFFERS from the pinned key';
  return {
    value: read,
    text: formatFacts([
      ['Name', name],
      ['Host key read', read.hostKey],
      ['Host key pinned', read.pinned ?? 'none'],
      ['Verdict', verdict],
    ]),
  };
}

/**
 * The fingerprint that a person vouches for: given with `--host-key`, or read from the machine and confirmed on a
 * terminal. A script must name it: reading and pinning in one go would trust whoever answers.
 */
export async function confirmHostKey(
  call: Pick<Call<never>, 'input' | 'world' | 'json' | 'note'>,
  name: string,
  read: () => Promise<ReadHostKey>,
): Promise<string> {
  const given = call.input.maybe('hostKey');
  if (given !== undefined) return given;
  if (!call.world.terminal.canAsk || call.json) {
    throw usageError(
      'Without a person to compare it, the fingerprint must be given.',
      'Add --host-key SHA256:... as `ssh-keygen -lf` prints it on the machine itself.',
    );
  }
  const { hostKey } = await read();
  call.note(answerHostKey(name, { hostKey, pinned: null }).text);
  const answer = await call.world.ask(`Is this what \`ssh-keygen -lf\` shows on ${name} itself? Type yes: `);
  if (answer.trim().toLowerCase() !== 'yes') throw usageError('Nothing was pinned.');
  return hostKey;
}
