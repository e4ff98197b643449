import { TransportError } from '../../../contract/errors.ts';
import type { CommandResult, RemoteTarget, Sudo } from '../remote-shell.ts';

/** A message for {@link sudoDenied}: the word of sudo, never of the command. */
export type SudoWord =
  | 'refused'
  /** The target says that sudo wants a password, yet it ran the probe without asking for one. */
  | 'asks-for-none'
  /** No question for the password came. */
  | 'does-not-ask';

/**
 * Arguments that run `argv` as root, by sudo(8): `-n` never asks, `-k` with a command ignores a cached login so that the
 * password is always asked for, `-S` asks on stderr and reads stdin, `-p` is the question.
 *
 * @param question a string that nothing else prints: the password is written only after sudo has printed it
 */
export function sudoCommand(argv: readonly string[], sudo: Sudo, question: string): readonly string[] {
  if (sudo.kind === 'root') return argv;
  if (sudo.kind === 'passwordless') return ['sudo', '-n', '--', ...argv];
  return ['sudo', '-k', '-S', '-p', question, '--', ...argv];
}

/** Refusals that sudo prints in the C locale as its last line, with status 1. */
const REFUSALS: readonly RegExp[] = [
  /^sudo: (?!.*: command not found$)/,
  /^Sorry, user .* is not allowed to execute /,
  /^Sorry, user .* may not run sudo /,
  /^\S+ is not in the sudoers file/,
  /^Sorry, try again\.$/,
];

/** sudo exits with 1 for its own refusals, as many commands do: only silence on stdout and its own last line tell. */
export function isSudoRefusal(result: CommandResult): boolean {
  if (result.exitCode !== 1 || result.stdout !== '') return false;
  const last = lastLine(result.stderr);
  return REFUSALS.some((refusal) => refusal.test(last));
}

/** A program that is not there is status 127 with and without sudo. */
export function withShellStatus(result: CommandResult): CommandResult {
  const isAbsent = result.exitCode === 1 && /^sudo: .*: command not found$/.test(lastLine(result.stderr));
  return isAbsent && result.stdout === '' ? { ...result, exitCode: 127 } : result;
}

export function sudoDenied(target: RemoteTarget, word: SudoWord): TransportError {
  const messages: Record<SudoWord, string> = {
    refused: `sudo on ${target.name} refused ${target.user}`,
    'asks-for-none': `sudo on ${target.name} does not ask ${target.user} for a password, yet the endpoint is set to give one`,
    'does-not-ask': `sudo on ${target.name} did not ask ${target.user} for the password`,
  };
  const hints: Record<SudoWord, string> = {
    refused: 'Check the sudo password in the vault and the sudoers rule. It was tried once only.',
    'asks-for-none': 'Set the endpoint to sudo without a password. The password was not sent.',
    'does-not-ask':
      'Run "sudo -k -S true" there by hand to see what it waits for. The password was not sent.',
  };
  return new TransportError('TRANSPORT_SUDO_DENIED', messages[word], {
    hint: hints[word],
    subject: { endpoint: target.name, address: target.address, user: target.user },
  });
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
