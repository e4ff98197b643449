import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../contract/errors.ts';
import { CodedError } from '../../contract/errors.ts';
import type {
  Login,
  RemoteSession,
  RemoteShell,
  RemoteTarget,
  Sudo,
} from '../../main/remote/remote-shell.ts';

/** One endpoint to hold an adapter to the contract of the port. */
export interface RemoteShellWorld {
  readonly shell: RemoteShell;
  /** Pinned, with a login and a sudo that work. */
  readonly target: RemoteTarget;
  /** Well-formed, but not let in. */
  readonly wrongLogin: Login;
  /** A sudo that is not as the endpoint's is; undefined where the login is root. */
  readonly wrongSudo: Sudo | undefined;
  /** Loopback or lab address and port where nothing listens. */
  readonly nowhere: { readonly address: string; readonly port: number };
  /** A folder on the endpoint that exists and that the login user may write. */
  readonly folder: string;
  /** Ends the endpoint's sessions from its side; undefined where the world can't. */
  readonly drop: (() => Promise<void>) | undefined;
  close(): Promise<void>;
}

/** What every adapter of the port must do. The endpoint must have sh, cat, printf, sleep, stat and sha256sum. */
export function describeRemoteShell(name: string, openWorld: () => Promise<RemoteShellWorld>): void {
  describe(`${name} as a remote shell`, () => {
    let world: RemoteShellWorld;
    const sessions: RemoteSession[] = [];

    const connect = async (change: Partial<RemoteTarget> = {}) => {
      const session = await world.shell.connect({ ...world.target, ...change });
      sessions.push(session);
      return session;
    };

    beforeEach(async () => {
      world = await openWorld();
    });
    afterEach(async () => {
      for (const session of sessions.splice(0)) await session.close();
      await world.close();
    });

    it('reads the host key that is pinned', async () => {
      const { address, port, hostKey } = world.target;
      expect(await world.shell.readHostKey(address, port)).toBe(hostKey);
    });

    it('refuses to connect without a pinned key, and with another one', async () => {
      const other = `SHA256:${'A'.repeat(43)}`;
      expect(await failureOf(connect({ hostKey: null }))).toEqual(['TRANSPORT_HOST_KEY_UNPINNED', 'never']);
      expect(await failureOf(connect({ hostKey: other }))).toEqual(['TRANSPORT_HOST_KEY_MISMATCH', 'never']);
    });

    it('says when the login is refused, and when nobody answers', async () => {
      expect(await failureOf(connect({ login: world.wrongLogin }))).toEqual([
        'TRANSPORT_AUTH_FAILED',
        'never',
      ]);
      expect(await failureOf(connect(world.nowhere))).toEqual(['TRANSPORT_UNREACHABLE', 'same']);
      const { address, port } = world.nowhere;
      expect(await failureOf(world.shell.readHostKey(address, port))).toEqual([
        'TRANSPORT_UNREACHABLE',
        'same',
      ]);
    });

    it('hands arguments on byte for byte', async () => {
      const session = await connect();
      const odd = [
        '',
        ' ',
        "it's",
        '"',
        '$HOME `id` $(id)',
        '\\',
        'a\nb',
        '*',
        '~',
        '-n',
        'ü€𝄞',
        ';',
        '!x',
        '#',
        'a=b',
      ];
      const result = await session.run({ argv: ['printf', '[%s]', ...odd] });
      expect(result).toEqual({ exitCode: 0, stdout: odd.map((one) => `[${one}]`).join(''), stderr: '' });
    });

    it('returns a status that is not zero as a value, with both outputs', async () => {
      const session = await connect();
      const argv = ['sh', '-c', 'echo out; echo err >&2; exit 3'];
      expect(await session.run({ argv })).toEqual({ exitCode: 3, stdout: 'out\n', stderr: 'err\n' });
      expect((await session.run({ argv: ['no-such-program-here'] })).exitCode).toBe(127);
      expect((await session.run({ argv: ['no-such-program-here'], asRoot: true })).exitCode).toBe(127);
    });

    it('runs every command in the C locale', async () => {
      const session = await connect();
      expect((await session.run({ argv: ['sh', '-c', 'echo "$LC_ALL"'] })).stdout).toBe('C\n');
    });

    it('gives stdin to the command unchanged, as the user and as root', async () => {
      const session = await connect();
      const stdin = Buffer.from(`line one\nline two €\n${'x'.repeat(200_000)}`);
      for (const asRoot of [false, true]) {
        const result = await session.run({ argv: ['cat'], stdin, asRoot });
        expect(result.stdout === stdin.toString()).toBe(true);
        expect(result.stderr).toBe('');
      }
    });

    it('refuses root when sudo is not as the target says, and leaves the session usable', async ({
      skip,
    }) => {
      const { wrongSudo } = world;
      if (wrongSudo === undefined) return skip('the login is root: there is no sudo');
      const session = await connect({ sudo: wrongSudo });
      const asked = session.run({ argv: ['cat'], stdin: 'must not be read', asRoot: true });
      expect(await failureOf(asked)).toEqual(['TRANSPORT_SUDO_DENIED', 'never']);
      expect((await session.run({ argv: ['printf', '%s', 'still here'] })).stdout).toBe('still here');
    });

    it('gives up a command over its time, and one that is cancelled', async () => {
      const session = await connect();
      const slow = session.run({ argv: ['sleep', '30'], timeoutMs: 150 });
      expect(await failureOf(slow)).toEqual(['TRANSPORT_TIMEOUT', 'after-reconnect']);

      const reason = new Error('the person changed their mind');
      const controller = new AbortController();
      const cancelled = session.run({ argv: ['sleep', '30'] }, controller.signal);
      setTimeout(() => controller.abort(reason), 50);
      await expect(cancelled).rejects.toBe(reason);
      await expect(world.shell.connect(world.target, controller.signal)).rejects.toBe(reason);
    });

    it('runs many commands at once, each with its own answer', async () => {
      const session = await connect();
      const numbers = Array.from({ length: 30 }, (_, index) => String(index));
      const results = await Promise.all(
        numbers.map((number) => session.run({ argv: ['printf', '%s', number] })),
      );
      expect(results.map((result) => result.stdout)).toEqual(numbers);
    });

    it('uploads bytes that only the login user can read, and counts them', async () => {
      const session = await connect();
      const bytes = Buffer.alloc(300_001, 'sallyport');
      const file = `${world.folder}/upload-${String(bytes.length)}`;
      let counted = 0;
      const count = (more: number) => {
        counted += more;
      };
      const empty = { from: { bytes: Buffer.alloc(0) }, to: `${file}.empty` };
      await session.upload([{ from: { bytes }, to: file }, empty], count);
      expect(counted).toBe(bytes.length);
      expect((await session.run({ argv: ['stat', '-c', '%a %s', file, `${file}.empty`] })).stdout).toBe(
        `600 ${String(bytes.length)}\n600 0\n`,
      );
      const read = await session.run({ argv: ['cat', file] });
      expect(read.stdout === bytes.toString()).toBe(true);
    });

    it('says that the session was dropped, to what was under way and to what comes after', async ({
      skip,
    }) => {
      const { drop } = world;
      if (drop === undefined) return skip('this endpoint can not be told to drop its sessions');
      const session = await connect();
      const running = failureOf(session.run({ argv: ['sleep', '30'] }));
      await session.run({ argv: ['printf', 'open'] });
      await drop();
      expect(await running).toEqual(['TRANSPORT_DROPPED', 'after-reconnect']);
      await session.closed;
      expect(await failureOf(session.run({ argv: ['printf', 'x'] }))).toEqual([
        'TRANSPORT_DROPPED',
        'after-reconnect',
      ]);
    });

    it('closes twice without a word, and is closed afterwards', async () => {
      const session = await connect();
      await session.close();
      await session.close();
      await session.closed;
      expect(await failureOf(session.run({ argv: ['printf', 'x'] }))).toEqual([
        'TRANSPORT_DROPPED',
        'after-reconnect',
      ]);
    });
  });
}

/** Code and retry of the failure that a call must end in. */
export async function failureOf(call: Promise<unknown>): Promise<[ErrorCode, string]> {
  try {
    await call;
  } catch (error) {
    if (error instanceof CodedError) return [error.code, error.retry];
    throw error;
  }
  throw new Error('no failure came');
}
