import { useEffect, useRef, type ComponentType } from 'react';
import { useStore } from 'zustand';
import type { SiteView } from '../../contract/site.ts';
import { useKeys } from '../components/keys.tsx';
import { ApprovalsScreen } from '../screens/approvals/approvals.tsx';
import { CatalogueScreen } from '../screens/catalogue/catalogue.tsx';
import { EndpointsScreen } from '../screens/endpoints/endpoints.tsx';
import { IncidentsScreen } from '../screens/incidents/incidents.tsx';
import { RestoreScreen } from '../screens/restore/restore.tsx';
import { RunsScreen } from '../screens/runs/runs.tsx';
import { SettingsScreen } from '../screens/settings/settings.tsx';
import { TodayScreen } from '../screens/today/today.tsx';
import { useApplication } from '../stores/context.tsx';
import type { Workspace } from '../../contract/vocabulary.ts';
import { BuiltBundlesScreen } from '../screens/collect/built-bundles.tsx';
import { MediaScreen } from '../screens/collect/media.tsx';
import { NeedsListsScreen } from '../screens/collect/needs-lists.tsx';
import { SigningKeysScreen } from '../screens/collect/keys-screen.tsx';
import { SourcesScreen } from '../screens/collect/sources.tsx';
import { MyKeyScreen } from '../screens/review/my-key.tsx';
import { PacksScreen } from '../screens/review/packs.tsx';
import { PoliciesScreen } from '../screens/review/policies.tsx';
import type { ScreenName } from '../stores/navigation-store.ts';
import { destinationsOf, screenIn, SETTINGS } from './destinations.ts';
import { KeysDialog } from './keys-dialog.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { MarkingBand, TopBar } from './top-bar.tsx';

const SCREENS: Readonly<Record<ScreenName, ComponentType>> = {
  today: TodayScreen,
  endpoints: EndpointsScreen,
  catalogue: CatalogueScreen,
  approvals: ApprovalsScreen,
  runs: RunsScreen,
  restore: RestoreScreen,
  incidents: IncidentsScreen,
  settings: SettingsScreen,
  sources: SourcesScreen,
  needs: NeedsListsScreen,
  bundles: BuiltBundlesScreen,
  media: MediaScreen,
  keys: SigningKeysScreen,
  packs: PacksScreen,
  policies: PoliciesScreen,
  'my-key': MyKeyScreen,
};

/** Time within which the second key of `g e` must come. */
const SEQUENCE_MS = 1_200;

export function Frame(props: { readonly site: SiteView }) {
  const { navigation } = useApplication();
  const workspace = props.site.site?.workspace ?? 'operate';
  const screen = screenIn(
    workspace,
    useStore(navigation, (state) => state.screen),
  );
  const paletteOpen = useStore(navigation, (state) => state.paletteOpen);
  const keysOpen = useStore(navigation, (state) => state.keysOpen);
  const Screen = SCREENS[screen];
  useFrameKeys(workspace);
  useEffect(() => {
    const title =
      [...destinationsOf(workspace), SETTINGS].find((destination) => destination.screen === screen)?.title ??
      '';
    document.title = `${title} - ${props.site.site?.name ?? ''} - Sallyport`;
  }, [screen, workspace, props.site.site?.name]);
  return (
    <div className="frame">
      <a className="skip-link" href="#screen">
        Skip to the screen
      </a>
      <MarkingBand site={props.site} />
      <Rail workspace={workspace} />
      <TopBar site={props.site} />
      <main className={`screen screen-${screen}`} id="screen" tabIndex={-1}>
        <Screen />
      </main>
      {paletteOpen && <Palette />}
      {keysOpen && <KeysDialog workspace={workspace} />}
    </div>
  );
}

function useFrameKeys(workspace: Workspace): void {
  const { navigation } = useApplication();
  const sequenceUntil = useRef(0);
  const destinations = [...destinationsOf(workspace), SETTINGS];
  useKeys({
    'Ctrl+k': () => navigation.getState().showPalette(!navigation.getState().paletteOpen),
    '?': () => navigation.getState().showKeys(true),
    '/': () => document.querySelector<HTMLInputElement>('.screen .search-input')?.focus(),
  });
  // Two keys in a row: taken before the screens see the second one.
  useEffect(() => {
    const typing = (target: EventTarget | null): boolean =>
      target instanceof HTMLElement &&
      target.closest('input, textarea, [contenteditable], .overlay, .popover') !== null;
    const listener = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector('.overlay, .popover') !== null) return;
      if (Date.now() < sequenceUntil.current) {
        sequenceUntil.current = 0;
        const destination = destinations.find((candidate) => candidate.key === event.key);
        if (destination === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        navigation.getState().go(destination.screen);
      }
    };
    document.addEventListener('keydown', listener, { capture: true });
    return () => document.removeEventListener('keydown', listener, { capture: true });
  });
  useKeys({ g: () => (sequenceUntil.current = Date.now() + SEQUENCE_MS) });
}
