import type { Theme } from '../../contract/shell.ts';
import type { Client } from '../client/client.ts';
import { createStore, type StoreApi } from 'zustand/vanilla';

export type { Theme };

/** How this person likes the window on this machine. Never domain data, never a secret. */
export interface PreferencesState {
  readonly theme: Theme;
  /** Whether single letters (j, k, x, a, r) act. WCAG 2.1.4 asks that they can be turned off. */
  readonly singleKeys: boolean;
  readonly setTheme: (theme: Theme) => void;
  readonly setSingleKeys: (singleKeys: boolean) => void;
}
export type PreferencesStore = StoreApi<PreferencesState>;

const KEY = 'sallyport.preferences';

interface Storage {
  readonly getItem: (key: string) => string | null;
  readonly setItem: (key: string, value: string) => void;
}

function readPreferences(storage: Storage): Partial<Pick<PreferencesState, 'theme' | 'singleKeys'>> {
  try {
    const stored: unknown = JSON.parse(storage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    const theme = 'theme' in stored ? stored.theme : undefined;
    const singleKeys = 'singleKeys' in stored ? stored.singleKeys : undefined;
    return {
      ...(theme === 'light' || theme === 'dark' || theme === 'system' ? { theme } : {}),
      ...(typeof singleKeys === 'boolean' ? { singleKeys } : {}),
    };
  } catch {
    // Preferences that cannot be read are the ones a first start has.
    return {};
  }
}

/**
 * The theme is the shell's as well, so that dialogs of the system and the window's frame follow it; where there is no
 * shell the window keeps it alone.
 */
export function createPreferencesStore(
  storage: Storage,
  client: Pick<Client, 'invokeShell'>,
): PreferencesStore {
  const store = createStore<PreferencesState>()((set) => ({
    theme: 'system',
    singleKeys: true,
    ...readPreferences(storage),
    setTheme(theme) {
      set({ theme });
      void client.invokeShell('shell.setTheme', { theme });
    },
    setSingleKeys: (singleKeys) => set({ singleKeys }),
  }));
  store.subscribe(({ theme, singleKeys }) => storage.setItem(KEY, JSON.stringify({ theme, singleKeys })));
  void client.invokeShell('shell.getTheme', {}).then((reply) => {
    if (reply.ok) store.setState({ theme: reply.value.theme });
  });
  return store;
}
