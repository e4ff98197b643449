import type { ChannelName, InputOf, OutputOf, Reply } from '../../contract/channels.ts';
import { CodedError, type ErrorCode } from '../../contract/errors.ts';
import { ExportedPack, ReviewPackView } from '../../contract/reviews.ts';
import type { RunView, TaskView } from '../../contract/runs.ts';
import type { Engine, SessionId } from '../../main/app/compose.ts';

/** One person at one window of an engine, with the contract's types. */
export class Caller {
  readonly #engine: Engine;
  readonly #session: SessionId;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#session = engine.openSession();
  }

  /** @throws CodedError with the failure that the engine answered */
  async call<N extends ChannelName>(name: N, input: InputOf<N>): Promise<OutputOf<N>> {
    const reply = await this.#engine.invoke(this.#session, name, input);
    if (reply.ok) return reply.value as OutputOf<N>;
    const { code, message, retry } = reply.failure;
    throw new CodedError(code, `${name}: ${message}`, { retry });
  }

  /** The code a call fails with, or a list or pack that it began to make; `undefined` when it does not fail. */
  async codeOf<N extends ChannelName>(name: N, input: InputOf<N>): Promise<ErrorCode | undefined> {
    const reply: Reply = await this.#engine.invoke(this.#session, name, input);
    if (!reply.ok) return reply.failure.code;
    if (name !== 'queue.prepare' && name !== 'reviews.export') return undefined;
    const { operationId: id } = reply.value as { operationId: string };
    return this.codeOf('operations.wait', { id });
  }

  /** Makes a list to decide, and waits until it is there. */
  async prepare(input: InputOf<'queue.prepare'>): Promise<ReviewPackView> {
    return ReviewPackView.parse(await this.finish(await this.call('queue.prepare', input)));
  }

  /** Writes a review pack, and waits until the file is there. */
  async export(input: InputOf<'reviews.export'>): Promise<ExportedPack> {
    return ExportedPack.parse(await this.finish(await this.call('reviews.export', input)));
  }

  /** Waits for work that a call has begun. */
  async finish({
    operationId,
  }: {
    readonly operationId: string;
  }): Promise<Readonly<Record<string, unknown>>> {
    const { result } = await this.call('operations.wait', { id: operationId });
    return result;
  }
}

/** Adds a person as it goes at a site: somebody brings them, and they choose a passphrase of their own when they first sign in. */
export async function addPerson(
  engine: Engine,
  adder: Caller,
  { passphrase, ...person }: InputOf<'persons.add'>,
): Promise<Caller> {
  const first = `${passphrase}, once`;
  await adder.call('persons.add', { ...person, passphrase: first });
  const caller = new Caller(engine);
  await caller.call('session.signIn', { person: person.name, passphrase: first });
  await caller.call('persons.changePassphrase', { current: first, next: passphrase });
  return caller;
}

/** Asks for, grants and starts a plan over endpoints, and waits for its end. */
export async function startRun(
  engineer: Caller,
  approver: Caller,
  endpointIds: readonly string[],
  packages: readonly string[] = [],
): Promise<string> {
  const { planId } = await engineer.finish(
    await engineer.call('plans.make', { endpointIds: [...endpointIds], packages: [...packages] }),
  );
  const approval = await engineer.call('approvals.request', { planId: String(planId) });
  const granted = await approver.call('approvals.grant', {
    id: approval.id,
    planDigest: approval.planDigest,
  });
  const run = await engineer.call('runs.start', { approvalId: granted.id });
  return run.id;
}

export function taskOf(view: RunView, endpointName: string): TaskView {
  const found = view.tasks.find((task) => task.endpointName === endpointName);
  if (found === undefined) throw new Error(`the run has no endpoint ${endpointName}`);
  return found;
}
