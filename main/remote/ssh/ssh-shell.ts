import { TransportError } from '../../../contract/errors.ts';
import type { RemoteSession, RemoteShell, RemoteTarget } from '../remote-shell.ts';
import { HOST_KEY_ALGORITHMS, otherKinds } from './host-key.ts';
import type { ShownHostKey } from './host-key.ts';
import { loginOnce } from './login.ts';
import { openClient } from './open-client.ts';
import type { OpenClient, SshTimes } from './open-client.ts';
import { SshSession } from './ssh-session.ts';
import type { SessionLimits } from './ssh-session.ts';

export interface SshShellOptions {
  readonly times?: Partial<SshTimes>;
  readonly limits?: Partial<SessionLimits>;
}

/** A pulled cable is noticed when the fourth keepalive comes due: 12 to 16 s after it was pulled, with these times. */
const DEFAULT_TIMES: SshTimes = {
  connectMs: 10_000,
  loginMs: 30_000,
  keepaliveMs: 4_000,
  keepaliveMisses: 3,
};

const DEFAULT_LIMITS: SessionLimits = {
  outputBytes: 64 * 1024 * 1024,
  // One below the `MaxSessions` that OpenSSH ships with.
  channels: 9,
  sudoPromptMs: 30_000,
  uploadStallMs: 60_000,
};

/** The {@link RemoteShell} over SSH, by node-ssh and ssh2. */
export class SshShell implements RemoteShell {
  readonly #times: SshTimes;
  readonly #limits: SessionLimits;

  constructor(options: SshShellOptions = {}) {
    this.#times = { ...DEFAULT_TIMES, ...options.times };
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  async connect(target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession> {
    const opened = await this.#openPinned(target, signal);
    return new SshSession(target, opened, this.#limits);
  }

  async readHostKey(address: string, port: number, signal?: AbortSignal): Promise<string> {
    const result = await openClient({
      name: address,
      address,
      port,
      // Never sent: the connection ends when the key has been shown.
      user: 'none',
      hostKeyAlgorithms: HOST_KEY_ALGORITHMS,
      acceptHostKey: () => false,
      login: undefined,
      times: this.#times,
      signal,
    });
    if (result.kind === 'host-key-refused') return result.shown.fingerprint;
    throw noUsableHostKey(address, address);
  }

  /**
   * Opens a connection on which the pinned key was shown. Where the server shows a key of another kind first, the other
   * kinds are asked for before this is called a mismatch: the pin may be of the server's older key.
   */
  async #openPinned(target: RemoteTarget, signal: AbortSignal | undefined): Promise<OpenClient> {
    const { hostKey } = target;
    if (hostKey === null) {
      throw new TransportError(
        'TRANSPORT_HOST_KEY_UNPINNED',
        `the host key of ${target.name} is not pinned yet`,
        {
          hint: 'Compare the fingerprint with the one on its console, then pin it.',
          subject: { endpoint: target.name, address: target.address },
        },
      );
    }
    let first: ShownHostKey | undefined;
    const remaining = [HOST_KEY_ALGORITHMS];
    for (let algorithms = remaining.shift(); algorithms !== undefined; algorithms = remaining.shift()) {
      const result = await openClient({
        name: target.name,
        address: target.address,
        port: target.port,
        user: target.user,
        hostKeyAlgorithms: algorithms,
        acceptHostKey: (shown) => shown.fingerprint === hostKey,
        login: loginOnce(target),
        times: this.#times,
        signal,
      });
      if (result.kind === 'open') return result.opened;
      if (result.kind === 'host-key-refused' && first === undefined) {
        first = result.shown;
        remaining.push(...otherKinds(first.kind));
      }
    }
    if (first === undefined) throw noUsableHostKey(target.name, target.address);
    throw new TransportError(
      'TRANSPORT_HOST_KEY_MISMATCH',
      `${target.name} (${target.address}) shows the host key ${first.fingerprint}, pinned is ${hostKey}; nothing was sent`,
      {
        hint: 'If it was reinstalled, compare the new fingerprint with the one on its console and pin it again. If not, someone may be in between.',
        subject: {
          endpoint: target.name,
          address: target.address,
          shown: first.fingerprint,
          pinned: hostKey,
        },
      },
    );
  }
}

function noUsableHostKey(name: string, address: string): TransportError {
  return new TransportError('TRANSPORT_PROTOCOL', `${name} offers no host key of an accepted kind`, {
    hint: 'It needs an ed25519, ECDSA or RSA key with SHA-2 signatures.',
    subject: { endpoint: name, address },
  });
}
