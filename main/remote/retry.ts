import { CodedError } from '../../contract/errors.ts';
import type { RemoteSession, RemoteShell, RemoteTarget } from './remote-shell.ts';

export interface RetryOptions {
  /** Calls in all, the first one included. */
  readonly attempts: number;
  /** Wait before the second call; doubles each time up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Waits; rejects when the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Connects again after a failure that says the same call may succeed (`retry: 'same'`). Commands are never repeated:
 * only whoever sent one knows whether that is safe.
 */
export function withRetry(shell: RemoteShell, options: RetryOptions): RemoteShell {
  const again = async <T>(call: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await call();
      } catch (error) {
        const mayHelp = error instanceof CodedError && error.retry === 'same';
        if (!mayHelp || attempt >= options.attempts) throw error;
        await options.sleep(waitMs(options, attempt), signal);
      }
    }
  };
  return {
    connect: (target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession> =>
      again(() => shell.connect(target, signal), signal),
    readHostKey: (address: string, port: number, signal?: AbortSignal): Promise<string> =>
      again(() => shell.readHostKey(address, port, signal), signal),
  };
}

/** @param attempt number of calls that failed so far, from 1 */
function waitMs(options: RetryOptions, attempt: number): number {
  return Math.min(options.firstMs * 2 ** (attempt - 1), options.longestMs);
}
