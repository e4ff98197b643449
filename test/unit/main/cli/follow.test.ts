import { describe, expect, it } from 'vitest';
import type { RunView } from '../../../../contract/runs.ts';
import type { Topic } from '../../../../contract/topics.ts';
import type { TaskStatus } from '../../../../contract/vocabulary.ts';
import { COMMANDS } from '../../../../main/cli/commands.ts';
import { runSallyport } from '../../../../main/cli/main.ts';
import { describeTopic, Progress } from '../../../../main/cli/progress.ts';
import { FakeEngine, makeFakeWorld, Refusal, signedInAs, type FakeHandlers } from './fake-world.ts';

const OPERATION = '00000001-0000-4000-8000-000000000000';
const RUN = '00000002-0000-4000-8000-000000000000';
const WEB = '00000003-0000-4000-8000-000000000000';
const APPROVAL = '00000004-0000-4000-8000-000000000000';

const operation = (activity: string, done: number, unit: 'items' | 'bytes' = 'items'): Topic => ({
  kind: 'operation',
  operation: {
    id: OPERATION,
    kind: 'scan',
    title: 'Scan 3 endpoints',
    status: 'running',
    startedAt: '2026-11-24T14:05:00Z',
    activity,
    done,
    total: 3,
    unit,
    steps: [],
  },
});
const step = (activity: string, progress: number | null): Topic => ({
  kind: 'task-progress',
  runId: RUN,
  endpointId: WEB,
  step: 'install',
  activity,
  progress,
});

function start(handlers: FakeHandlers, argv: readonly string[], canRewrite = false) {
  const engine = new FakeEngine({ ...signedInAs('Ann'), ...handlers });
  const env = { SALLYPORT_PASSPHRASE: 'correct horse', SALLYPORT_PERSON: 'Ann' };
  const world = makeFakeWorld({ engine, env, canRewrite });
  return { engine, world, ended: runSallyport(argv, COMMANDS, '1.2.3', world) };
}

/** A promise to settle later, and what to call when somebody begins to wait for it. */
function gate<T>() {
  let open: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  let begin: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  const wait = (): Promise<T> => {
    begin();
    return promise;
  };
  return { begun, wait, open, fail };
}

const endpoint = (scanFailure: unknown) => ({
  id: WEB,
  name: 'web-1',
  group: 'Web',
  address: '192.0.2.1',
  port: 22,
  hostKey: null,
  platform: null,
  findings: { total: 0, security: 0, notCarried: 0 },
  scannedAt: null,
  scanFailure,
  lastOutcome: null,
  snapshotMode: 'hard',
});
const view = (status: TaskStatus, cancelRequested = false): RunView => ({
  run: {
    id: RUN,
    planId: RUN,
    planDigest: 'ab'.repeat(32),
    approvalId: APPROVAL,
    approvedBy: 'Bob',
    startedBy: 'Ann',
    startedAt: '2026-11-24T14:05:00Z',
    endedAt: null,
    status: 'running',
    outcomes: { [status]: 1 },
    endpoints: 1,
    cancelRequested,
  },
  tasks: [
    {
      endpointId: WEB,
      endpointName: 'web-1',
      status,
      step: 'install',
      progress: null,
      activity: '',
      startedAt: null,
      endedAt: null,
      failure: null,
      steps: [],
      packages: 1,
      snapshotMode: 'hard',
      snapshotName: null,
      snapshotProven: false,
      rebootPending: false,
      changes: null,
    },
  ],
});

describe('an operation that is followed', () => {
  it('shows progress on stderr and the answer alone on stdout, also with --json', async () => {
    const gated = gate<unknown>();
    const { engine, world, ended } = start(
      {
        'endpoints.list': () => [endpoint(null)],
        'endpoints.scan': () => ({ operationId: OPERATION }),
        'operations.wait': gated.wait,
      },
      ['endpoint', 'scan', '--json'],
    );
    await gated.begun;
    engine.publish(operation('Scanning web-1', 0));
    engine.publish(operation('Scanning web-1', 1));
    engine.publish(operation('Scanning db-1', 2));
    const waited = { operation: { status: 'done' }, result: { scanned: [WEB], failed: [] } };
    gated.open(waited);
    expect(await ended).toBe(0);
    expect(world.err).toEqual(['Scan 3 endpoints: Scanning web-1\n', 'Scan 3 endpoints: Scanning db-1\n']);
    expect(JSON.parse(world.out.join(''))).toEqual(waited);
  });

  it('ends with 1 when all endpoints failed', async () => {
    const failure = { code: 'TRANSPORT_UNREACHABLE', message: 'gone', at: 'x' };
    const { ended } = start(
      {
        'endpoints.list': () => [endpoint(failure)],
        'endpoints.scan': () => ({ operationId: OPERATION }),
        'operations.wait': () => ({ operation: { status: 'done' }, result: {} }),
      },
      ['endpoint', 'scan', 'web-1'],
    );
    expect(await ended).toBe(1);
  });

  it('is cancelled by Ctrl+C, in order', async () => {
    const gated = gate<unknown>();
    const { engine, world, ended } = start(
      {
        'endpoints.list': () => [endpoint(null)],
        'endpoints.scan': () => ({ operationId: OPERATION }),
        'operations.wait': gated.wait,
        'operations.cancel': () => {
          gated.fail(
            new Refusal({ code: 'CONTRACT_CANCELLED', message: 'It was cancelled.', retry: 'same' }),
          );
          return {};
        },
      },
      ['endpoint', 'scan'],
    );
    await gated.begun;
    world.interrupt();
    expect(await ended).toBe(130);
    expect(engine.calls.at(-1)).toEqual({ name: 'operations.cancel', input: { id: OPERATION } });
    expect(engine.closed).toBe(true);
  });
});

describe('a run that is followed', () => {
  const handlers = (wait: () => unknown, now: () => unknown = () => view('running')): FakeHandlers => ({
    'runs.start': () => ({ id: RUN }),
    'runs.get': now,
    'runs.wait': wait,
  });
  const argv = ['run', 'start', APPROVAL];

  it('names endpoints in its progress and ends with the exit code of its outcome', async () => {
    const gated = gate<unknown>();
    const { engine, world, ended } = start(handlers(gated.wait), argv);
    await gated.begun;
    engine.publish(step('installing openssl', 0.123));
    gated.open(view('needs-attention'));
    expect(await ended).toBe(20);
    expect(world.err.join('')).toContain('web-1: installing openssl\n');
    expect(world.out.join('')).toContain(`sallyport run resolve ${RUN} "web-1"`);
  });

  it('is left where it stands by Ctrl+C: nothing is cancelled, and it says how to go on', async () => {
    const gated = gate<unknown>();
    const { engine, world, ended } = start(handlers(gated.wait), [...argv, '--json']);
    await gated.begun;
    world.interrupt();
    expect(await ended).toBe(130);
    expect(world.err.join('')).toContain('sallyport run resume');
    expect(JSON.parse(world.out.join(''))).toEqual(view('running'));
    expect(engine.calls.map(({ name }) => name)).not.toContain('runs.cancel');
    expect(engine.closed).toBe(true);
  });

  it('does not call it success when nobody is at work on it', async () => {
    const elsewhere = () => {
      throw new Refusal({ code: 'RUN_NOT_FOUND', message: 'Not driven here.', retry: 'never' });
    };
    const { world, ended } = start(handlers(elsewhere), ['run', 'wait', RUN]);
    expect(await ended).toBe(1);
    expect(world.out.join('')).toContain('sallyport run resume');
  });

  it('says when no run was left behind', async () => {
    const { world, ended } = start({ 'runs.resume': () => ({ resumed: [] }) }, ['run', 'resume']);
    expect(await ended).toBe(0);
    expect(world.out).toEqual(['No run was left behind.\n']);
  });
});

describe('Progress', () => {
  const collect = (rewrite: boolean, quiet = false) => {
    const written: string[] = [];
    const progress = new Progress({ write: (text) => written.push(text), rewrite, columns: 30, quiet });
    return { written, progress };
  };

  it('writes one line again in place on a terminal, never wider than it', () => {
    const { written, progress } = collect(true);
    progress.learnNames([{ endpointId: WEB, endpointName: 'web-1' }]);
    progress.take(step('installing', 0.5));
    progress.take(step('installing something with a long name', 0.6));
    progress.end();
    progress.end();
    expect(written).toEqual([
      '\r\u001b[Kweb-1: installing (50 %)',
      '\r\u001b[Kweb-1: installing something w',
      '\r\u001b[K',
    ]);
  });

  it('is silent when quiet, but for what must stay', () => {
    const { written, progress } = collect(false, true);
    progress.take(step('installing', 0.5));
    progress.say('cancelling');
    expect(written).toEqual(['cancelling\n']);
  });

  it('does not let an endpoint steer the terminal', () => {
    const { written, progress } = collect(false);
    progress.take(step('\u001b[2Jgone', null));
    expect(written.join('')).not.toContain('\u001b');
  });

  it('counts bytes as sizes, and says nothing about topics that are no progress', () => {
    expect(describeTopic(operation('Copying', 2, 'bytes'), String)?.amount).toBe(' (2 bytes of 3 bytes)');
    expect(describeTopic({ kind: 'changed', area: 'runs', id: null }, String)).toBeNull();
  });
});
