import type { Reply } from '../../contract/channels.ts';
import type { Failure } from '../../contract/errors.ts';
import type { Topic } from '../../contract/topics.ts';
import { FromEngine, PROTOCOL_VERSION, type ToEngine } from '../engine/messages.ts';
import type { EngineProcess } from './engine-process.ts';

/** Wraps and unwraps bytes with the keyring of the system; only the shell can. */
export interface SystemKeyring {
  isAvailable(): boolean;
  wrap(bytes: Uint8Array): Uint8Array;
  unwrap(bytes: Uint8Array): Uint8Array;
}

export interface EngineLinkOptions {
  readonly spawn: () => EngineProcess;
  readonly keyring: SystemKeyring;
  /** Tells the window: what the engine publishes, and whether the engine is there. */
  readonly publish: (topic: Topic) => void;
  /** A line for the local log. */
  readonly log: (line: string) => void;
  /** How long to wait before asking again for a site that somebody else holds; milliseconds. */
  readonly busyPauseMs?: number;
}

type State =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'starting'; readonly process: EngineProcess }
  | { readonly kind: 'ready'; readonly process: EngineProcess; readonly since: number }
  /** The process ended; the next one starts after a pause. */
  | { readonly kind: 'lost'; readonly timer: NodeJS.Timeout }
  /** The site can't be opened: a person must act, or (with a timer) whoever holds it must let go of it. */
  | { readonly kind: 'failed'; readonly failure: Failure; readonly timer?: NodeJS.Timeout };

interface Call {
  readonly message: Extract<ToEngine, { kind: 'invoke' }>;
  readonly resolve: (reply: Reply) => void;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** An engine that lived this long was well: the next loss starts with the shortest pause again. */
const WELL_AFTER_MS = 30_000;
const BUSY_PAUSE_MS = 10_000;
const STOP_PATIENCE_MS = 5_000;
/** Calls that wait for an engine to become ready. A window has a few dozen; more is a bug. */
const MAX_WAITING = 500;

/**
 * The shell's end of the conversation with the engine: keeps one engine process alive, carries calls to it and their
 * replies back. A call that was on its way when the engine died is answered with ENGINE_LOST (never repeated on a guess:
 * the window asks again); one made while an engine starts waits for it.
 */
export class EngineLink {
  readonly #options: EngineLinkOptions;
  #state: State = { kind: 'stopped' };
  #waiting: Call[] = [];
  readonly #sent = new Map<number, Call>();
  #lastId = 0;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(options: EngineLinkOptions) {
    this.#options = options;
  }

  start(): void {
    const child = this.#options.spawn();
    this.#state = { kind: 'starting', process: child };
    this.#options.publish({ kind: 'engine', state: 'starting' });
    child.port.onMessage((raw) => this.#receive(child, raw));
    child.onExit((code) => this.#exited(child, code));
  }

  /** Calls the engine for one window. Never rejects. */
  invoke(client: number, name: string, input: unknown): Promise<Reply> {
    const state = this.#state;
    if (state.kind === 'failed') return Promise.resolve({ ok: false, failure: state.failure });
    if (state.kind === 'stopped') return Promise.resolve(lost('The engine is stopped.'));
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.resolve({
        ok: false,
        failure: { code: 'ENGINE_BUSY', message: 'Too many calls wait for the engine.', retry: 'same' },
      });
    }
    this.#lastId += 1;
    const message = { kind: 'invoke', id: this.#lastId, client, name, input } as const;
    return new Promise((resolve) => {
      const call = { message, resolve };
      if (state.kind === 'ready') this.#send(state.process, call);
      else this.#waiting.push(call);
    });
  }

  /** A window has gone: its session in the engine ends. */
  forget(client: number): void {
    if (this.#state.kind === 'ready') this.#state.process.port.send({ kind: 'forget', client });
  }

  /** Asks the engine to close the site and resolves when its process has ended; ends it by force after some patience. */
  async stop(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'stopped' };
    this.#answerAll('The application is closing.');
    if (state.kind === 'lost' || state.kind === 'failed') clearTimeout(state.timer);
    if (state.kind !== 'starting' && state.kind !== 'ready') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => state.process.kill(), STOP_PATIENCE_MS);
      state.process.onExit(() => {
        clearTimeout(timer);
        resolve();
      });
      state.process.port.send({ kind: 'shutdown' });
    });
  }

  #send(child: EngineProcess, call: Call): void {
    this.#sent.set(call.message.id, call);
    child.port.send(call.message);
  }

  #receive(child: EngineProcess, raw: unknown): void {
    const parsed = FromEngine.safeParse(raw);
    if (!parsed.success) {
      this.#options.log(`engine sent what is no message of the protocol: ${parsed.error.message}`);
      child.kill();
      return;
    }
    const message = parsed.data;
    switch (message.kind) {
      case 'hello':
        if (message.protocol !== PROTOCOL_VERSION) {
          this.#fail({
            code: 'INTERNAL',
            message: `The engine speaks version ${message.protocol} of the protocol, the window ${PROTOCOL_VERSION}.`,
            retry: 'never',
          });
          child.kill();
          return;
        }
        child.port.send({ kind: 'start', keyring: this.#options.keyring.isAvailable() });
        return;
      case 'ready':
        this.#ready(child);
        return;
      case 'failed':
        this.#fail(message.failure);
        return;
      case 'reply': {
        const call = this.#sent.get(message.id);
        this.#sent.delete(message.id);
        call?.resolve(message.reply);
        return;
      }
      case 'topic':
        this.#options.publish(message.topic);
        return;
      case 'keyring':
        child.port.send(this.#askKeyring(message));
        return;
    }
  }

  #ready(child: EngineProcess): void {
    if (this.#state.kind !== 'starting') return;
    this.#state = { kind: 'ready', process: child, since: performance.now() };
    this.#options.publish({ kind: 'engine', state: 'ready' });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) this.#send(child, call);
  }

  #exited(child: EngineProcess, code: number | null): void {
    const state = this.#state;
    if ((state.kind !== 'starting' && state.kind !== 'ready') || state.process !== child) return;
    if (state.kind === 'ready' && performance.now() - state.since >= WELL_AFTER_MS)
      this.#pauseMs = FIRST_PAUSE_MS;
    this.#options.log(`engine ended with code ${String(code)}; starting it again in ${this.#pauseMs} ms`);
    this.#state = { kind: 'lost', timer: setTimeout(() => this.start(), this.#pauseMs) };
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
    this.#options.publish({ kind: 'engine', state: 'lost' });
    for (const call of this.#sent.values())
      call.resolve(lost('The engine ended while it worked on this call.'));
    this.#sent.clear();
  }

  #fail(failure: Failure): void {
    const pause = this.#options.busyPauseMs ?? BUSY_PAUSE_MS;
    this.#state = {
      kind: 'failed',
      failure,
      ...(failure.retry === 'same' ? { timer: setTimeout(() => this.start(), pause) } : {}),
    };
    this.#options.publish({ kind: 'engine', state: 'lost' });
    this.#answerAll(failure);
  }

  #answerAll(reason: string | Failure): void {
    const reply: Reply = typeof reason === 'string' ? lost(reason) : { ok: false, failure: reason };
    for (const call of [...this.#waiting, ...this.#sent.values()]) call.resolve(reply);
    this.#waiting = [];
    this.#sent.clear();
  }

  #askKeyring({ id, op, bytes }: Extract<FromEngine, { kind: 'keyring' }>): ToEngine {
    const { keyring } = this.#options;
    try {
      return {
        kind: 'keyring-reply',
        id,
        ok: true,
        bytes: op === 'wrap' ? keyring.wrap(bytes) : keyring.unwrap(bytes),
      };
    } catch (error) {
      return { kind: 'keyring-refusal', id, message: error instanceof Error ? error.message : String(error) };
    }
  }
}

function lost(message: string): Reply {
  return {
    ok: false,
    failure: {
      code: 'ENGINE_LOST',
      message,
      hint: 'Nothing is lost: what was begun goes on from the journal. Look at the state of things, then try again.',
      retry: 'after-reconnect',
    },
  };
}
