import { PatchDriverError, type ErrorCode } from '../../../contract/errors.ts';
import type { CommandResult, RemoteCommand, RemoteSession } from '../../remote/remote-shell.ts';
import { logTail, parseSections, type Section } from './parse.ts';
import { SCRIPT_EXIT } from './scripts/shell-script.ts';

export async function run(
  session: RemoteSession,
  command: RemoteCommand,
  signal?: AbortSignal,
): Promise<CommandResult> {
  return signal === undefined ? session.run(command) : session.run(command, signal);
}

export async function readSections(
  session: RemoteSession,
  command: RemoteCommand,
  signal?: AbortSignal,
): Promise<readonly Section[]> {
  const result = await run(session, command, signal);
  expectDone(result, 'read from the endpoint');
  return parseSections(result.stdout);
}

export const tail = (result: CommandResult): string => {
  const text = logTail(result.stderr || result.stdout).slice(-1_000);
  return text === '' ? '' : `\n${text}`;
};

/** @throws by the exit statuses that any script may end with */
export function expectDone(result: CommandResult, what: string): void {
  const fail = (code: ErrorCode, message: string): never => {
    throw new PatchDriverError(code, message);
  };
  switch (result.exitCode) {
    case SCRIPT_EXIT.done:
      return;
    case SCRIPT_EXIT.unsupported:
      return fail('PATCHING_PLATFORM_UNSUPPORTED', 'There is no dpkg on this endpoint.');
    case SCRIPT_EXIT.started:
      return fail(
        'PATCHING_INSTALL_UNDETERMINED',
        'An install was already started under this stage; what became of it must be read first.',
      );
    case SCRIPT_EXIT.unsafe:
      return fail(
        'PATCHING_CONTENT_MISMATCH',
        `The stage on the endpoint is not as we left it.${tail(result)}`,
      );
    default:
      if (/No space left on device|Disk quota exceeded/.test(result.stderr)) {
        return fail('PATCHING_DISK_FULL', `No room on the endpoint to ${what}.${tail(result)}`);
      }
      return fail(
        'PATCHING_OUTPUT_UNREADABLE',
        `The endpoint could not ${what}: its shell ended with ${String(result.exitCode)}.${tail(result)}`,
      );
  }
}
