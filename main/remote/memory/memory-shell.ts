import { TransportError } from '../../../contract/errors.ts';
import type {
  CommandResult,
  RemoteCommand,
  RemoteSession,
  RemoteShell,
  RemoteTarget,
  Upload,
} from '../remote-shell.ts';
import { abortReason } from '../semaphore.ts';

/** What an endpoint in memory answers to one command. A promise that never settles is a command that hangs. */
export type Respond = (
  command: RemoteCommand,
  context: { readonly user: string; readonly files: Map<string, Uint8Array> },
) => CommandResult | Promise<CommandResult>;

export interface MemoryEndpointOptions {
  readonly address: string;
  readonly port?: number;
  readonly hostKey: string;
  readonly user: string;
  /** The password or the private key that is let in. */
  readonly secret: string;
  /** What sudo there wants, whatever the target says. */
  readonly sudo?:
    { readonly kind: 'passwordless' | 'denied' } | { readonly kind: 'password'; readonly password: string };
  readonly respond: Respond;
  /** Reads a local file for an upload; without it only uploads of bytes work. */
  readonly readLocalFile?: (file: string) => Uint8Array;
}

/** One endpoint that lives in memory: its files, its power, and what was asked of it. */
export class MemoryEndpoint {
  readonly options: MemoryEndpointOptions;
  readonly port: number;
  /** Files uploaded so far, by path. */
  readonly files = new Map<string, Uint8Array>();
  /** Every command that reached it, in order. */
  readonly commands: RemoteCommand[] = [];
  /** Logins that reached it: a changed host key must leave this at 0. */
  logins = 0;
  isReachable = true;
  readonly #sessions = new Set<MemorySession>();

  constructor(options: MemoryEndpointOptions) {
    this.options = options;
    this.port = options.port ?? 22;
  }

  /** Ends every session as a pulled cable would. */
  drop(): void {
    for (const session of this.#sessions) session.end();
    this.#sessions.clear();
  }

  open(target: RemoteTarget): RemoteSession {
    const session = new MemorySession(this, target, () => this.#sessions.delete(session));
    this.#sessions.add(session);
    return session;
  }
}

/** The {@link RemoteShell} to endpoints in memory, for tests: same codes and same order of checks as over SSH. */
export class MemoryShell implements RemoteShell {
  readonly #endpoints: readonly MemoryEndpoint[];

  constructor(endpoints: readonly MemoryEndpoint[]) {
    this.#endpoints = endpoints;
  }

  async connect(target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession> {
    await Promise.resolve();
    if (signal?.aborted === true) throw abortReason(signal);
    const subject = { endpoint: target.name, address: target.address };
    if (target.hostKey === null)
      throw new TransportError('TRANSPORT_HOST_KEY_UNPINNED', `${target.name} is not pinned`, { subject });
    const endpoint = this.#find(target.address, target.port);
    if (endpoint.options.hostKey !== target.hostKey)
      throw new TransportError('TRANSPORT_HOST_KEY_MISMATCH', `${target.name} shows another key`, {
        subject,
      });
    endpoint.logins += 1;
    const { login } = target;
    const shown = login.kind === 'password' ? login.password : login.privateKey;
    if (endpoint.options.user !== target.user || endpoint.options.secret !== shown)
      throw new TransportError('TRANSPORT_AUTH_FAILED', `${target.name} refused the login`, { subject });
    return endpoint.open(target);
  }

  async readHostKey(address: string, port: number, signal?: AbortSignal): Promise<string> {
    await Promise.resolve();
    if (signal?.aborted === true) throw abortReason(signal);
    return this.#find(address, port).options.hostKey;
  }

  #find(address: string, port: number): MemoryEndpoint {
    const found = this.#endpoints.find((one) => one.options.address === address && one.port === port);
    if (found?.isReachable === true) return found;
    throw new TransportError('TRANSPORT_UNREACHABLE', `${address} does not answer`, {
      retry: 'same',
      subject: { address },
    });
  }
}

class MemorySession implements RemoteSession {
  readonly target: RemoteTarget;
  readonly closed: Promise<void>;
  readonly #endpoint: MemoryEndpoint;
  readonly #onEnd: () => void;
  readonly #gone = Promise.withResolvers<void>();
  #isGone = false;

  constructor(endpoint: MemoryEndpoint, target: RemoteTarget, onEnd: () => void) {
    this.target = target;
    this.closed = this.#gone.promise;
    this.#endpoint = endpoint;
    this.#onEnd = onEnd;
  }

  async run(command: RemoteCommand, signal?: AbortSignal): Promise<CommandResult> {
    this.#assertOpen(signal);
    if (command.asRoot === true) this.#assertSudo();
    this.#endpoint.commands.push(command);
    const context = {
      user: command.asRoot === true ? 'root' : this.target.user,
      files: this.#endpoint.files,
    };
    const answer = Promise.resolve(this.#endpoint.options.respond(command, context));
    return this.#whileOpen(answer, signal, command.timeoutMs ?? 60_000);
  }

  async upload(
    files: readonly Upload[],
    onBytes?: (bytes: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    for (const { from, to } of files) {
      await Promise.resolve();
      this.#assertOpen(signal);
      const bytes = 'bytes' in from ? from.bytes : this.#endpoint.options.readLocalFile?.(from.file);
      if (bytes === undefined) throw new TransportError('CONTENT_MISSING', `no local file for ${to}`);
      this.#endpoint.files.set(to, Uint8Array.from(bytes));
      onBytes?.(bytes.length);
    }
  }

  close(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  end(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#onEnd();
    this.#gone.resolve();
  }

  #assertOpen(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) throw abortReason(signal);
    if (this.#isGone) throw this.#dropped();
  }

  #assertSudo(): void {
    const said = this.target.sudo;
    const wanted = this.#endpoint.options.sudo ?? { kind: 'passwordless' };
    if (said.kind === 'root') return;
    const fits =
      said.kind === 'password'
        ? wanted.kind === 'password' && wanted.password === said.password
        : wanted.kind === 'passwordless';
    if (!fits) {
      throw new TransportError('TRANSPORT_SUDO_DENIED', `sudo on ${this.target.name} refused`, {
        subject: { endpoint: this.target.name },
      });
    }
  }

  #whileOpen<T>(work: Promise<T>, signal: AbortSignal | undefined, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(abortReason(signal));
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer = setTimeout(() => reject(this.#overTime()), timeoutMs);
      void this.closed.then(() => reject(this.#dropped()));
      work.then(resolve, reject).finally(() => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      });
    });
  }

  #overTime(): TransportError {
    return new TransportError('TRANSPORT_TIMEOUT', `a command on ${this.target.name} took too long`, {
      retry: 'after-reconnect',
      subject: { endpoint: this.target.name },
    });
  }

  #dropped(): TransportError {
    return new TransportError('TRANSPORT_DROPPED', `the session to ${this.target.name} was lost`, {
      retry: 'after-reconnect',
      subject: { endpoint: this.target.name },
    });
  }
}
