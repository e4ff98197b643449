import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import ssh2 from 'ssh2';
import type { AuthContext, Connection, ParsedKey, ServerChannel, Session, SFTPWrapper } from 'ssh2';
import { serveFiles } from './sftp-server.ts';

/** A user of the server and how one logs in. */
export interface ServerUser {
  readonly password?: string;
  /** OpenSSH public key, one line. */
  readonly publicKey?: string;
  /** Offer `keyboard-interactive` instead of `password`, as PAM set-ups do. */
  readonly keyboardInteractive?: boolean;
}

/** Serves one command line; must end the channel itself. */
export type ServeCommand = (line: string, channel: ServerChannel, user: string) => void;

export interface SshServerOptions {
  /** Private host keys in PEM or OpenSSH form. */
  readonly hostKeys: readonly string[];
  readonly users: Readonly<Record<string, ServerUser>>;
  readonly serveCommand: ServeCommand;
  /** Default: the files of this machine. */
  readonly serveFiles?: (sftp: SFTPWrapper) => void;
  /** Whether a connection is let in at all; otherwise it is reset at once. */
  readonly admits?: () => boolean;
  readonly port?: number;
}

export interface SshServer {
  readonly address: string;
  readonly port: number;
  /** `method user` of every attempt to log in, `none` left out: it carries no credential. */
  readonly attempts: string[];
  /** TCP connections so far. */
  readonly connections: () => number;
  /** Shows other host keys from the next connection on. */
  changeHostKeys(hostKeys: readonly string[]): void;
  /** Resets every connection, as a rebooted router would. */
  drop(): void;
  /** Ends every connection after what was sent has gone out, as a server that is shut down does. */
  hangUp(): void;
  /** Stops reading from every connection without closing it, as a pulled cable would. */
  freeze(): void;
  close(): Promise<void>;
}

/** A real SSH server on loopback, inside this process: it needs no rights. */
export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const attempts: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const makeProtocol = (hostKeys: readonly string[]) =>
    new ssh2.Server({ hostKeys: [...hostKeys] }, (connection) =>
      serveConnection(connection, options, attempts),
    );
  let protocol = makeProtocol(options.hostKeys);
  const listener = createServer((socket) => {
    if (options.admits?.() === false) {
      socket.resetAndDestroy();
      return;
    }
    connections += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => sockets.delete(socket));
    protocol.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { address, port } = listener.address() as AddressInfo;
  const drop = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address,
    port,
    attempts,
    connections: () => connections,
    changeHostKeys: (hostKeys) => {
      protocol = makeProtocol(hostKeys);
    },
    drop,
    hangUp: () => {
      for (const socket of sockets) socket.destroySoon();
    },
    freeze: () => {
      for (const socket of sockets) socket.pause();
    },
    close: async () => {
      drop();
      await new Promise<void>((resolve) => {
        listener.close(() => resolve());
      });
    },
  };
}

function serveConnection(connection: Connection, options: SshServerOptions, attempts: string[]): void {
  let user = '';
  connection.on('error', () => connection.end());
  connection.on('authentication', (context) => {
    user = context.username;
    checkLogin(context, options.users[context.username] ?? {}, attempts);
  });
  connection.on('session', (accept) => serveSession(accept(), () => user, options));
}

function checkLogin(context: AuthContext, user: ServerUser, attempts: string[]): void {
  const isInteractive = user.keyboardInteractive === true;
  const methods = [
    ...(user.publicKey === undefined ? [] : (['publickey'] as const)),
    ...(user.password === undefined
      ? []
      : [isInteractive ? ('keyboard-interactive' as const) : ('password' as const)]),
  ];
  if (context.method !== 'none') attempts.push(`${context.method} ${context.username}`);
  if (context.method === 'password' && !isInteractive && context.password === user.password) context.accept();
  else if (context.method === 'publickey' && user.publicKey !== undefined) {
    const key = ssh2.utils.parseKey(user.publicKey) as ParsedKey;
    const isKnown = key.getPublicSSH().equals(context.key.data);
    const isSigned =
      context.signature === undefined ||
      key.verify(context.blob ?? Buffer.alloc(0), context.signature, context.hashAlgo);
    if (isKnown && isSigned === true) context.accept();
    else context.reject(methods);
  } else if (context.method === 'keyboard-interactive' && isInteractive) {
    context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
      if (answers[0] === user.password) context.accept();
      else context.reject(methods);
    });
  } else context.reject(methods);
}

function serveSession(session: Session, user: () => string, options: SshServerOptions): void {
  session.on('exec', (accept, _reject, info) => {
    const channel = accept();
    channel.on('error', () => channel.end());
    options.serveCommand(info.command, channel, user());
  });
  session.on('sftp', (accept) => (options.serveFiles ?? serveFiles)(accept()));
}

/**
 * Runs command lines on this machine with its shell, as the user who runs the tests.
 *
 * @param path put before PATH, so that a stand-in for `sudo` is found first
 */
export function runLocally(path: string | undefined, environment: NodeJS.ProcessEnv = {}): ServeCommand {
  return (line, channel) => {
    const child = spawn('/bin/sh', ['-c', line], {
      env: {
        ...process.env,
        PATH: [path, process.env['PATH']].filter((part) => part !== undefined).join(':'),
        ...environment,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    channel.pipe(child.stdin);
    child.stdin.on('error', () => channel.unpipe(child.stdin));
    child.stdout.on('data', (chunk: Buffer) => {
      if (!channel.write(chunk)) {
        child.stdout.pause();
        channel.once('drain', () => child.stdout.resume());
      }
    });
    child.stderr.on('data', (chunk: Buffer) => channel.stderr.write(chunk));
    channel.on('close', () => {
      // The command goes on, as it does under a real server: only its output has nowhere to go.
      child.stdout.resume();
      child.stdin.end();
    });
    child.on('close', (code, signal) => {
      if (signal === null) channel.exit(code ?? 1);
      else channel.exit(signal.replace(/^SIG/, ''), false, '');
      channel.end();
    });
  };
}
