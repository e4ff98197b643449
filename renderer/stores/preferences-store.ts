import { createStore, type StoreApi } from 'zustand/vanilla';

export type Theme = 'light' | 'dark' | 'system';

/** How this person likes the window on this machine. Never domain data, never a secret. */
export interface PreferencesState {
  readonly theme: Theme;
  /** Whether single letters (j, k, x, a, r) act. WCAG 2.1.4 asks that they can be turned off. */
  readonly singleKeys: boolean;
  setTheme(theme: Theme): void;
  setSingleKeys(singleKeys: boolean): void;
}
export type PreferencesStore = StoreApi<PreferencesState>;

const KEY = 'sallyport.preferences';

interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
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

export function createPreferencesStore(storage: Storage): PreferencesStore {
  const store = createStore<PreferencesState>()((set) => ({
    theme: 'system',
    singleKeys: true,
    ...readPreferences(storage),
    setTheme: (theme) => set({ theme }),
    setSingleKeys: (singleKeys) => set({ singleKeys }),
  }));
  store.subscribe(({ theme, singleKeys }) => storage.setItem(KEY, JSON.stringify({ theme, singleKeys })));
  return store;
}
