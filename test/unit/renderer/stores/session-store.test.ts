import { describe, expect, test } from 'vitest';
import type { Topic } from '../../../../contract/topics.ts';
import { createClient } from '../../../../renderer/client/client.ts';
import { createPreferencesStore } from '../../../../renderer/stores/preferences-store.ts';
import { createSessionStore, holdsRole } from '../../../../renderer/stores/session-store.ts';
import { createFakeClient, fail } from '../../../e2e/gallery/fake-client.ts';
import { siteView } from '../../../e2e/gallery/fixtures/site.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';

describe('the session', () => {
  test('reads the site again after a sign-in', async () => {
    const client = createFakeClient({ ...busySite('Ada Whitfield'), 'site.get': () => siteView(null) });
    const store = createSessionStore(client);
    await store.getState().refresh();
    expect(store.getState().site.value?.signedIn).toBeNull();
    client.answer({ 'site.get': () => siteView('Ada Whitfield') });
    await store.getState().signIn('Ada Whitfield', 'a long enough passphrase');
    expect(store.getState().site.value?.signedIn?.name).toBe('Ada Whitfield');
    expect(holdsRole(store.getState(), 'engineer')).toBe(true);
    expect(holdsRole(store.getState(), 'approver')).toBe(false);
  });

  test('stays signed out when the passphrase is wrong', async () => {
    const client = createFakeClient({
      'site.get': () => siteView(null),
      'session.signIn': () => fail('VAULT_PASSPHRASE_WRONG', 'Wrong.'),
    });
    const store = createSessionStore(client);
    await store.getState().refresh();
    const reply = await store.getState().signIn('Ada Whitfield', 'wrong');
    expect(reply).toMatchObject({ ok: false, failure: { code: 'VAULT_PASSPHRASE_WRONG' } });
    expect(client.callsOf('site.get')).toHaveLength(1);
  });

  test('follows the engine', async () => {
    const client = createFakeClient(busySite(null));
    const store = createSessionStore(client);
    await store.getState().refresh();
    expect(store.getState().engine).toBe('ready');
    client.say({ kind: 'engine', state: 'lost' });
    expect(store.getState().engine).toBe('lost');
    client.say({ kind: 'engine', state: 'ready' });
    expect(store.getState().engine).toBe('ready');
  });
});

describe('the client', () => {
  test('turns a bridge that rejects into a failure', async () => {
    const client = createClient({
      invoke: () => Promise.reject(new Error('no handler')),
      invokeText: () => Promise.reject(new Error('no handler')),
      subscribe: () => () => undefined,
    });
    expect(await client.invoke('site.get', {})).toMatchObject({
      ok: false,
      failure: { code: 'ENGINE_LOST' },
    });
  });
});

describe('a reply of thousands of rows', () => {
  test('comes as text, and reads the same', async () => {
    const client = createClient({
      invoke: () => Promise.reject(new Error('asked for objects')),
      invokeText: (name, input) =>
        Promise.resolve(JSON.stringify({ ok: false, failure: { code: 'CONTRACT_NOT_FOUND', name, input } })),
      subscribe: () => () => undefined,
    });
    const input = { packId: 'none', part: { from: 0, count: 1 } };
    expect(await client.invoke('queue.sheet', input)).toEqual({
      ok: false,
      failure: { code: 'CONTRACT_NOT_FOUND', name: 'queue.sheet', input },
    });
  });
});

describe('messages', () => {
  test('reach every listener over one subscription of the bridge, which ends with the last of them', () => {
    let open = 0;
    let send: (topic: Topic) => void = () => undefined;
    const client = createClient({
      invoke: () => Promise.resolve({ ok: true, value: null }),
      invokeText: () => Promise.resolve('{}'),
      subscribe(listener) {
        open += 1;
        send = listener;
        return () => void (open -= 1);
      },
    });
    const heard: string[] = [];
    const stops = ['a', 'b', 'c'].map((name) =>
      client.subscribe((topic) => void heard.push(`${name} ${topic.kind}`)),
    );
    send({ kind: 'engine', state: 'ready' });
    expect(heard).toEqual(['a engine', 'b engine', 'c engine']);
    expect(open).toBe(1);
    stops.forEach((stop) => stop());
    expect(open).toBe(0);
  });
});

describe('preferences', () => {
  const memory = (content: Record<string, string> = {}) => ({
    content,
    getItem: (key: string) => content[key] ?? null,
    setItem: (key: string, value: string) => void (content[key] = value),
  });
  const noShell = createFakeClient({});

  test('come back at the next start', () => {
    const storage = memory();
    const store = createPreferencesStore(storage, noShell);
    store.getState().setTheme('dark');
    store.getState().setSingleKeys(false);
    expect(createPreferencesStore(storage, noShell).getState()).toMatchObject({
      theme: 'dark',
      singleKeys: false,
    });
  });

  test('that make no sense are left aside', () => {
    const storage = memory({ 'sallyport.preferences': '{"theme":"purple","singleKeys":"yes"' });
    expect(createPreferencesStore(storage, noShell).getState()).toMatchObject({
      theme: 'system',
      singleKeys: true,
    });
  });
});
