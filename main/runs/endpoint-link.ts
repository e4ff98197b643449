import { CodedError, TransportError } from '../../contract/errors.ts';
import type { RemoteSession } from '../remote/remote-shell.ts';

/** Whether an error says only that the way to the endpoint is gone for now. */
function isConnectionLoss(error: unknown): error is CodedError {
  return (
    error instanceof CodedError &&
    (error.code === 'TRANSPORT_DROPPED' ||
      error.code === 'TRANSPORT_TIMEOUT' ||
      error.code === 'TRANSPORT_UNREACHABLE')
  );
}

export interface LinkEvents {
  lost(error: CodedError): void;
  regained(): void;
}

/**
 * One endpoint's session, opened when needed and opened again when it was lost. What is run through `use` must be
 * repeatable: after a loss it runs again from its start.
 */
export class EndpointLink {
  readonly #connect: (signal: AbortSignal) => Promise<RemoteSession>;
  readonly #sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #now: () => number;
  #session: RemoteSession | null = null;

  constructor(ports: {
    connect(signal: AbortSignal): Promise<RemoteSession>;
    sleep(ms: number, signal: AbortSignal): Promise<void>;
    /** Milliseconds since the epoch. */
    now(): number;
  }) {
    this.#connect = (signal) => ports.connect(signal);
    this.#sleep = (ms, signal) => ports.sleep(ms, signal);
    this.#now = () => ports.now();
  }

  /**
   * @param patienceMs how long to keep trying after the connection was lost; 0: not at all
   * @throws what `body` throws; TransportError when patience ran out
   */
  async use<T>(
    body: (session: RemoteSession) => Promise<T>,
    options: { patienceMs: number; backoffMs: number; signal: AbortSignal; events: LinkEvents },
  ): Promise<T> {
    let lostAt: number | null = null;
    let backoff = options.backoffMs;
    for (;;) {
      options.signal.throwIfAborted();
      try {
        const session = await this.#open(options.signal);
        if (lostAt !== null) {
          options.events.regained();
          lostAt = null;
          backoff = options.backoffMs;
        }
        return await body(session);
      } catch (error) {
        if (options.signal.aborted || !isConnectionLoss(error)) throw error;
        await this.close();
        if (options.patienceMs === 0) throw error;
        if (lostAt === null) {
          lostAt = this.#now();
          options.events.lost(error);
        }
        if (this.#now() - lostAt > options.patienceMs) {
          throw new TransportError(
            error.code,
            `${error.message} It did not come back within ${Math.round(options.patienceMs / 60_000)} minutes.`,
            {
              retry: 'after-reconnect',
              cause: error,
            },
          );
        }
        await this.#sleep(backoff, options.signal);
        backoff = Math.min(backoff * 2, 15_000);
      }
    }
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  async #open(signal: AbortSignal): Promise<RemoteSession> {
    if (this.#session !== null) return this.#session;
    const session = await this.#connect(signal);
    this.#session = session;
    void session.closed.then(() => {
      if (this.#session === session) this.#session = null;
    });
    return session;
  }
}
