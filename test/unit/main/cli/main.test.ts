import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../../main/cli/commands.ts';
import { runSallyport } from '../../../../main/cli/main.ts';
import {
  FakeEngine,
  makeFakeWorld,
  Refusal,
  signedInAs,
  type FakeHandlers,
  type FakeWorld,
} from './fake-world.ts';

const ID = (number: number): string => `0000000${number}-0000-4000-8000-000000000000`;
const DIGEST = 'ab'.repeat(32);

function run(world: FakeWorld, ...argv: string[]): Promise<number> {
  return runSallyport(argv, COMMANDS, '1.2.3', world);
}

function signedIn(handlers: FakeHandlers, more: Parameters<typeof makeFakeWorld>[0] = {}) {
  const engine = new FakeEngine({ ...signedInAs('Ann'), ...handlers });
  const env = { SALLYPORT_PASSPHRASE: 'correct horse', SALLYPORT_PERSON: 'Ann' };
  return { engine, world: makeFakeWorld({ ...more, engine, env }) };
}

describe('wrong use', () => {
  it.each([
    [['endpoint', 'scna']],
    [['nothing']],
    [['endpoint', 'add', 'web-1']],
    [['endpoint', 'list', '--bogus']],
    [['endpoint', 'list', 'extra']],
    [['audit', 'list', '--limit', '-1']],
    [['site', 'create', 'North', '--person', 'Ann', '--role', 'king']],
  ])('%j ends with 2, opens nothing, and says it on stderr', async (argv) => {
    const world = makeFakeWorld();
    expect(await run(world, ...argv)).toBe(2);
    expect(world.out).toEqual([]);
    expect(world.err.join('')).toMatch(/^error: .*\[CONTRACT_INPUT_INVALID\]\nhint: /);
  });

  it('answers with one JSON document all the same', async () => {
    const world = makeFakeWorld();
    expect(await run(world, 'endpoint', 'scna', '--json')).toBe(2);
    expect(JSON.parse(world.out.join(''))).toMatchObject({ failure: { code: 'CONTRACT_INPUT_INVALID' } });
  });

  it('suggests the verb that was meant', async () => {
    const world = makeFakeWorld();
    await run(world, 'endpoint', 'scna');
    expect(world.err.join('')).toContain('Did you mean scan?');
  });

  it('shows what could follow a noun alone, on stderr', async () => {
    const world = makeFakeWorld();
    expect(await run(world, 'approval')).toBe(2);
    expect([world.out.length, world.err.join('').includes('withdraw')]).toEqual([0, true]);
  });
});

describe('help and version', () => {
  it.each([[['--help']], [['run', '--help']], [['run', 'start', '--help']]])(
    '%j goes to stdout',
    async (argv) => {
      const world = makeFakeWorld();
      expect(await run(world, ...argv)).toBe(0);
      expect([world.out.join('').startsWith('Usage: sallyport'), world.err]).toEqual([true, []]);
    },
  );

  it('shows the version', async () => {
    const world = makeFakeWorld();
    expect(await run(world, '--version')).toBe(0);
    expect(world.out).toEqual(['1.2.3\n']);
  });
});

describe('a command on a site', () => {
  it('does not make a site of a folder that is not there', async () => {
    const world = makeFakeWorld({ hasSite: false });
    expect(await run(world, 'site', 'show', '--data', '/tpyo')).toBe(1);
    expect(world.err.join('')).toBe(
      'error: There is no site in /tpyo. [CONTRACT_NOT_FOUND]\nhint: Name its folder with --data, or make a site with `sallyport site create`.\n',
    );
  });

  it('wants to know who acts', async () => {
    expect(await run(makeFakeWorld(), 'person', 'list')).toBe(2);
  });

  it('does not ask for a passphrase of nobody', async () => {
    const { world, engine } = signedIn({});
    expect(await run(world, 'person', 'list', '--as', 'Eve')).toBe(1);
    expect(engine.calls.map(({ name }) => name)).toEqual(['site.get']);
    expect(engine.closed).toBe(true);
  });

  it('signs in, calls, writes the output and closes the engine', async () => {
    const persons = [{ id: ID(1), name: 'Ann', roles: ['engineer'], keyFingerprint: DIGEST, createdAt: 'x' }];
    const { world, engine } = signedIn({ 'persons.list': () => persons });
    expect(await run(world, 'person', 'list', '--json')).toBe(0);
    expect(JSON.parse(world.out.join(''))).toEqual(persons);
    expect(engine.calls[1]).toEqual({
      name: 'session.signIn',
      input: { person: 'Ann', passphrase: 'correct horse' },
    });
    expect([engine.closed, world.err]).toEqual([true, []]);
  });

  it('passes a failure on with its exit code, hint and code', async () => {
    const failure = {
      code: 'POLICY_SAME_PERSON',
      message: 'You asked for it.',
      hint: 'Ask Bob.',
      retry: 'never',
    } as const;
    const grant = () => {
      throw new Refusal(failure);
    };
    const argv = ['approval', 'grant', ID(1), '--digest', DIGEST];
    const first = signedIn({ 'approvals.grant': grant });
    expect(await run(first.world, ...argv)).toBe(10);
    expect(first.world.err.join('')).toBe('error: You asked for it. [POLICY_SAME_PERSON]\nhint: Ask Bob.\n');
    const second = signedIn({ 'approvals.grant': grant });
    expect(await run(second.world, ...argv, '--json')).toBe(10);
    expect(JSON.parse(second.world.out.join(''))).toEqual({ failure });
  });

  it('calls a bug a bug, without its words', async () => {
    const { world, engine } = signedIn({});
    expect(await run(world, 'person', 'list')).toBe(1);
    expect(world.err.join('')).toMatch(/^error: .*\[INTERNAL\]/);
    expect(world.err.join('')).not.toContain('the test has no answer');
    expect(engine.closed).toBe(true);
  });
});

describe('secrets of an endpoint', () => {
  const added = { id: ID(1), name: 'web-1', hostKey: null };
  const base = ['endpoint', 'add', 'web-1', '--address', '192.0.2.1', '--user', 'patch'];

  it('come from files', async () => {
    const { world, engine } = signedIn(
      { 'endpoints.add': () => added },
      { files: { key: 'PRIVATE\n', sudo: 'hunter2\n' } },
    );
    const checks = ['--health-check', "web=sh -c 'exit 0'", '--health-check-timeout', '5'];
    const argv = [...base, '--key-file', 'key', '--sudo-password-file', 'sudo', '--no-restore', ...checks];
    expect(await run(world, ...argv)).toBe(0);
    expect(engine.calls.at(-1)?.input).toEqual({
      name: 'web-1',
      address: '192.0.2.1',
      user: 'patch',
      login: { kind: 'private-key', privateKey: 'PRIVATE\n' },
      sudo: { kind: 'password', password: 'hunter2' },
      hostKey: null,
      hypervisorId: null,
      vm: null,
      restoreOnFailure: false,
      healthChecks: [{ name: 'web', argv: ['sh', '-c', 'exit 0'], timeoutMs: 5_000 }],
    });
  });

  it('are asked for without a file, and root needs no sudo', async () => {
    const { world, engine } = signedIn({ 'endpoints.add': () => added }, { answers: ['pw'] });
    expect(await run(world, 'endpoint', 'add', 'web-1', '--address', 'a', '--user', 'root')).toBe(0);
    expect(world.asked).toEqual(['The password of root on web-1: ']);
    expect(engine.calls.at(-1)?.input).toMatchObject({
      login: { kind: 'password', password: 'pw' },
      sudo: { kind: 'root' },
      restoreOnFailure: true,
    });
  });
});

describe('what a person must have seen', () => {
  const detail = {
    approval: {
      id: ID(1),
      planDigest: DIGEST,
      planId: ID(2),
      status: 'requested',
      requestedAt: 'x',
      requestedBy: 'Bob',
    },
    plan: { leftOut: [] },
    patches: [],
  };
  const nulls = {
    decidedBy: null,
    decidedAt: null,
    expiresAt: null,
    reason: null,
    runId: null,
    mayNotDecideBecause: null,
  };
  const approval = { ...detail.approval, ...nulls, endpoints: 1, packages: 1, cves: 0 };
  const handlers: FakeHandlers = {
    'approvals.get': () => ({ ...detail, approval }),
    'approvals.grant': () => approval,
  };

  it('a script names the digest or is refused', async () => {
    const { world, engine } = signedIn(handlers);
    expect(await run(world, 'approval', 'grant', ID(1))).toBe(2);
    expect(engine.calls.map(({ name }) => name)).not.toContain('approvals.grant');
  });

  it('a person sees the plan and says yes', async () => {
    const { world, engine } = signedIn(handlers, { answers: ['yes'] });
    expect(await run(world, 'approval', 'grant', ID(1), '--valid', '8')).toBe(0);
    expect(world.err.join('')).toContain(DIGEST);
    expect(engine.calls.at(-1)?.input).toEqual({ id: ID(1), planDigest: DIGEST, validHours: 8 });
  });

  it('anything but yes decides nothing', async () => {
    const { world, engine } = signedIn(handlers, { answers: ['y'] });
    expect(await run(world, 'approval', 'grant', ID(1))).toBe(2);
    expect(engine.calls.map(({ name }) => name)).not.toContain('approvals.grant');
  });

  it('a host key is not read and pinned in one go by a script', async () => {
    const { world, engine } = signedIn({
      'endpoints.list': () => [{ id: ID(1), name: 'web-1' }],
      'endpoints.readHostKey': () => ({ hostKey: 'SHA256:abc', pinned: null }),
    });
    expect(await run(world, 'endpoint', 'pin-host-key', 'web-1')).toBe(2);
    expect(engine.calls.map(({ name }) => name)).not.toContain('endpoints.readHostKey');
  });
});
