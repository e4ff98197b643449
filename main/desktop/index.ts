import { join } from 'node:path';
import { app, BrowserWindow, session } from 'electron';
import { registerAppScheme, serveRenderer } from './app-protocol.ts';
import { startForkedEngine } from './engine-fork.ts';
import { EngineLink } from './engine-link.ts';
import { canHostEngine, type EngineProcess, type EngineStart } from './engine-process.ts';
import { startUtilityEngine } from './engine-utility.ts';
import { publishTopic, serveWindows } from './ipc.ts';
import { installMenu } from './menu.ts';
import { keepSessionOffline, keepShellOffline } from './offline.ts';
import { systemKeyring } from './safe-storage.ts';
import { SettingsStore } from './settings.ts';
import { openWindow } from './window.ts';

/** Set by the build: true in what goes into a package, which then holds no way to start another program. */
declare const SALLYPORT_PACKAGED: boolean;

const out = join(app.getAppPath(), 'out');

function spawnEngine(): EngineProcess {
  const start: EngineStart = {
    file: join(out, 'engine', 'index.cjs'),
    // Not under userData, whose name a package spells differently: the command line finds the same folder.
    dataDir: process.env['SALLYPORT_DATA'] ?? join(app.getPath('appData'), 'sallyport', 'site'),
  };
  if (!SALLYPORT_PACKAGED && !app.isPackaged && !canHostEngine(process.versions.node)) {
    return startForkedEngine(app.getAppPath(), start);
  }
  return startUtilityEngine(start);
}

function main(): void {
  const engine = new EngineLink({
    spawn: spawnEngine,
    keyring: systemKeyring,
    publish: publishTopic,
    log: (line) => process.stderr.write(`${line}\n`),
  });

  let stopped = false;
  app.on('before-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void engine.stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });

  void app.whenReady().then(() => {
    const settings = new SettingsStore();
    settings.theme = settings.theme;
    keepSessionOffline(session.defaultSession);
    serveRenderer(session.defaultSession, join(out, 'renderer'));
    serveWindows(engine, settings);
    installMenu();

    const open = (): void => {
      const window = openWindow(settings, join(out, 'preload', 'index.cjs'));
      const client = window.webContents.id;
      window.on('closed', () => engine.forget(client));
    };
    engine.start();
    open();
    app.on('activate', () => {
      if (BrowserWindow.getAllWindows().length === 0) open();
    });
    app.on('second-instance', () => {
      const [window] = BrowserWindow.getAllWindows();
      if (window === undefined) return;
      if (window.isMinimized()) window.restore();
      window.focus();
    });
  });
}

keepShellOffline();
registerAppScheme();
if (app.requestSingleInstanceLock()) main();
else app.quit();
