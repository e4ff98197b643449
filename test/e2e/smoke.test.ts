import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {} from '../../preload/bridge.ts';
import { findViolations, launchWindow, type OpenWindow } from './window.ts';

describe('the window on an empty site', () => {
  let window: OpenWindow;

  beforeAll(async () => {
    window = await launchWindow({ size: { width: 1280, height: 800 } });
  });
  afterAll(() => window.close());

  test('is one window of our own origin, with its heading', async () => {
    expect(window.app.windows()).toHaveLength(1);
    expect(window.page.url()).toMatch(/^app:\/\/sallyport\//);
    await window.screenshot('empty-site');
  });

  test('reaches the engine through the bridge, and a failure arrives as data', async () => {
    const reply = await window.page.evaluate(() => globalThis.window.sallyport.invoke('no.suchChannel', {}));
    expect(reply).toMatchObject({ ok: false, failure: { code: 'CONTRACT_UNKNOWN_CHANNEL' } });
  });

  test('finds nothing of Node in the page', async () => {
    const found = await window.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'ipcRenderer'].filter((name) => name in globalThis),
    );
    expect(found).toEqual([]);
  });

  test('opens no other page: neither by navigation, nor by a new window, nor by a request', async () => {
    const before = window.page.url();
    const outcome = await window.page.evaluate(async () => {
      const opened = globalThis.open('https://192.0.2.1/');
      location.href = 'https://192.0.2.1/';
      const fetched = await fetch('https://192.0.2.1/').then(
        () => 'fetched',
        () => 'refused',
      );
      return { opened: opened === null ? 'refused' : 'opened', fetched };
    });
    expect(outcome).toEqual({ opened: 'refused', fetched: 'refused' });
    expect(window.page.url()).toBe(before);
    expect(window.app.windows()).toHaveLength(1);
  });

  test('refuses a permission that a page could ask for', async () => {
    const state = await window.page.evaluate(async () => (await Notification.requestPermission()).toString());
    expect(state).toBe('denied');
  });

  test('has no objection from axe', async () => {
    expect(await findViolations(window.page)).toEqual([]);
  });
});
