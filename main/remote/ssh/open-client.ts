import { connect as connectSocket } from 'node:net';
import type { Socket } from 'node:net';
import { NodeSSH } from 'node-ssh';
import type { Client, ServerHostKeyAlgorithm } from 'ssh2';
import { TransportError } from '../../../contract/errors.ts';
import { abortReason } from '../semaphore.ts';
import { describeHostKey } from './host-key.ts';
import type { ShownHostKey } from './host-key.ts';
import type { LoginPlan } from './login.ts';

/** Times of one connection, milliseconds. */
export interface SshTimes {
  /** Until TCP must be open. */
  readonly connectMs: number;
  /** From there until the login must be through (PAM and slow name look-ups on the other side included). */
  readonly loginMs: number;
  /** Between two keepalives; a session is given up when `keepaliveMisses` of them in a row stay unanswered. */
  readonly keepaliveMs: number;
  readonly keepaliveMisses: number;
}

export interface OpenRequest {
  /** For messages. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKeyAlgorithms: readonly ServerHostKeyAlgorithm[];
  /** Decides on the key shown, before anything of the login is sent; asked again at every new key exchange. */
  readonly acceptHostKey: (key: ShownHostKey) => boolean;
  readonly login: LoginPlan | undefined;
  readonly times: SshTimes;
  readonly signal: AbortSignal | undefined;
}

export interface OpenClient {
  readonly ssh: NodeSSH;
  readonly client: Client;
  readonly socket: Socket;
}

export type OpenResult =
  | { readonly kind: 'open'; readonly opened: OpenClient }
  /** `acceptHostKey` said no: the connection was closed before the login. */
  | { readonly kind: 'host-key-refused'; readonly shown: ShownHostKey }
  /** The server has no key of the kinds asked for. */
  | { readonly kind: 'no-such-host-key' };

/** What was seen on the way to an open session. */
interface Seen {
  phase: 'connecting' | 'handshake' | 'login';
  refusedKey: ShownHostKey | undefined;
  acceptedKey: boolean;
  timedOut: boolean;
  expired: boolean;
}

/** Opens one connection up to a finished login. Sends nothing of the login unless the host key is accepted. */
export async function openClient(request: OpenRequest): Promise<OpenResult> {
  request.signal?.throwIfAborted();
  const { address, port, times } = request;
  const socket = connectSocket({ host: address, port });
  socket.setNoDelay(true);
  const seen: Seen = {
    phase: 'connecting',
    refusedKey: undefined,
    acceptedKey: false,
    timedOut: false,
    expired: false,
  };

  const connectTimer = setTimeout(() => {
    seen.timedOut = true;
    socket.destroy(new Error(`no TCP connection within ${String(times.connectMs)} ms`));
  }, times.connectMs);
  socket.once('connect', () => {
    clearTimeout(connectTimer);
    seen.phase = 'handshake';
  });
  const abort = () => socket.destroy(abortReason(request.signal));
  request.signal?.addEventListener('abort', abort, { once: true });

  const ssh = new NodeSSH();
  const opening = ssh.connect({
    sock: socket,
    username: request.user,
    algorithms: {
      serverHostKey: [...request.hostKeyAlgorithms],
      hmac: [
        'hmac-sha2-256-etm@openssh.com',
        'hmac-sha2-512-etm@openssh.com',
        'hmac-sha2-256',
        'hmac-sha2-512',
      ],
      compress: ['none'],
    },
    hostVerifier: (blob: Buffer): boolean => {
      const shown = describeHostKey(blob);
      const isAccepted = request.acceptHostKey(shown);
      seen.acceptedKey = isAccepted;
      if (!isAccepted) seen.refusedKey = shown;
      return isAccepted;
    },
    authHandler: request.login?.handler ?? [],
    agentForward: false,
    tryKeyboard: false,
    readyTimeout: times.connectMs + times.loginMs,
    keepaliveInterval: times.keepaliveMs,
    keepaliveCountMax: times.keepaliveMisses,
  });
  // node-ssh makes its client before its first await, and takes its own error listener off once connected: without one
  // of ours, an error of the open session would end the process.
  const client = ssh.connection;
  if (client === null) throw new Error('node-ssh made no client');
  client.setMaxListeners(0);
  client.on('error', ignoreLateError);
  client.once('handshake', () => {
    seen.phase = 'login';
  });
  client.on('change password', () => {
    seen.expired = true;
    socket.destroy();
  });

  try {
    await opening;
    if (!seen.acceptedKey) throw new Error('a session opened without a look at the host key');
    request.signal?.throwIfAborted();
    return { kind: 'open', opened: { ssh, client, socket } };
  } catch (error) {
    socket.destroy();
    if (seen.refusedKey !== undefined) return { kind: 'host-key-refused', shown: seen.refusedKey };
    if (request.signal?.aborted === true) throw abortReason(request.signal);
    if (seen.phase === 'handshake' && isNoCommonHostKey(error)) return { kind: 'no-such-host-key' };
    throw describeFailure(request, seen, error);
  } finally {
    clearTimeout(connectTimer);
    request.signal?.removeEventListener('abort', abort);
  }
}

/** Errors of an open session arrive again as its `close`, which the session listens to. */
function ignoreLateError(): void {
  return;
}

interface Ssh2Error {
  readonly message: string;
  readonly level: string | undefined;
  readonly code: string | undefined;
}

function readSsh2Error(error: unknown): Ssh2Error {
  if (!(error instanceof Error)) return { message: String(error), level: undefined, code: undefined };
  const level = 'level' in error && typeof error.level === 'string' ? error.level : undefined;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { message: error.message, level, code };
}

function isNoCommonHostKey(error: unknown): boolean {
  const { level, message } = readSsh2Error(error);
  return level === 'handshake' && /no matching host key/i.test(message);
}

function describeFailure(request: OpenRequest, seen: Seen, cause: unknown): TransportError {
  const { message, level, code } = readSsh2Error(cause);
  const where = `${request.name} (${request.address}:${String(request.port)})`;
  const subject = { endpoint: request.name, address: request.address };

  const isRefusal =
    seen.expired ||
    level === 'client-authentication' ||
    (seen.phase === 'login' && /authentication/i.test(message));
  if (isRefusal) {
    return new TransportError('TRANSPORT_AUTH_FAILED', `${where} refused the login of ${request.user}`, {
      hint: seen.expired
        ? 'The password has expired: change it on the endpoint, then in the vault.'
        : 'Check the user, and the key or password in the vault. Nothing is tried again, so that no account is locked.',
      subject: { ...subject, user: request.user },
      cause,
    });
  }
  const isLostEarly = level === 'protocol' && /before handshake/i.test(message);
  const isSilent = seen.phase === 'connecting' || seen.timedOut || isLostEarly || code !== undefined;
  if (isSilent || level === 'client-socket' || level === 'client-timeout' || seen.phase === 'login') {
    return new TransportError('TRANSPORT_UNREACHABLE', `${where} does not answer: ${message}`, {
      hint: 'Check that it is powered on, that its address is right, and that SSH is let through.',
      retry: 'same',
      subject,
      cause,
    });
  }
  return new TransportError('TRANSPORT_PROTOCOL', `${where} does not speak SSH as expected: ${message}`, {
    hint: 'Check that the port is that of an SSH server with current algorithms.',
    subject,
    cause,
  });
}
