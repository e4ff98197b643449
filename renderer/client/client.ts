import type { ChannelName, InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import type { ShellChannelName, ShellParsedInputOf, ShellOutputOf } from '../../contract/shell.ts';
import type { Topic } from '../../contract/topics.ts';
import type { Bridge } from '../../preload/bridge.ts';

/** The one way from the window to the engine. Screens and stores know this and nothing behind it. */
export interface Client {
  readonly invoke: <N extends ChannelName>(name: N, input: InputOf<N>) => Promise<Reply<OutputOf<N>>>;
  /** What the desktop shell itself answers: dialogs of the system and the theme. */
  readonly invokeShell: <N extends ShellChannelName>(
    name: N,
    input: ShellParsedInputOf<N>,
  ) => Promise<Reply<ShellOutputOf<N>>>;
  /** Calls the listener for every message; returns the function that ends it. */
  readonly subscribe: (listener: (topic: Topic) => void) => () => void;
}

/** Whose replies have thousands of rows. What the contract allows is plain data, so its JSON says all of it. */
const AS_TEXT: ReadonlySet<string> = new Set(['queue.sheet', 'packs.sheet']);

/** Puts the types of the contract on the bridge. A bridge that rejects means that nobody is behind it any more. */
export function createClient(bridge: Bridge): Client {
  const call = async (name: string, input: unknown): Promise<Reply> => {
    try {
      if (AS_TEXT.has(name)) return JSON.parse(await bridge.invokeText(name, input)) as Reply;
      return await bridge.invoke(name, input);
    } catch (error) {
      return {
        ok: false,
        failure: {
          code: 'ENGINE_LOST',
          message: `The engine did not answer ${name}: ${error instanceof Error ? error.message : String(error)}`,
          hint: 'It is started again by itself. Look at the state of the engine at the top, then try again.',
          retry: 'same',
        },
      };
    }
  };
  const listeners = new Set<(topic: Topic) => void>();
  let stop: (() => void) | null = null;
  return {
    invoke: async <N extends ChannelName>(name: N, input: InputOf<N>) =>
      (await call(name, input)) as Reply<OutputOf<N>>,
    invokeShell: async <N extends ShellChannelName>(name: N, input: ShellParsedInputOf<N>) =>
      (await call(name, input)) as Reply<ShellOutputOf<N>>,
    subscribe(listener) {
      listeners.add(listener);
      // One subscription of the bridge for all: Electron warns of a leak where there are more than ten.
      stop ??= bridge.subscribe((topic) => listeners.forEach((each) => each(topic)));
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = null;
      };
    },
  };
}
