import {
  CHANNELS,
  isChannelName,
  workspaceOf,
  type Channel,
  type ChannelName,
  type OutputOf,
  type ParsedInputOf,
  type Reply,
} from '../../contract/channels.ts';
import { CodedError, ContractError, PolicyError, toFailure, type Failure } from '../../contract/errors.ts';
import type { Workspace } from '../../contract/vocabulary.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { mustChoosePassphrase } from '../core/raci/hands.ts';
import type { CallContext, Services, Session } from './services.ts';

/** One function a channel. A missing one is a compile error. */
export type Handlers = {
  readonly [N in ChannelName]: (
    input: ParsedInputOf<N>,
    context: CallContext,
  ) => OutputOf<N> | Promise<OutputOf<N>>;
};

/**
 * The only caller of a handler, used by every transport: authorise, parse, handle, audit, reply. Never rejects: a
 * failure is data.
 */
export class Dispatcher {
  readonly #services: Services;
  readonly #handlers: Handlers;
  readonly #logBug: (error: unknown) => void;

  constructor(services: Services, handlers: Handlers, logBug: (error: unknown) => void) {
    this.#services = services;
    this.#handlers = handlers;
    this.#logBug = logBug;
  }

  async invoke(session: Session, name: string, input: unknown): Promise<Reply> {
    if (!isChannelName(name)) {
      return refusal('CONTRACT_UNKNOWN_CHANNEL', `There is no channel "${name.slice(0, 80)}".`);
    }
    const channel: Channel = CHANNELS[name];
    const call = new Call(this.#services, session, name);
    try {
      readPersonAnew(this.#services, session);
      authorise(channel, session);
      if (channel.requires !== 'anyone') requireOwnPassphrase(name, session);
      refuseOtherWorkspace(name, this.#services.workspace());
      const parsed = channel.input.safeParse(input);
      if (!parsed.success) throw invalidInput(name, parsed.error.issues);
      const handler = this.#handlers[name] as (input: unknown, context: CallContext) => unknown;
      const value = await handler(parsed.data, call);
      const output = channel.output.safeParse(value);
      if (!output.success) {
        throw new ContractError(
          'CONTRACT_OUTPUT_INVALID',
          `${name} answered with what its contract does not allow.`,
          {
            cause: output.error,
          },
        );
      }
      if (channel.kind === 'command') call.auditIfNothingElseDid();
      return { ok: true, value: output.data };
    } catch (error) {
      const failure = this.#toFailure(error);
      if (channel.kind === 'command') call.auditFailure(failure);
      return { ok: false, failure };
    }
  }

  #toFailure(error: unknown): Failure {
    if (error instanceof CodedError) {
      if (error.code === 'CONTRACT_OUTPUT_INVALID') this.#logBug(error);
      return toFailure(error);
    }
    this.#logBug(error);
    return {
      code: 'INTERNAL',
      message: 'Something in Sallyport itself went wrong.',
      hint: 'The local log says more. What was committed before is kept.',
      retry: 'never',
    };
  }
}

class Call implements CallContext {
  readonly services: Services;
  readonly session: Session;
  readonly #name: string;
  /** Who began the call: signing out must not take the name from its own audit entry. */
  readonly #actor: string;
  #audited = false;

  constructor(services: Services, session: Session, name: string) {
    this.services = services;
    this.session = session;
    this.#name = name;
    this.#actor = session.person?.name ?? 'nobody';
  }

  person(): PersonRow {
    if (this.session.person === null) throw notSignedIn();
    return this.session.person;
  }

  commit<T>(subject: Readonly<Record<string, string>>, change: () => T): T {
    const transaction = this.services.db.transaction((): T => {
      const result = change();
      this.#append(this.#name, subject);
      return result;
    });
    const result = transaction.immediate();
    this.#audited = true;
    return result;
  }

  auditIfNothingElseDid(): void {
    if (this.#audited) return;
    this.#append(this.#name, {});
  }

  auditFailure(failure: Failure): void {
    this.#append(`${this.#name} refused`, { ...(failure.subject ?? {}), code: failure.code });
  }

  #append(action: string, subject: Readonly<Record<string, string>>): void {
    const actor = this.#actor === 'nobody' ? (this.session.person?.name ?? 'nobody') : this.#actor;
    this.services.audit.append({ at: this.services.now(), actor, action, subject });
  }
}

/** Roles that were changed meanwhile, here or by another process, hold at the next call; ended access ends the session. */
function readPersonAnew({ site }: Services, session: Session): void {
  if (session.person === null) return;
  const person = site.findPerson(session.person.id);
  // Another key: somebody chose a passphrase of their own meanwhile, and this window was opened with the one before.
  const isHere =
    person !== undefined && person.keyslot !== '' && person.keyFingerprint === session.person.keyFingerprint;
  session.person = isHere ? person : null;
  if (!isHere) session.signer = null;
}

/** Safety rule 9: with a passphrase that somebody else chose, nobody does anything but choose their own. */
function requireOwnPassphrase(name: ChannelName, { person }: Session): void {
  if (person === null || name === 'persons.changePassphrase' || !mustChoosePassphrase(person)) return;
  throw new PolicyError(
    'POLICY_PASSPHRASE_NOT_OWN',
    `${person.name} has to choose their own passphrase first.`,
    {
      hint: 'Whoever added them knows this one. In the window it is asked for; here: `sallyport person change-passphrase`.',
    },
  );
}

function authorise(channel: Channel, session: Session): void {
  if (channel.requires === 'anyone') return;
  if (session.person === null) throw notSignedIn();
  if (channel.requires === 'signed-in') return;
  const { roles, name } = session.person;
  if (!channel.requires.some((role) => roles.includes(role))) {
    throw new ContractError(
      'CONTRACT_FORBIDDEN',
      `${name} may not do this: it takes the role ${channel.requires.join(' or ')}.`,
      {
        hint: 'Ask somebody who has that role.',
      },
    );
  }
}

const IN_WORKSPACE: Readonly<Record<Workspace, string>> = {
  operate: 'This site is in Operate, which opens no connection but to its inventory.',
  collect: 'This site is in Collect, which never talks to endpoints.',
  review: 'This is Review, which decides and signs, and opens no connection at all.',
};
const BELONGS_ELSEWHERE: Readonly<Record<Workspace, string>> = {
  operate: 'Work on endpoints on the isolated side, with a site of its own.',
  collect: 'Collect on another machine, one that reaches the mirrors.',
  review: 'Decide on packs on the customer’s own machine, with a data folder of its own.',
};

/** Safety rule 8: what reaches mirrors and what reaches endpoints are never had from one site. */
function refuseOtherWorkspace(name: ChannelName, workspace: Workspace): void {
  const belongsTo = workspaceOf(name);
  if (belongsTo === 'any' || belongsTo === workspace) return;
  throw new PolicyError('POLICY_OTHER_WORKSPACE', IN_WORKSPACE[workspace], {
    hint: BELONGS_ELSEWHERE[belongsTo],
    subject: { workspace },
  });
}

const notSignedIn = (): ContractError =>
  new ContractError('CONTRACT_NOT_SIGNED_IN', 'Nobody is signed in.', {
    hint: 'Sign in with your name and passphrase.',
  });

function invalidInput(
  name: string,
  issues: readonly { path: PropertyKey[]; message: string }[],
): ContractError {
  const list = issues
    .slice(0, 5)
    .map((issue) => `${issue.path.map(String).join('.') || 'input'}: ${issue.message}`);
  return new ContractError('CONTRACT_INPUT_INVALID', `${name}: ${list.join('; ')}.`);
}

function refusal(code: 'CONTRACT_UNKNOWN_CHANNEL', message: string): Reply {
  return { ok: false, failure: { code, message, retry: 'never' } };
}
