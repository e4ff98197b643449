import type { ChannelName, InputOf, OutputOf } from '../../contract/channels.ts';
import { CodedError, ContractError } from '../../contract/errors.ts';
import type { Engine, Session } from './engine.ts';
import type { Progress } from './progress.ts';
import type { World } from './world.ts';

type Waited = OutputOf<'operations.wait'>;

/** A command's typed way to the engine: the same dispatch as the window's, limited to the channels it declared. */
export class Client<N extends ChannelName> {
  readonly #engine: Engine | undefined;
  readonly #session: Session;
  readonly #allowed: readonly ChannelName[];

  constructor(engine: Engine | undefined, session: Session, allowed: readonly N[]) {
    this.#engine = engine;
    this.#session = session;
    this.#allowed = allowed;
  }

  /** @throws the failure of the call, as a CodedError with its code */
  async invoke<C extends N>(name: C, input: InputOf<C>): Promise<OutputOf<C>> {
    if (this.#engine === undefined || !this.#allowed.includes(name)) {
      throw new Error(`the command did not declare the channel ${name}`);
    }
    const reply = await this.#engine.invoke(this.#session, name, input);
    // The engine has parsed the output against the schema of this channel.
    if (reply.ok) return reply.value as OutputOf<C>;
    const { code, message, hint, retry, subject } = reply.failure;
    throw new CodedError(code, message, {
      retry,
      ...(hint === undefined ? {} : { hint }),
      ...(subject === undefined ? {} : { subject }),
    });
  }

  /** Calls back for every topic of the engine until the returned function is called. */
  subscribe(listener: Parameters<Engine['subscribe']>[0]): () => void {
    return this.#engine?.subscribe(listener) ?? (() => undefined);
  }
}

/**
 * Starts an operation, shows its progress and waits for its end. Ctrl+C asks the engine to cancel it; the operation then
 * ends with CONTRACT_CANCELLED when it has put itself in order.
 */
export async function followOperation(
  client: Client<'operations.wait' | 'operations.cancel'>,
  around: { readonly world: World; readonly progress: Progress },
  start: () => Promise<{ operationId: string }>,
): Promise<Waited> {
  const { world, progress } = around;
  let cancelled = false;
  let id: string | undefined;
  const cancel = (): void => {
    cancelled = true;
    progress.say('cancelling ...');
    // A refusal means that the operation has ended meanwhile; waiting for it tells how.
    if (id !== undefined) client.invoke('operations.cancel', { id }).catch(() => undefined);
  };
  const stopListening = world.onInterrupt(cancel);
  const unsubscribe = client.subscribe((topic) => progress.take(topic));
  try {
    ({ operationId: id } = await start());
    if (cancelled) cancel();
    const waited = await client.invoke('operations.wait', { id });
    if (waited.operation.status === 'cancelled') {
      throw new ContractError('CONTRACT_CANCELLED', `Cancelled: ${waited.operation.title}.`);
    }
    return waited;
  } finally {
    stopListening();
    unsubscribe();
    progress.end();
  }
}
