import { CodedError } from '../../contract/errors.ts';
import type { ErrorCode } from '../../contract/errors.ts';
import type {
  CommandResult,
  RemoteCommand,
  RemoteSession,
  RemoteShell,
  RemoteTarget,
  Upload,
} from './remote-shell.ts';

/** One thing that was done, as it is kept. No stdin, no password, no key is ever in it. */
export type TranscriptEntry =
  | { readonly kind: 'connect'; readonly endpoint: string; readonly outcome: 'open' | ErrorCode }
  | {
      readonly kind: 'run';
      readonly endpoint: string;
      readonly argv: readonly string[];
      readonly asRoot: boolean;
      /** Bytes of stdin; what they were is not kept. */
      readonly stdinBytes: number;
      readonly outcome: CommandResult | { readonly failed: ErrorCode };
      readonly durationMs: number;
    }
  | {
      readonly kind: 'upload';
      readonly endpoint: string;
      readonly to: string;
      readonly outcome: 'done' | { readonly failed: ErrorCode };
    };

export interface TranscriptOptions {
  readonly record: (entry: TranscriptEntry) => void;
  /** Milliseconds of a clock that only runs forwards. */
  readonly now: () => number;
}

const REDACTED = '[redacted]';

/** Hands every command and its answer to `record`, with the target's own secrets taken out wherever they appear. */
export function withTranscript(shell: RemoteShell, options: TranscriptOptions): RemoteShell {
  return {
    connect: async (target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession> => {
      try {
        const session = await shell.connect(target, signal);
        options.record({ kind: 'connect', endpoint: target.name, outcome: 'open' });
        return recordSession(session, options);
      } catch (error) {
        options.record({ kind: 'connect', endpoint: target.name, outcome: codeOf(error) });
        throw error;
      }
    },
    readHostKey: (address, port, signal) => shell.readHostKey(address, port, signal),
  };
}

function recordSession(session: RemoteSession, options: TranscriptOptions): RemoteSession {
  const { target } = session;
  const redact = redactSecrets(target);
  return {
    target,
    closed: session.closed,
    close: () => session.close(),
    run: async (command: RemoteCommand, signal?: AbortSignal): Promise<CommandResult> => {
      const startedAt = options.now();
      const record = (outcome: CommandResult | { failed: ErrorCode }) => {
        options.record({
          kind: 'run',
          endpoint: target.name,
          argv: command.argv.map(redact),
          asRoot: command.asRoot === true,
          stdinBytes: command.stdin === undefined ? 0 : Buffer.byteLength(command.stdin),
          outcome,
          durationMs: Math.round(options.now() - startedAt),
        });
      };
      try {
        const result = await session.run(command, signal);
        record({
          exitCode: result.exitCode,
          stdout: redact(result.stdout),
          stderr: redact(result.stderr),
        });
        return result;
      } catch (error) {
        record({ failed: codeOf(error) });
        throw error;
      }
    },
    upload: async (
      files: readonly Upload[],
      onBytes?: (bytes: number) => void,
      signal?: AbortSignal,
    ): Promise<void> => {
      const record = (outcome: 'done' | { failed: ErrorCode }) => {
        for (const file of files)
          options.record({ kind: 'upload', endpoint: target.name, to: file.to, outcome });
      };
      try {
        await session.upload(files, onBytes, signal);
        record('done');
      } catch (error) {
        record({ failed: codeOf(error) });
        throw error;
      }
    },
  };
}

/** @returns a function that takes the target's passwords and keys out of a text */
function redactSecrets(target: RemoteTarget): (text: string) => string {
  const { login, sudo } = target;
  const secrets = [
    ...(login.kind === 'password' ? [login.password] : [login.privateKey, login.passphrase ?? '']),
    ...(sudo.kind === 'password' ? [sudo.password] : []),
  ].filter((secret) => secret !== '');
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text);
}

function codeOf(error: unknown): ErrorCode {
  return error instanceof CodedError ? error.code : 'INTERNAL';
}
