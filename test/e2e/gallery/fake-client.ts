import type { ChannelName, InputOf, OutputOf, ParsedInputOf, Reply } from '../../../contract/channels.ts';
import type { ErrorCode } from '../../../contract/errors.ts';
import type { ShellChannelName, ShellOutputOf } from '../../../contract/shell.ts';
import type { Topic } from '../../../contract/topics.ts';
import type { Client } from '../../../renderer/client/client.ts';

/** What a channel answers: a value, a failure, or nothing for ever. */
export type Answer<N extends ChannelName> = (
  input: InputOf<N>,
) => OutputOf<N> | Reply<OutputOf<N>> | Promise<OutputOf<N> | Reply<OutputOf<N>>>;
export type Answers = { readonly [N in ChannelName]?: Answer<N> };

export interface FakeClient extends Client {
  /** Every call so far, in order. */
  readonly calls: readonly { readonly name: ChannelName; readonly input: unknown }[];
  /** Sends a message as the engine would. */
  say(topic: Topic): void;
  /** Puts other answers in the place of some. */
  answer(answers: Answers): void;
  callsOf<N extends ChannelName>(name: N): ParsedInputOf<N>[];
}

export function fail(code: ErrorCode, message: string, hint?: string): Reply<never> {
  return { ok: false, failure: { code, message, retry: 'never', ...(hint === undefined ? {} : { hint }) } };
}

function isReply(value: unknown): value is Reply {
  return typeof value === 'object' && value !== null && 'ok' in value && typeof value.ok === 'boolean';
}

/** A client with nobody behind it: for tests and the gallery. A channel without an answer is a failure, never silence. */
export function createFakeClient(given: Answers, pickedPath: string | null = null): FakeClient {
  let answers: Answers = given;
  const calls: { name: ChannelName; input: unknown }[] = [];
  const listeners = new Set<(topic: Topic) => void>();
  return {
    calls,
    async invoke<N extends ChannelName>(name: N, input: InputOf<N>): Promise<Reply<OutputOf<N>>> {
      calls.push({ name, input });
      const answer = answers[name];
      if (answer === undefined)
        return fail('CONTRACT_UNKNOWN_CHANNEL', `The fake client has no answer for ${name}.`);
      const value = await answer(input);
      return isReply(value) ? value : { ok: true, value };
    },
    async invokeShell<N extends ShellChannelName>(name: N): Promise<Reply<ShellOutputOf<N>>> {
      const chosen = name === 'shell.pickFolder' || name === 'shell.pickFile';
      if (!chosen) return fail('CONTRACT_UNKNOWN_CHANNEL', 'There is no shell behind the fake client.');
      return { ok: true, value: { path: pickedPath } as ShellOutputOf<N> };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    say: (topic) => listeners.forEach((listener) => listener(topic)),
    answer: (more) => (answers = { ...answers, ...more }),
    callsOf: <N extends ChannelName>(name: N) =>
      calls.filter((call) => call.name === name).map((call) => call.input as ParsedInputOf<N>),
  };
}
