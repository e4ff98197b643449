import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Topic } from '../../../../contract/topics.ts';
import { startForkedEngine } from '../../../../main/desktop/engine-fork.ts';
import { EngineLink, type SystemKeyring } from '../../../../main/desktop/engine-link.ts';
import { canHostEngine } from '../../../../main/desktop/engine-process.ts';

const checkout = join(import.meta.dirname, '..', '..', '..', '..');
const standIn = join(checkout, 'test', 'support', 'stand-in-engine.ts');

/** A keyring that "encrypts" by turning bytes over, so that a test sees whether it was used. */
const keyring: SystemKeyring = {
  isAvailable: () => true,
  wrap: (bytes) => bytes.map((byte) => byte ^ 0xff),
  unwrap: (bytes) => bytes.map((byte) => byte ^ 0xff),
};
const noKeyring: SystemKeyring = { ...keyring, isAvailable: () => false };

interface Setup {
  readonly link: EngineLink;
  readonly states: string[];
  readonly log: string[];
}

const open: EngineLink[] = [];

function openLink(chosen: SystemKeyring = keyring): Setup {
  const states: string[] = [];
  const log: string[] = [];
  const link = new EngineLink({
    spawn: () => startForkedEngine(checkout, { file: standIn, dataDir: '/nonexistent' }),
    keyring: chosen,
    publish: (topic: Topic) => topic.kind === 'engine' && states.push(topic.state),
    log: (line) => log.push(line),
    busyPauseMs: 50,
  });
  open.push(link);
  link.start();
  return { link, states, log };
}

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const link of open.splice(0)) await link.stop();
});

describe('the link to a real engine process', () => {
  test('a call made while the engine starts waits for it, and every window has a session of its own', async () => {
    const { link, states } = openLink();
    const replies = await Promise.all([
      link.invoke(1, 'a', { x: 1 }),
      link.invoke(2, 'b', {}),
      link.invoke(1, 'c', {}),
    ]);
    expect(replies).toEqual([
      { ok: true, value: { session: 1, name: 'a', input: { x: 1 } } },
      { ok: true, value: { session: 2, name: 'b', input: {} } },
      { ok: true, value: { session: 1, name: 'c', input: {} } },
    ]);
    expect(states).toEqual(['starting', 'ready']);
  });

  test('a window that has gone loses its session', async () => {
    const { link } = openLink();
    await link.invoke(1, 'a', {});
    link.forget(1);
    expect(await link.invoke(1, 'a', {})).toMatchObject({ value: { session: 2 } });
  });

  test('a killed engine answers what it owed with ENGINE_LOST and starts again', async () => {
    const { link, states, log } = openLink();
    await link.invoke(1, 'a', {});
    const [hanging, dying] = await Promise.all([link.invoke(1, 'hang', {}), link.invoke(1, 'die', {})]);
    for (const reply of [hanging, dying]) {
      expect(reply).toMatchObject({ ok: false, failure: { code: 'ENGINE_LOST', retry: 'after-reconnect' } });
    }
    expect(await link.invoke(1, 'again', {})).toMatchObject({
      ok: true,
      value: { session: 1, name: 'again' },
    });
    expect(states).toEqual(['starting', 'ready', 'lost', 'starting', 'ready']);
    expect(log).toHaveLength(1);
  });

  test('a site that does not open is told to every caller and not tried again', async () => {
    vi.stubEnv('STAND_IN', 'refuse');
    const { link, states } = openLink();
    const failure = {
      code: 'INTERNAL',
      message: expect.stringContaining('this site does not open') as string,
    };
    expect(await link.invoke(1, 'a', {})).toMatchObject({ ok: false, failure });
    expect(await link.invoke(1, 'b', {})).toMatchObject({ ok: false, failure });
    expect(states).toEqual(['starting', 'lost']);
  });

  test('a site that somebody else holds is asked for again until it is free', async () => {
    vi.stubEnv('STAND_IN', 'busy');
    const { link } = openLink();
    expect(await link.invoke(1, 'a', {})).toMatchObject({ ok: false, failure: { code: 'ENGINE_BUSY' } });
    vi.unstubAllEnvs();
    await vi.waitFor(async () => expect(await link.invoke(1, 'b', {})).toMatchObject({ ok: true }), {
      timeout: 20_000,
    });
  });

  test('the engine wraps its key with the keyring of the shell, where there is one', async () => {
    expect(await openLink().link.invoke(1, 'keyring', {})).toEqual({ ok: true, value: 'key' });
    expect(await openLink(noKeyring).link.invoke(1, 'keyring', {})).toEqual({ ok: true, value: 'none' });
  });

  test('after the stop no call is answered by an engine', async () => {
    const { link } = openLink();
    await link.invoke(1, 'a', {});
    const pending = link.invoke(1, 'hang', {});
    await link.stop();
    expect(await pending).toMatchObject({ ok: false, failure: { code: 'ENGINE_LOST' } });
    expect(await link.invoke(1, 'a', {})).toMatchObject({ ok: false, failure: { code: 'ENGINE_LOST' } });
  });
});

test('the engine needs the Node that better-sqlite3 needs', () => {
  expect(['18.15.0', '20.20.2', '22.13.1', '22.14.0', '24.21.0'].filter(canHostEngine)).toEqual([
    '22.14.0',
    '24.21.0',
  ]);
});
