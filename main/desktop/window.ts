import { BrowserWindow, screen } from 'electron';
import { APP_URL, isOwnUrl } from './origin.ts';
import type { SettingsStore } from './settings.ts';
import { placeOnScreen } from './window-place.ts';

const SMALLEST = { width: 1100, height: 700 };
const FIRST = { width: 1360, height: 860 };

/** Opens the window: sandboxed, with nothing of Node in it, and no way to any page but ours. */
export function openWindow(settings: SettingsStore, preload: string): BrowserWindow {
  const place = placeOnScreen(
    settings.place,
    screen.getAllDisplays().map((display) => display.workArea),
  );
  const window = new BrowserWindow({
    ...FIRST,
    ...(place === undefined ? {} : { x: place.x, y: place.y, width: place.width, height: place.height }),
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: 'Sallyport',
    show: false,
    autoHideMenuBar: true,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  });
  if (place?.maximized === true) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => {
    settings.place = { ...window.getNormalBounds(), maximized: window.isMaximized() };
  });
  confine(window);
  void window.loadURL(APP_URL);
  return window;
}

function confine(window: BrowserWindow): void {
  const { webContents } = window;
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }));
  webContents.on('will-attach-webview', (event) => event.preventDefault());
  // A reload of our own page is the only navigation that there is.
  for (const event of ['will-navigate', 'will-redirect'] as const) {
    webContents.on(event as 'will-navigate', (details, url) => {
      if (!isOwnUrl(url)) details.preventDefault();
    });
  }
}
