import Store from 'electron-store';
import { nativeTheme } from 'electron';
import type { Theme } from '../../contract/shell.ts';
import type { WindowPlace } from './window-place.ts';

interface Settings {
  theme: Theme;
  place: WindowPlace | null;
}

/** Preferences of the window. Never domain data, never secrets: those belong to the engine. */
export class SettingsStore {
  readonly #store = new Store<Settings>({ name: 'window', defaults: { theme: 'system', place: null } });

  get place(): WindowPlace | null {
    return this.#store.get('place');
  }

  set place(place: WindowPlace | null) {
    this.#store.set('place', place);
  }

  get theme(): Theme {
    return this.#store.get('theme');
  }

  set theme(theme: Theme) {
    this.#store.set('theme', theme);
    nativeTheme.themeSource = theme;
  }
}
