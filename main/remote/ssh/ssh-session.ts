import { randomUUID } from 'node:crypto';
import { TransportError } from '../../../contract/errors.ts';
import type { CommandResult, RemoteCommand, RemoteSession, RemoteTarget, Upload } from '../remote-shell.ts';
import { abortReason, Semaphore } from '../semaphore.ts';
import { runOnChannel } from './channel.ts';
import type { ChannelResult, ChannelRun } from './channel.ts';
import type { OpenClient } from './open-client.ts';
import { assertProgram, quoteCommand } from './quote.ts';
import { uploadFile } from './sftp-upload.ts';
import { isSudoRefusal, sudoCommand, sudoDenied, withShellStatus } from './sudo.ts';

export interface SessionLimits {
  /** Bytes of stdout, and of stderr, of one command. */
  readonly outputBytes: number;
  /** Commands and uploads at once; more wait their turn. */
  readonly channels: number;
  /** Milliseconds until sudo must have asked for the password. */
  readonly sudoPromptMs: number;
  /** Milliseconds without one acknowledged byte until an upload is given up. */
  readonly uploadStallMs: number;
}

const DEFAULT_COMMAND_MS = 60_000;
const CLOSE_MS = 1_000;

export class SshSession implements RemoteSession {
  readonly target: RemoteTarget;
  readonly closed: Promise<void>;
  readonly #opened: OpenClient;
  readonly #limits: SessionLimits;
  readonly #channels: Semaphore;
  readonly #onGone = new Set<() => void>();
  #isGone = false;
  #lastError: unknown;
  #sudoProof: Promise<void> | undefined;

  constructor(target: RemoteTarget, opened: OpenClient, limits: SessionLimits) {
    this.target = target;
    this.#opened = opened;
    this.#limits = limits;
    this.#channels = new Semaphore(limits.channels);
    opened.client.on('error', (error: unknown) => {
      this.#lastError = error;
      // ssh2 only half-closes after an error, which a dead other side would never answer.
      opened.socket.destroy();
    });
    this.closed = new Promise((resolve) => {
      const leave = () => {
        this.#isGone = true;
        resolve();
        for (const tell of this.#onGone) tell();
      };
      if (opened.socket.destroyed) leave();
      else opened.socket.once('close', leave);
    });
  }

  async run(command: RemoteCommand, signal?: AbortSignal): Promise<CommandResult> {
    assertProgram(command.argv);
    const asRoot = command.asRoot === true && this.target.sudo.kind !== 'root';
    return this.#withChannel(signal, async () => {
      if (!asRoot) return plainResult(await this.#execute(command, false, signal));
      await this.#proveSudo(signal);
      const result = await this.#execute(command, true, signal);
      if (isSudoRefusal(result)) throw sudoDenied(this.target, 'refused');
      return withShellStatus(plainResult(result));
    });
  }

  async upload(
    files: readonly Upload[],
    onBytes?: (bytes: number) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#withChannel(signal, async () => {
      const sftp = await this.#orGone(this.#opened.ssh.requestSFTP(), signal);
      try {
        for (const file of files) {
          const progress = { onBytes, signal, stallMs: this.#limits.uploadStallMs, target: this.target };
          await this.#orGone(uploadFile(sftp, file, progress), signal);
        }
      } finally {
        sftp.end();
      }
    });
  }

  async close(): Promise<void> {
    if (this.#isGone) return;
    this.#opened.ssh.dispose();
    // A server that does not hang up by itself must not keep the caller waiting.
    const timer = setTimeout(() => this.#opened.socket.destroy(), CLOSE_MS);
    await this.closed;
    clearTimeout(timer);
  }

  async #withChannel<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    const release = await this.#channels.acquire(signal);
    try {
      signal?.throwIfAborted();
      if (this.#isGone) throw this.#dropped();
      return await work();
    } catch (error) {
      throw this.#explain(error, signal);
    } finally {
      release();
    }
  }

  #execute(command: RemoteCommand, asRoot: boolean, signal: AbortSignal | undefined): Promise<ChannelResult> {
    const { sudo } = this.target;
    const question = `[password ${randomUUID()}]`;
    const stdin = command.stdin === undefined ? undefined : Buffer.from(command.stdin);
    const argv = asRoot ? sudoCommand(command.argv, sudo, question) : command.argv;
    const run: ChannelRun = {
      line: quoteCommand(argv),
      stdin,
      timeoutMs: command.timeoutMs ?? DEFAULT_COMMAND_MS,
      outputBytes: this.#limits.outputBytes,
      what: command.argv[0] ?? '',
      target: this.target,
      signal,
      password:
        asRoot && sudo.kind === 'password'
          ? { question, answer: sudo.password, withinMs: this.#limits.sudoPromptMs }
          : undefined,
    };
    return this.#orGone(runOnChannel(this.#opened.ssh, run), signal);
  }

  /**
   * Asks sudo once per session whether it does as the target says. Only then may a command's own stdin follow the
   * password: sudo would read that stdin as further attempts if the password were wrong. A refusal is kept for the
   * session, so that a wrong password is tried once and no account is locked.
   */
  async #proveSudo(signal: AbortSignal | undefined): Promise<void> {
    this.#sudoProof ??= this.#probeSudo();
    const proof = this.#sudoProof;
    try {
      await this.#orGone(proof, signal);
    } catch (error) {
      const isRefusal = error instanceof TransportError && error.code === 'TRANSPORT_SUDO_DENIED';
      const isCancelled = signal?.aborted === true;
      if (!isRefusal && !isCancelled && this.#sudoProof === proof) this.#sudoProof = undefined;
      throw error;
    }
  }

  async #probeSudo(): Promise<void> {
    const timeoutMs = this.#limits.sudoPromptMs + 10_000;
    const result = await this.#execute({ argv: ['true'], timeoutMs }, true, undefined);
    if (result.exitCode !== 0) throw sudoDenied(this.target, 'refused');
    if (this.target.sudo.kind === 'password' && !result.asked) throw sudoDenied(this.target, 'asks-for-none');
  }

  /** Waits for work, but no longer than the session lives or the caller wants. */
  #orGone<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(abortReason(signal));
      const onGone = () => reject(this.#dropped());
      if (signal?.aborted === true) onAbort();
      if (this.#isGone) onGone();
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#onGone.add(onGone);
      work.then(resolve, reject).finally(() => {
        signal?.removeEventListener('abort', onAbort);
        this.#onGone.delete(onGone);
      });
    });
  }

  #explain(error: unknown, signal: AbortSignal | undefined): Error {
    if (signal?.aborted === true) return abortReason(signal);
    if (error instanceof TransportError) return error;
    if (this.#isGone || this.#opened.socket.destroyed || !this.#opened.ssh.isConnected())
      return this.#dropped(error);
    if (error instanceof RangeError || error instanceof TypeError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new TransportError('TRANSPORT_PROTOCOL', `${this.target.name}: ${message}`, {
      subject: { endpoint: this.target.name, address: this.target.address },
      cause: error,
    });
  }

  #dropped(cause?: unknown): TransportError {
    const error = this.#lastError ?? cause;
    const reason = error instanceof Error ? `: ${error.message}` : '';
    return new TransportError('TRANSPORT_DROPPED', `the session to ${this.target.name} was lost${reason}`, {
      hint: 'What was under way there may have gone on: ask the endpoint before doing it again.',
      retry: 'after-reconnect',
      subject: { endpoint: this.target.name, address: this.target.address },
      cause: error,
    });
  }
}

function plainResult({ exitCode, stdout, stderr }: ChannelResult): CommandResult {
  return { exitCode, stdout, stderr };
}
