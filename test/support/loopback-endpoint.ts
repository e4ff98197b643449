import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ssh2 from 'ssh2';
import { describeHostKey } from '../../main/remote/ssh/host-key.ts';
import type { RemoteTarget, Sudo } from '../../main/remote/remote-shell.ts';
import { runLocally, startSshServer } from './ssh-server.ts';
import type { ServeCommand, ServerUser, SshServer } from './ssh-server.ts';

/** A private host key and its fingerprint. */
export interface HostKey {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly fingerprint: string;
}

export function makeHostKey(kind: 'ed25519' | 'ecdsa' | 'rsa' = 'ed25519'): HostKey {
  for (;;) {
    const pair =
      kind === 'ed25519'
        ? ssh2.utils.generateKeyPairSync('ed25519')
        : ssh2.utils.generateKeyPairSync(kind, { bits: kind === 'rsa' ? 2048 : 256 });
    const parsed = ssh2.utils.parseKey(pair.public);
    // ssh2 1.17 makes a malformed ed25519 key once in 256: it strips a leading zero byte.
    if (parsed instanceof Error) continue;
    const { fingerprint } = describeHostKey(parsed.getPublicSSH());
    return { privateKey: pair.private, publicKey: pair.public, fingerprint };
  }
}

export interface LoopbackOptions {
  readonly hostKeys?: readonly HostKey[];
  readonly user?: ServerUser;
  /** What the stand-in for sudo wants: a password, `nothing` or `denied`. */
  readonly sudoWants?: string;
  readonly sudo?: Sudo;
  readonly serveCommand?: ServeCommand;
}

export interface LoopbackEndpoint {
  readonly server: SshServer;
  readonly target: RemoteTarget;
  readonly folder: string;
  /** Passwords that the stand-in for sudo was given so far. */
  readonly sudoAttempts: () => Promise<number>;
  close(): Promise<void>;
}

export const LOOPBACK_PASSWORD = 'correct horse battery staple';

/** An SSH server of our own on loopback whose commands run on this machine, in a folder of their own. */
export async function openLoopbackEndpoint(options: LoopbackOptions = {}): Promise<LoopbackEndpoint> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-loopback-'));
  await symlink(fileURLToPath(new URL('stand-in-sudo.sh', import.meta.url)), join(folder, 'sudo'));
  const log = join(folder, 'sudo.log');
  const hostKeys = options.hostKeys ?? [makeHostKey()];
  const environment = { SUDO_WANTS: options.sudoWants ?? 'nothing', SUDO_LOG: log };
  const server = await startSshServer({
    hostKeys: hostKeys.map((key) => key.privateKey),
    users: { ops: options.user ?? { password: LOOPBACK_PASSWORD } },
    serveCommand: options.serveCommand ?? runLocally(folder, environment),
  });
  return {
    server,
    folder,
    target: {
      name: 'loopback',
      address: server.address,
      port: server.port,
      user: 'ops',
      hostKey: hostKeys[0]?.fingerprint ?? null,
      login: { kind: 'password', password: LOOPBACK_PASSWORD },
      sudo: options.sudo ?? { kind: 'passwordless' },
    },
    sudoAttempts: async () => {
      const text = await readFile(log, 'utf8').catch(() => '');
      return text.split('\n').length - 1;
    },
    close: async () => {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A port on loopback where nothing listens. */
export async function findSilentPort(): Promise<number> {
  const server = await startSshServer({
    hostKeys: [makeHostKey().privateKey],
    users: {},
    serveCommand: (_line, channel) => channel.end(),
  });
  await server.close();
  return server.port;
}
