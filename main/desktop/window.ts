import { BrowserWindow, screen } from 'electron';
import { APP_URL, isOwnUrl } from './origin.ts';
import type { SettingsStore, WindowPlace } from './settings.ts';

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

interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The remembered place, or undefined when no display shows enough of it to grab (a screen was unplugged). */
export function placeOnScreen(place: WindowPlace | null, displays: readonly Area[]): WindowPlace | undefined {
  if (place === null) return undefined;
  const visible = displays.some((area) => {
    const width = Math.min(place.x + place.width, area.x + area.width) - Math.max(place.x, area.x);
    const height = Math.min(place.y + place.height, area.y + area.height) - Math.max(place.y, area.y);
    return width >= 200 && height >= 100;
  });
  return visible ? place : undefined;
}
