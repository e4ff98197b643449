import { BrowserWindow, ipcMain, type IpcMainInvokeEvent } from 'electron';
import type { Reply } from '../../contract/channels.ts';
import { isShellChannelName } from '../../contract/shell.ts';
import type { Topic } from '../../contract/topics.ts';
import type { EngineLink } from './engine-link.ts';
import { isOwnUrl } from './origin.ts';
import type { SettingsStore } from './settings.ts';
import { answerShellCall } from './shell-channels.ts';

/** The only listener that the window can reach, and the only file that touches ipcMain. */
export function serveWindows(engine: EngineLink, settings: SettingsStore): void {
  const answer = async (event: IpcMainInvokeEvent, name: unknown, input: unknown): Promise<Reply> => {
    const window = trustedWindow(event);
    if (window === undefined) {
      return refuse('CONTRACT_UNTRUSTED_SENDER', 'The call does not come from a window of this application.');
    }
    if (typeof name !== 'string')
      return refuse('CONTRACT_UNKNOWN_CHANNEL', 'The name of a channel is a string.');
    if (isShellChannelName(name)) return answerShellCall(name, input, window, settings);
    return engine.invoke(event.sender.id, name, input);
  };
  ipcMain.handle('contract:invoke', answer);
  ipcMain.handle('contract:invokeText', async (...call: Parameters<typeof answer>) =>
    JSON.stringify(await answer(...call)),
  );
}

/** Sends a topic to every window. */
export function publishTopic(topic: Topic): void {
  for (const window of BrowserWindow.getAllWindows()) {
    if (!window.webContents.isDestroyed()) window.webContents.send('contract:topic', topic);
  }
}

/** The window behind a call: alive, ours, asking from its top frame, and showing our own origin. */
function trustedWindow(event: IpcMainInvokeEvent): BrowserWindow | undefined {
  const window = BrowserWindow.fromWebContents(event.sender);
  const frame = event.senderFrame;
  if (window === null || window.isDestroyed() || frame === null) return undefined;
  if (frame !== event.sender.mainFrame || !isOwnUrl(frame.url)) return undefined;
  return window;
}

function refuse(code: 'CONTRACT_UNTRUSTED_SENDER' | 'CONTRACT_UNKNOWN_CHANNEL', message: string): Reply {
  return { ok: false, failure: { code, message, retry: 'never' } };
}
