import { writeFile } from 'node:fs/promises';
import { dialog, nativeTheme, type BrowserWindow } from 'electron';
import type { Reply } from '../../contract/channels.ts';
import {
  SHELL_CHANNELS,
  type ShellChannelName,
  type ShellOutputOf,
  type ShellParsedInputOf,
} from '../../contract/shell.ts';
import type { SettingsStore } from './settings.ts';

type ShellHandlers = {
  readonly [N in ShellChannelName]: (
    input: ShellParsedInputOf<N>,
    window: BrowserWindow,
    settings: SettingsStore,
  ) => Promise<ShellOutputOf<N>> | ShellOutputOf<N>;
};

const HANDLERS: ShellHandlers = {
  async 'shell.pickFolder'({ title }, window) {
    const { filePaths } = await dialog.showOpenDialog(window, {
      title,
      properties: ['openDirectory', 'createDirectory'],
    });
    return { path: filePaths[0] ?? null };
  },
  async 'shell.pickFile'({ title, purpose, suggestedName, filters }, window) {
    if (purpose === 'open') {
      const { filePaths } = await dialog.showOpenDialog(window, { title, filters, properties: ['openFile'] });
      return { path: filePaths[0] ?? null };
    }
    const { canceled, filePath } = await dialog.showSaveDialog(window, {
      title,
      filters,
      defaultPath: suggestedName,
    });
    // Older releases answer undefined, newer ones an empty string.
    return { path: canceled || !filePath ? null : filePath };
  },
  async 'shell.savePdf'({ title, suggestedName }, window) {
    const filters = [{ name: 'PDF', extensions: ['pdf'] }];
    const { canceled, filePath } = await dialog.showSaveDialog(window, {
      title,
      filters,
      defaultPath: suggestedName,
    });
    if (canceled || !filePath) return { path: null };
    await writeFile(filePath, await window.webContents.printToPDF({ pageSize: 'A4' }));
    return { path: filePath };
  },
  'shell.getTheme': (_input, _window, settings) => ({ theme: settings.theme }),
  'shell.setTheme': ({ theme }, _window, settings) => {
    settings.theme = theme;
    return { theme: nativeTheme.themeSource };
  },
};

/** Answers a call that is the shell's own, validated like any other. */
export async function answerShellCall<N extends ShellChannelName>(
  name: N,
  input: unknown,
  window: BrowserWindow,
  settings: SettingsStore,
): Promise<Reply> {
  const parsed = SHELL_CHANNELS[name].input.safeParse(input);
  if (!parsed.success) {
    return {
      ok: false,
      failure: {
        code: 'CONTRACT_INPUT_INVALID',
        message: `${name} was called with input that it does not take: ${parsed.error.issues.map((issue) => issue.message).join('; ')}`,
        retry: 'never',
      },
    };
  }
  const handler: ShellHandlers[N] = HANDLERS[name];
  return { ok: true, value: await handler(parsed.data as ShellParsedInputOf<N>, window, settings) };
}
