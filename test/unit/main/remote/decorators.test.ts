import { describe, expect, it } from 'vitest';
import { TransportError } from '../../../../contract/errors.ts';
import { withLimit } from '../../../../main/remote/limit.ts';
import { MemoryEndpoint, MemoryShell } from '../../../../main/remote/memory/memory-shell.ts';
import { answerFrom } from '../../../../main/remote/recorded/recorded-answers.ts';
import type { RemoteSession, RemoteShell, RemoteTarget } from '../../../../main/remote/remote-shell.ts';
import { withRetry } from '../../../../main/remote/retry.ts';
import { withTranscript } from '../../../../main/remote/transcript.ts';
import type { TranscriptEntry } from '../../../../main/remote/transcript.ts';
import { failureOf } from '../../../suites/remote-shell.suite.ts';

const HOST_KEY = `SHA256:${'k'.repeat(43)}`;
const TARGET: RemoteTarget = {
  name: 'one',
  address: '192.0.2.1',
  port: 22,
  user: 'ops',
  hostKey: HOST_KEY,
  login: { kind: 'password', password: 'login secret' },
  sudo: { kind: 'password', password: 'sudo secret' },
};

function openMemory(respond = answerFrom([])) {
  const endpoint = new MemoryEndpoint({
    address: TARGET.address,
    hostKey: HOST_KEY,
    user: 'ops',
    secret: 'login secret',
    sudo: { kind: 'password', password: 'sudo secret' },
    respond,
  });
  return { endpoint, shell: new MemoryShell([endpoint]) };
}

describe('retry', () => {
  const unreachable = () => new TransportError('TRANSPORT_UNREACHABLE', 'no answer', { retry: 'same' });

  function failing(failures: readonly Error[]) {
    const { shell } = openMemory();
    const left = [...failures];
    let calls = 0;
    const connect = (target: RemoteTarget): Promise<RemoteSession> => {
      calls += 1;
      const failure = left.shift();
      return failure === undefined ? shell.connect(target) : Promise.reject(failure);
    };
    const waits: number[] = [];
    const sleep = (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    };
    const options = { attempts: 4, firstMs: 100, longestMs: 250, sleep };
    const inner: RemoteShell = { connect, readHostKey: shell.readHostKey.bind(shell) };
    return { shell: withRetry(inner, options), waits, calls: () => calls };
  }

  it('connects again after failures that say so, waiting longer each time up to a limit', async () => {
    const { shell, waits } = failing([unreachable(), unreachable(), unreachable()]);
    expect((await shell.connect(TARGET)).target).toBe(TARGET);
    expect(waits).toEqual([100, 200, 250]);
  });

  it('gives up after its attempts with the last failure', async () => {
    const { shell, calls } = failing(Array.from({ length: 9 }, unreachable));
    expect(await failureOf(shell.connect(TARGET))).toEqual(['TRANSPORT_UNREACHABLE', 'same']);
    expect(calls()).toBe(4);
  });

  it('never tries a refused login or a changed key again', async () => {
    for (const code of ['TRANSPORT_AUTH_FAILED', 'TRANSPORT_HOST_KEY_MISMATCH'] as const) {
      const { shell, calls } = failing([new TransportError(code, 'no')]);
      expect(await failureOf(shell.connect(TARGET))).toEqual([code, 'never']);
      expect(calls()).toBe(1);
    }
  });
});

describe('limit', () => {
  it('keeps so many sessions open and lets the next in, in order, when one closes or drops', async () => {
    const { shell, endpoint } = openMemory();
    const limited = withLimit(shell, 2);
    const first = await limited.connect(TARGET);
    await limited.connect(TARGET);
    const order: string[] = [];
    const third = limited.connect(TARGET).then((session) => (order.push('third'), session));
    const fourth = limited.connect(TARGET).then((session) => (order.push('fourth'), session));
    await settle();
    expect([order, endpoint.logins]).toEqual([[], 2]);
    await first.close();
    await first.close();
    await settle();
    expect([order, endpoint.logins]).toEqual([['third'], 3]);
    endpoint.drop();
    await fourth;
    await third;
    expect(order).toEqual(['third', 'fourth']);
  });

  it('gives the place back when connecting fails, and when the one who waits gives up', async () => {
    const { shell } = openMemory();
    const limited = withLimit(shell, 1);
    await failureOf(limited.connect({ ...TARGET, hostKey: null }));
    const session = await limited.connect(TARGET);
    const controller = new AbortController();
    const waiting = limited.connect(TARGET, controller.signal);
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await session.close();
    await (await limited.connect(TARGET)).close();
    expect(await limited.readHostKey(TARGET.address, 22)).toBe(HOST_KEY);
  });
});

describe('transcript', () => {
  it('records commands and answers without stdin and without secrets, and can be replayed', async () => {
    const { shell } = openMemory(({ argv }) => ({
      exitCode: 0,
      stdout: `you said ${argv.join(' ')}`,
      stderr: 'warning: sudo secret',
    }));
    const entries: TranscriptEntry[] = [];
    let clock = 0;
    const recorder = { record: (entry: TranscriptEntry) => entries.push(entry), now: () => (clock += 5) };
    const session = await withTranscript(shell, recorder).connect(TARGET);
    await session.run({ argv: ['echo', 'login secret'], asRoot: true, stdin: 'private' });
    await session.upload([{ from: { bytes: Buffer.from('private') }, to: '/srv/a' }]);
    await session.close();
    await failureOf(session.run({ argv: ['true'] }));
    const answer = { exitCode: 0, stdout: 'you said echo [redacted]', stderr: 'warning: [redacted]' };
    expect(entries).toEqual([
      { kind: 'connect', endpoint: 'one', outcome: 'open' },
      {
        kind: 'run',
        endpoint: 'one',
        argv: ['echo', '[redacted]'],
        asRoot: true,
        stdinBytes: 7,
        outcome: answer,
        durationMs: 5,
      },
      { kind: 'upload', endpoint: 'one', to: '/srv/a', outcome: 'done' },
      {
        kind: 'run',
        endpoint: 'one',
        argv: ['true'],
        asRoot: false,
        stdinBytes: 0,
        outcome: { failed: 'TRANSPORT_DROPPED' },
        durationMs: 5,
      },
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/secret|private/);

    const replay = await openMemory(answerFrom(entries)).shell.connect(TARGET);
    expect(await replay.run({ argv: ['echo', '[redacted]'], asRoot: true })).toEqual(answer);
    await expect(replay.run({ argv: ['echo', 'never recorded'] })).rejects.toThrow('not in the transcript');
  });
});

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
