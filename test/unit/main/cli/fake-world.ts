import type { ChannelName, Reply } from '../../../../contract/channels.ts';
import type { Failure } from '../../../../contract/errors.ts';
import type { Topic } from '../../../../contract/topics.ts';
import type { Engine } from '../../../../main/cli/engine.ts';
import type { World } from '../../../../main/cli/world.ts';

export type Handler = (input: unknown) => unknown;
export type FakeHandlers = Partial<Record<ChannelName, Handler>>;

/** Thrown by a handler of the fake engine: becomes a failure reply. */
export class Refusal extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** An engine that answers as told, and remembers what it was asked. */
export class FakeEngine implements Engine {
  readonly calls: { name: string; input: unknown }[] = [];
  closed = false;
  readonly #handlers: FakeHandlers;
  readonly #listeners = new Set<(topic: Topic) => void>();

  constructor(handlers: FakeHandlers) {
    this.#handlers = handlers;
  }

  openSession(): unknown {
    return {};
  }

  async invoke(_session: unknown, name: string, input: unknown): Promise<Reply> {
    this.calls.push({ name, input });
    const handler = this.#handlers[name as ChannelName];
    if (handler === undefined) throw new Error(`the test has no answer for ${name}`);
    try {
      return { ok: true, value: await handler(input) };
    } catch (error) {
      if (error instanceof Refusal) return { ok: false, failure: error.failure };
      throw error;
    }
  }

  subscribe(listener: (topic: Topic) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  publish(topic: Topic): void {
    for (const listener of this.#listeners) listener(topic);
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

export interface FakeWorld extends World {
  readonly out: string[];
  readonly err: string[];
  readonly asked: string[];
  interrupt(): void;
}

/** A world without a disk or a terminal. `answers` are given one after another to whoever asks. */
export function makeFakeWorld(
  options: {
    env?: Record<string, string>;
    files?: Record<string, string>;
    answers?: string[];
    engine?: FakeEngine;
    platform?: NodeJS.Platform;
    canRewrite?: boolean;
    hasSite?: boolean;
    openToOthers?: string[];
  } = {},
): FakeWorld {
  const listeners = new Set<() => void>();
  const answers = [...(options.answers ?? [])];
  const asked: string[] = [];
  const out: string[] = [];
  const err: string[] = [];
  const answer = (question: string): Promise<string> => {
    asked.push(question);
    return Promise.resolve(answers.shift() ?? '');
  };
  return {
    out,
    err,
    asked,
    env: options.env ?? {},
    platform: options.platform ?? 'linux',
    home: '/home/ann',
    folder: '/here',
    terminal: {
      canAsk: options.answers !== undefined,
      canRewrite: options.canRewrite ?? false,
      columns: 80,
    },
    writeOut: async (text) => void out.push(text),
    writeErr: (text) => void err.push(text),
    readFile: async (path) => {
      const text = options.files?.[path];
      if (text === undefined) throw new Error(`no such file: ${path}`);
      return new TextEncoder().encode(text);
    },
    exists: async () => options.hasSite ?? true,
    isReadableByOthers: async (path) => options.openToOthers?.includes(path) ?? false,
    ask: answer,
    askSecret: answer,
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    interrupt: () => {
      for (const listener of listeners) listener();
    },
    now: () => '2026-11-24T14:05:00Z',
    openEngine: async () => {
      if (options.engine === undefined) throw new Error('the test has no engine');
      return options.engine;
    },
  };
}

/** Answers to what every signed-in command does first. */
export function signedInAs(name: string): FakeHandlers {
  return {
    'site.get': () => ({ site: { name: 'North' }, persons: [{ name }, { name: 'Bob' }] }),
    'session.signIn': () => ({ name }),
  };
}
