import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, describe, expect, it } from 'vitest';
import { SshShell } from '../../main/remote/ssh/ssh-shell.ts';
import type { SshShellOptions } from '../../main/remote/ssh/ssh-shell.ts';
import { describeRemoteShell, failureOf } from '../suites/remote-shell.suite.ts';
import { findSilentPort, makeHostKey, openLoopbackEndpoint } from '../support/loopback-endpoint.ts';
import type { LoopbackEndpoint, LoopbackOptions } from '../support/loopback-endpoint.ts';

const SUDO_PASSWORD = 'sudo $ecret \'"';

async function openWorld(
  options: LoopbackOptions,
  wrongSudo: { kind: 'passwordless' } | { kind: 'password'; password: string },
) {
  const endpoint = await openLoopbackEndpoint(options);
  return {
    shell: new SshShell(),
    target: endpoint.target,
    wrongLogin: { kind: 'password' as const, password: 'wrong' },
    wrongSudo,
    nowhere: { address: '127.0.0.1', port: await findSilentPort() },
    folder: endpoint.folder,
    drop: () => {
      endpoint.server.drop();
      return Promise.resolve();
    },
    close: () => endpoint.close(),
  };
}

describeRemoteShell('SSH on loopback, sudo without a password', () =>
  openWorld({ sudoWants: 'nothing' }, { kind: 'password', password: 'must not leak' }),
);
describeRemoteShell('SSH on loopback, sudo with a password', () =>
  openWorld(
    { sudoWants: SUDO_PASSWORD, sudo: { kind: 'password', password: SUDO_PASSWORD } },
    { kind: 'password', password: 'wrong' },
  ),
);

describe('the SSH adapter', () => {
  const endpoints: LoopbackEndpoint[] = [];
  const open = async (options: LoopbackOptions = {}, shellOptions: SshShellOptions = {}) => {
    const endpoint = await openLoopbackEndpoint(options);
    endpoints.push(endpoint);
    return { ...endpoint, shell: new SshShell(shellOptions) };
  };
  afterEach(async () => {
    for (const endpoint of endpoints.splice(0)) await endpoint.close();
  });

  it('sends no credential to a server whose host key changed', async () => {
    const key = makeHostKey();
    for (const user of [
      { password: 'x' },
      { publicKey: key.publicKey },
      { password: 'x', keyboardInteractive: true },
    ]) {
      const { shell, target, server } = await open({
        user,
        hostKeys: [makeHostKey('ed25519'), makeHostKey('rsa')],
      });
      const changed = { ...target, hostKey: makeHostKey().fingerprint };
      const attempts = [
        shell.connect(changed),
        shell.connect({ ...changed, login: { kind: 'private-key', privateKey: key.privateKey } }),
      ];
      for (const attempt of attempts)
        expect(await failureOf(attempt)).toEqual(['TRANSPORT_HOST_KEY_MISMATCH', 'never']);
      expect(server.connections()).toBeGreaterThan(0);
      expect(server.attempts).toEqual([]);
      await shell.readHostKey(target.address, target.port);
      expect(server.attempts).toEqual([]);
    }
  });

  it('opens no connection at all without a pin', async () => {
    const { shell, target, server } = await open();
    expect(await failureOf(shell.connect({ ...target, hostKey: null }))).toEqual([
      'TRANSPORT_HOST_KEY_UNPINNED',
      'never',
    ]);
    expect(server.connections()).toBe(0);
  });

  it('reads the ed25519 key where there are several, and accepts a pin of any of them', async () => {
    const hostKeys = [makeHostKey('rsa'), makeHostKey('ecdsa'), makeHostKey('ed25519')];
    const { shell, target } = await open({ hostKeys });
    expect(await shell.readHostKey(target.address, target.port)).toBe(hostKeys[2]?.fingerprint);
    for (const { fingerprint } of hostKeys) {
      const session = await shell.connect({ ...target, hostKey: fingerprint });
      expect((await session.run({ argv: ['printf', 'in'] })).stdout).toBe('in');
      await session.close();
    }
  });

  it('logs in with a private key, also one with a passphrase', async () => {
    const key = makeHostKey('rsa');
    const { shell, target, server } = await open({ user: { publicKey: key.publicKey } });
    const session = await shell.connect({
      ...target,
      login: { kind: 'private-key', privateKey: key.privateKey },
    });
    await session.close();
    const sealed = ssh2.utils.generateKeyPairSync('ecdsa', {
      bits: 256,
      passphrase: 'open',
      cipher: 'aes256-cbc',
    });
    const { shell: other, target: otherTarget } = await open({ user: { publicKey: sealed.public } });
    const login = { kind: 'private-key' as const, privateKey: sealed.private };
    await (await other.connect({ ...otherTarget, login: { ...login, passphrase: 'open' } })).close();
    expect(await failureOf(other.connect({ ...otherTarget, login }))).toEqual([
      'TRANSPORT_AUTH_FAILED',
      'never',
    ]);
    const unreadable = shell.connect({ ...target, login: { kind: 'private-key', privateKey: 'no key' } });
    expect(await failureOf(unreadable)).toEqual(['TRANSPORT_AUTH_FAILED', 'never']);
    const unknown = makeHostKey('ed25519');
    const stranger = shell.connect({
      ...target,
      login: { kind: 'private-key', privateKey: unknown.privateKey },
    });
    expect(await failureOf(stranger)).toEqual(['TRANSPORT_AUTH_FAILED', 'never']);
    expect(server.attempts.every((attempt) => attempt === 'publickey ops')).toBe(true);
  });

  it('gives the password to keyboard-interactive where the server offers only that', async () => {
    const { shell, target, server } = await open({ user: { password: 'pam', keyboardInteractive: true } });
    const session = await shell.connect({ ...target, login: { kind: 'password', password: 'pam' } });
    await session.close();
    expect(server.attempts).toEqual(['keyboard-interactive ops']);
  });

  it('tries a wrong password once', async () => {
    for (const keyboardInteractive of [false, true]) {
      const { shell, target, server } = await open({ user: { password: 'right', keyboardInteractive } });
      const refused = shell.connect({ ...target, login: { kind: 'password', password: 'wrong' } });
      expect(await failureOf(refused)).toEqual(['TRANSPORT_AUTH_FAILED', 'never']);
      expect(server.attempts).toHaveLength(1);
    }
  });

  it('tries a wrong sudo password once a session, whatever is asked of it', async () => {
    const { shell, target, sudoAttempts } = await open({
      sudoWants: SUDO_PASSWORD,
      sudo: { kind: 'password', password: 'wrong' },
    });
    const session = await shell.connect(target);
    const asked = [1, 2, 3].map(() =>
      failureOf(session.run({ argv: ['cat'], stdin: 'a\nb\nc\n', asRoot: true })),
    );
    for (const answer of await Promise.all(asked)) expect(answer).toEqual(['TRANSPORT_SUDO_DENIED', 'never']);
    expect(await sudoAttempts()).toBe(1);
    await session.close();
  });

  it('never lets the sudo password reach a command when sudo asks for none', async () => {
    const { shell, target, folder } = await open({
      sudoWants: 'nothing',
      sudo: { kind: 'password', password: SUDO_PASSWORD },
    });
    const session = await shell.connect(target);
    const leak = join(folder, 'leak');
    const asked = session.run({ argv: ['sh', '-c', 'cat >"$1"', 'sh', leak], stdin: 'x', asRoot: true });
    expect(await failureOf(asked)).toEqual(['TRANSPORT_SUDO_DENIED', 'never']);
    await expect(stat(leak)).rejects.toThrow();
    await session.close();
  });

  it('refuses when sudoers does not let the user', async () => {
    const { shell, target } = await open({ sudoWants: 'denied' });
    const session = await shell.connect(target);
    expect(await failureOf(session.run({ argv: ['id'], asRoot: true }))).toEqual([
      'TRANSPORT_SUDO_DENIED',
      'never',
    ]);
    await session.close();
  });

  it('notices a pulled cable by its keepalive', async () => {
    const times = { keepaliveMs: 400, keepaliveMisses: 2 };
    const { shell, target, server } = await open({}, { times });
    const session = await shell.connect(target);
    const running = failureOf(session.run({ argv: ['sleep', '30'] }));
    await session.run({ argv: ['printf', 'open'] });
    const pulledAt = performance.now();
    server.freeze();
    expect(await running).toEqual(['TRANSPORT_DROPPED', 'after-reconnect']);
    await session.closed;
    expect(performance.now() - pulledAt).toBeLessThan(20_000);
  });

  it('gives up on a server that accepts and then says nothing', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const { target } = await open();
    const shell = new SshShell({ times: { connectMs: 100, loginMs: 100 } });
    expect(await failureOf(shell.connect({ ...target, port }))).toEqual(['TRANSPORT_UNREACHABLE', 'same']);
    silent.close();
  });

  it('calls a server that speaks something else by its name', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    const { target, shell } = await open();
    const [code] = await failureOf(shell.connect({ ...target, port }));
    expect(['TRANSPORT_PROTOCOL', 'TRANSPORT_UNREACHABLE']).toContain(code);
    web.close();
  });

  it('bounds what one command may print', async () => {
    const { shell, target } = await open({}, { limits: { outputBytes: 100_000 } });
    const session = await shell.connect(target);
    const loud = session.run({ argv: ['head', '-c', '5000000', '/dev/zero'] });
    expect(await failureOf(loud)).toEqual(['TRANSPORT_PROTOCOL', 'never']);
    expect((await session.run({ argv: ['printf', 'ok'] })).stdout).toBe('ok');
    await session.close();
  });

  it('decodes characters that two packets share', async () => {
    const { shell, target } = await open();
    const session = await shell.connect(target);
    const script = 'printf "\\342"; sleep 0.1; printf "\\202\\254"';
    expect((await session.run({ argv: ['sh', '-c', script] })).stdout).toBe('€');
    await session.close();
  });

  it('reports a program ended by a signal as a shell does', async () => {
    const { shell, target } = await open();
    const session = await shell.connect(target);
    expect((await session.run({ argv: ['sh', '-c', 'kill -TERM $$'] })).exitCode).toBe(143);
    await session.close();
  });

  it('keeps the session when a command is given up before its channel is open', async () => {
    const { shell, target } = await open();
    const session = await shell.connect(target);
    for (let turns = 0; turns < 25; turns += 1) {
      const controller = new AbortController();
      const reason = new Error('given up');
      const cancelled = session.run({ argv: ['sleep', '5'], stdin: 'x'.repeat(1000) }, controller.signal);
      const refusal = expect(cancelled).rejects.toBe(reason);
      for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(reason);
      await refusal;
    }
    expect(await failureOf(session.run({ argv: ['sleep', '30'], timeoutMs: 0 }))).toEqual([
      'TRANSPORT_TIMEOUT',
      'after-reconnect',
    ]);
    expect((await session.run({ argv: ['printf', 'alive'] })).stdout).toBe('alive');
    await session.close();
  });

  it('puts no secret into an error', async () => {
    const { shell, target } = await open({
      sudoWants: 'denied',
      sudo: { kind: 'password', password: SUDO_PASSWORD },
    });
    const session = await shell.connect(target);
    const errors = await Promise.allSettled([
      session.run({ argv: ['id'], asRoot: true }),
      shell.connect({ ...target, login: { kind: 'password', password: 'hunter2 hunter2' } }),
    ]);
    const text = errors
      .map((one) => (one.status === 'rejected' ? describeDeeply(one.reason) : ''))
      .join('\n');
    expect(errors.map((one) => one.status)).toEqual(['rejected', 'rejected']);
    expect(text).not.toContain(SUDO_PASSWORD);
    expect(text).not.toContain('hunter2');
    await session.close();
  });
});

function describeDeeply(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? ''} ${JSON.stringify(error)} ${describeDeeply(error.cause)}`;
}
