import { describe, expect, it } from 'vitest';
import { MemoryEndpoint, MemoryShell } from '../../../../main/remote/memory/memory-shell.ts';
import type { Respond } from '../../../../main/remote/memory/memory-shell.ts';
import type { RemoteTarget } from '../../../../main/remote/remote-shell.ts';
import { describeRemoteShell, failureOf } from '../../../suites/remote-shell.suite.ts';

/** The handful of commands that the suite asks for. */
const respond: Respond = ({ argv, stdin }, { files }) => {
  const say = (stdout: string) => ({ exitCode: 0, stdout, stderr: '' });
  const [program, ...rest] = argv;
  const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
  if (program === 'printf') {
    const [format = '', ...values] = rest;
    return say(
      values.length === 0 ? format : values.map((value) => format.replace('%s', () => value)).join(''),
    );
  }
  if (program === 'cat')
    return say(rest[0] === undefined ? Buffer.from(stdin ?? '').toString() : text(files.get(rest[0])));
  if (program === 'stat')
    return say(
      rest
        .slice(2)
        .map((file) => `600 ${String(files.get(file)?.length)}\n`)
        .join(''),
    );
  if (program === 'sleep') return new Promise(() => undefined);
  if (program === 'sh' && rest[1]?.includes('exit 3') === true)
    return { exitCode: 3, stdout: 'out\n', stderr: 'err\n' };
  if (program === 'sh') return say('C\n');
  return { exitCode: 127, stdout: '', stderr: `${String(program)}: not found` };
};

function openMemory() {
  const endpoint = new MemoryEndpoint({
    address: '192.0.2.7',
    hostKey: `SHA256:${'k'.repeat(43)}`,
    user: 'ops',
    secret: 'secret',
    respond,
  });
  const target: RemoteTarget = {
    name: 'memory',
    address: '192.0.2.7',
    port: 22,
    user: 'ops',
    hostKey: endpoint.options.hostKey,
    login: { kind: 'password', password: 'secret' },
    sudo: { kind: 'passwordless' },
  };
  return { endpoint, target, shell: new MemoryShell([endpoint]) };
}

describeRemoteShell('memory', () => {
  const { endpoint, target, shell } = openMemory();
  return Promise.resolve({
    shell,
    target,
    wrongLogin: { kind: 'password', password: 'wrong' },
    wrongSudo: { kind: 'password', password: 'not asked for' },
    nowhere: { address: '192.0.2.8', port: 22 },
    folder: '/srv',
    drop: () => {
      endpoint.drop();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
});

describe('an endpoint in memory', () => {
  it('counts logins, and none when the host key changed', async () => {
    const { endpoint, target, shell } = openMemory();
    await failureOf(shell.connect({ ...target, hostKey: 'SHA256:other' }));
    expect(endpoint.logins).toBe(0);
    await shell.connect(target);
    expect(endpoint.logins).toBe(1);
  });

  it('can be powered off', async () => {
    const { endpoint, target, shell } = openMemory();
    endpoint.isReachable = false;
    expect(await failureOf(shell.connect(target))).toEqual(['TRANSPORT_UNREACHABLE', 'same']);
  });
});
