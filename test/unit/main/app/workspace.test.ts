import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHANNELS, workspaceOf, type ChannelName } from '../../../../contract/channels.ts';
import { ROLES } from '../../../../contract/vocabulary.ts';
import { openEngine, type Engine } from '../../../../main/app/compose.ts';
import type { RemoteShell } from '../../../../main/remote/remote-shell.ts';
import { Caller } from '../../../support/caller.ts';

const PASSPHRASE = 'tin kettle river stone';
const NO_SHELL: RemoteShell = {
  connect: () => Promise.reject(new Error('a connection was opened')),
  readHostKey: () => Promise.reject(new Error('a connection was opened')),
};

let folder: string;
let engine: Engine;
let asha: Caller;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-workspace-'));
  engine = await openEngine({ dataDir: folder, shell: NO_SHELL, kdfCost: { N: 1024, r: 8, p: 1 } });
  asha = new Caller(engine);
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const begin = (workspace: 'operate' | 'collect') =>
  asha.call('site.create', {
    name: 'Ward 9',
    workspace,
    person: { name: 'Asha', roles: [...ROLES], passphrase: PASSPHRASE },
  });

const channelsOf = (workspace: 'operate' | 'collect'): ChannelName[] =>
  (Object.keys(CHANNELS) as ChannelName[]).filter((name) => workspaceOf(name) === workspace);

const endpoint = {
  name: 'web-1',
  address: '10.9.9.1',
  user: 'ops',
  login: { kind: 'password' as const, password: 'something' },
  sudo: { kind: 'passwordless' as const },
};

describe('safety rule 8: a site is in one workspace', () => {
  test('every channel of Operate is refused in Collect, whatever it is asked', async () => {
    await begin('collect');
    const names = channelsOf('operate');
    expect(names.length).toBeGreaterThan(30);
    for (const name of names) {
      expect([name, await asha.codeOf(name, {})]).toEqual([name, 'POLICY_OTHER_WORKSPACE']);
    }
    expect((await asha.call('audit.list', {})).map((entry) => entry.action)).toContain(
      'endpoints.scan refused',
    );
  });

  test('every channel of Collect is refused in Operate, whatever it is asked', async () => {
    await begin('operate');
    for (const name of channelsOf('collect')) {
      expect([name, await asha.codeOf(name, {})]).toEqual([name, 'POLICY_OTHER_WORKSPACE']);
    }
  });

  test('a new channel belongs to Operate until somebody decides otherwise', () => {
    expect(workspaceOf('weather.forecast' as ChannelName)).toBe('operate');
    expect(workspaceOf('collectors.list' as ChannelName)).toBe('operate');
  });

  test('a site with an inventory never becomes one that collects', async () => {
    await begin('operate');
    expect((await asha.call('site.setWorkspace', { workspace: 'collect' })).site?.workspace).toBe('collect');
    expect(await asha.codeOf('endpoints.add', endpoint)).toBe('POLICY_OTHER_WORKSPACE');
    expect((await asha.call('site.setWorkspace', { workspace: 'operate' })).site?.workspace).toBe('operate');
    await asha.call('endpoints.add', endpoint);
    expect(await asha.codeOf('site.setWorkspace', { workspace: 'collect' })).toBe('POLICY_WORKSPACE_IN_USE');
    expect((await asha.call('site.get', {})).site?.workspace).toBe('operate');
  });

  test('another process at work on the site keeps it where it is', async () => {
    await begin('operate');
    await asha.finish(await asha.call('endpoints.scan', { ids: [] }));
    const second = await openEngine({ dataDir: folder, shell: NO_SHELL, kdfCost: { N: 1024, r: 8, p: 1 } });
    try {
      const other = new Caller(second);
      await other.call('session.signIn', { person: 'Asha', passphrase: PASSPHRASE });
      expect(await other.codeOf('site.setWorkspace', { workspace: 'collect' })).toBe('ENGINE_BUSY');
    } finally {
      await second.close();
    }
  });
});
