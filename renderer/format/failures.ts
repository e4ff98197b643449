import type { Failure } from '../../contract/errors.ts';
import { formatInstant } from './dates.ts';

/** What a screen needs of a failure. A failure inside a run carries no retry: it is shown without. */
export interface FailureText {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | null | undefined;
  readonly subject?: Readonly<Record<string, string>> | undefined;
}

/** What to do now: the engine's hint, else what its retry word means. */
export function adviseOn(failure: Pick<Failure, 'hint' | 'retry'>): string {
  if (failure.hint !== undefined && failure.hint !== '') return failure.hint;
  switch (failure.retry) {
    case 'same':
      return 'Try again.';
    case 'after-reconnect':
      return 'The connection was lost. Look again before you repeat it.';
    case 'never':
      return 'Repeating it will not help until what the message names has changed.';
  }
}

/** Plain text for a ticket or a phone call. Holds nothing that is not on the screen. */
export function describeFailure(failure: FailureText, at: number): string {
  const lines = [`${failure.code}`, failure.message];
  if (failure.hint !== undefined && failure.hint !== null && failure.hint !== '')
    lines.push(`To do: ${failure.hint}`);
  for (const [name, value] of Object.entries(failure.subject ?? {})) lines.push(`${name}: ${value}`);
  lines.push(`Seen: ${formatInstant(at)}`);
  return lines.join('\n');
}
