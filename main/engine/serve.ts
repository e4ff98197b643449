import type { Reply } from '../../contract/channels.ts';
import { CodedError, toFailure, type Failure } from '../../contract/errors.ts';
import type { Topic } from '../../contract/topics.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { PROTOCOL_VERSION, ToEngine, type FromEngine } from './messages.ts';
import { PortKeyring } from './port-keyring.ts';
import type { MessagePort } from './port.ts';

/** The part of the composed application that is served; `Session` is opaque here. */
export interface Served<Session> {
  openSession(): Session;
  invoke(session: Session, name: string, input: unknown): Promise<Reply>;
  subscribe(listener: (topic: Topic) => void): () => void;
  close(): Promise<void>;
}

/**
 * Serves one application over one port until the shell says `shutdown` or goes away. Every window (`client`) has a session
 * of its own, opened at its first call and dropped with it.
 *
 * @param open opens the site; a CodedError from it is told to the shell as `failed`
 * @returns the exit code for the process: 0 after a clean close, 1 when the site could not be opened
 */
export function serveEngine<Session>(
  port: MessagePort<FromEngine>,
  open: (keyring: Keyring) => Promise<Served<Session>>,
): Promise<number> {
  const sessions = new Map<number, Session>();
  let engine: Served<Session> | undefined;
  let keyring: PortKeyring | undefined;

  return new Promise((resolve, reject) => {
    let ending = false;
    const end = (): void => {
      if (ending) return;
      ending = true;
      if (engine === undefined) resolve(0);
      else engine.close().then(() => resolve(0), reject);
    };

    const start = async (hasKeyring: boolean): Promise<void> => {
      keyring = new PortKeyring((message) => port.send(message), hasKeyring);
      try {
        const opened = await open(keyring);
        if (ending) return await opened.close();
        engine = opened;
        opened.subscribe((topic) => port.send({ kind: 'topic', topic }));
        port.send({ kind: 'ready' });
      } catch (error) {
        port.send({ kind: 'failed', failure: openingFailure(error) });
        ending = true;
        resolve(1);
      }
    };

    const invoke = async (message: Extract<ToEngine, { kind: 'invoke' }>): Promise<void> => {
      if (engine === undefined) throw new Error('invoke before ready: the shell must wait');
      let session = sessions.get(message.client);
      if (session === undefined) {
        session = engine.openSession();
        sessions.set(message.client, session);
      }
      const reply = await engine.invoke(session, message.name, message.input);
      port.send({ kind: 'reply', id: message.id, reply });
    };

    const receive = async (message: ToEngine): Promise<void> => {
      switch (message.kind) {
        case 'start':
          return start(message.keyring);
        case 'invoke':
          return invoke(message);
        case 'forget':
          return void sessions.delete(message.client);
        case 'keyring-reply':
        case 'keyring-refusal':
          return keyring?.settle(message);
        case 'shutdown':
          return end();
      }
    };

    port.onMessage((raw) => {
      // What is thrown here is a bug of ours; the process ends with it, and the shell starts a new one.
      const parsed = ToEngine.safeParse(raw);
      if (parsed.success) receive(parsed.data).catch(reject);
      else reject(new Error(`not a message of this protocol: ${parsed.error.message}`));
    });
    port.onClose(end);
    port.send({ kind: 'hello', protocol: PROTOCOL_VERSION, node: process.versions.node });
  });
}

function openingFailure(error: unknown): Failure {
  if (error instanceof CodedError) return toFailure(error);
  return {
    code: 'INTERNAL',
    message: `The site could not be opened: ${error instanceof Error ? error.message : String(error)}`,
    retry: 'never',
  };
}
