import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {} from '../../preload/bridge.ts';
import { build } from '../setup/build.ts';
import { launchWindow, type OpenWindow } from './window.ts';

// The shell as a package holds it, which knows only Electron's utilityProcess. The engine in it is a stand-in without
// SQLite, so that this way of starting is run also where Electron's own Node is too old for the true one.
describe('the shell of a package', () => {
  let folder: string;
  let window: OpenWindow;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-packaged-'));
    mkdirSync(join(folder, 'out'));
    const manifest = { name: 'sallyport', version: '0.0.0', main: 'out/desktop/index.cjs' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    await build({
      packaged: true,
      into: join(folder, 'out'),
      engineEntry: 'test/support/stand-in-engine.ts',
    });
    window = await launchWindow({ appDir: folder, waitForReady: false });
  });
  afterAll(async () => {
    await window.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('runs the engine in a utilityProcess of its own, which answers', async () => {
    const reply = await window.page.evaluate(() => globalThis.window.sallyport.invoke('any.name', { a: 1 }));
    expect(reply).toMatchObject({ ok: true, value: { name: 'any.name', input: { a: 1 } } });
    const services = await window.app.evaluate(({ app }) =>
      app.getAppMetrics().flatMap(({ type, name }) => (type === 'Utility' ? [name] : [])),
    );
    expect(services).toContain('Sallyport engine');
  });

  test('starts it again when it is killed, and tells the window both times', async () => {
    const { reply, states } = await window.page.evaluate(async () => {
      const { sallyport } = globalThis.window;
      const seen: string[] = [];
      const ready = new Promise<void>((resolve) => {
        sallyport.subscribe((topic) => {
          if (topic.kind !== 'engine') return;
          seen.push(topic.state);
          if (topic.state === 'ready') resolve();
        });
      });
      const died = await sallyport.invoke('die', {});
      await ready;
      return { reply: died, states: seen };
    });
    expect(reply).toMatchObject({ ok: false, failure: { code: 'ENGINE_LOST' } });
    expect(states).toEqual(['lost', 'starting', 'ready']);
    const again = await window.page.evaluate(() => globalThis.window.sallyport.invoke('again', {}));
    expect(again).toMatchObject({ ok: true, value: { name: 'again' } });
  });

  test('answers for the shell itself: a bad input is refused like any other, a good one is answered', async () => {
    const replies = await window.page.evaluate(() =>
      Promise.all([
        globalThis.window.sallyport.invoke('shell.setTheme', { theme: 'pink' }),
        globalThis.window.sallyport.invoke('shell.setTheme', { theme: 'dark' }),
        globalThis.window.sallyport.invoke('shell.getTheme', {}),
      ]),
    );
    expect(replies).toMatchObject([
      { ok: false, failure: { code: 'CONTRACT_INPUT_INVALID' } },
      { ok: true, value: { theme: 'dark' } },
      { ok: true, value: { theme: 'dark' } },
    ]);
    const isDark = await window.page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
    expect(isDark).toBe(true);
  });

  test('gives back the folder that a person chose in the dialog of the system', async () => {
    await window.app.evaluate(({ dialog }) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: ['/media/usb/bundle'] });
    });
    const reply = await window.page.evaluate(() =>
      globalThis.window.sallyport.invoke('shell.pickFolder', { title: 'Choose a bundle' }),
    );
    expect(reply).toEqual({ ok: true, value: { path: '/media/usb/bundle' } });
  });
});
