import { createStore, type StoreApi } from 'zustand/vanilla';

export type OperateScreen =
  'today' | 'endpoints' | 'catalogue' | 'approvals' | 'runs' | 'restore' | 'incidents' | 'settings';
export type ScreenName =
  OperateScreen | 'sources' | 'needs' | 'bundles' | 'media' | 'keys' | 'packs' | 'policies' | 'my-key';

/** Where the person is: a screen, and on each screen the object that is open. Screens meet here, never by import. */
export interface NavigationState {
  readonly screen: ScreenName;
  readonly open: Readonly<Partial<Record<ScreenName, string | null>>>;
  readonly section: Readonly<Partial<Record<ScreenName, string>>>;
  readonly paletteOpen: boolean;
  readonly keysOpen: boolean;
  readonly go: (screen: ScreenName, objectId?: string | null, section?: string) => void;
  readonly openObject: (screen: ScreenName, objectId: string | null) => void;
  readonly openSection: (screen: ScreenName, section: string) => void;
  readonly showPalette: (open: boolean) => void;
  readonly showKeys: (open: boolean) => void;
}
export type NavigationStore = StoreApi<NavigationState>;

export function createNavigationStore(screen: ScreenName = 'today'): NavigationStore {
  return createStore<NavigationState>()((set) => ({
    screen,
    open: {},
    section: {},
    paletteOpen: false,
    keysOpen: false,
    go: (target, objectId, section) =>
      set((state) => ({
        screen: target,
        open: objectId === undefined ? state.open : { ...state.open, [target]: objectId },
        section: section === undefined ? state.section : { ...state.section, [target]: section },
        paletteOpen: false,
        keysOpen: false,
      })),
    openObject: (target, objectId) => set((state) => ({ open: { ...state.open, [target]: objectId } })),
    openSection: (target, section) => set((state) => ({ section: { ...state.section, [target]: section } })),
    showPalette: (paletteOpen) => set({ paletteOpen, keysOpen: false }),
    showKeys: (keysOpen) => set({ keysOpen, paletteOpen: false }),
  }));
}
