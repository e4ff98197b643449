import { Keyboard, Monitor, Moon, Sun } from 'lucide-react';
import { Button as AriaButton, Radio, RadioGroup } from 'react-aria-components';
import { useStore } from 'zustand';
import type { Workspace } from '../../contract/vocabulary.ts';
import { formatCount } from '../format/figures.ts';
import { useApplication } from '../stores/context.tsx';
import type { ScreenName } from '../stores/navigation-store.ts';
import type { Theme } from '../stores/preferences-store.ts';
import { destinationsOf, screenIn, SETTINGS, type Destination } from './destinations.ts';

interface Waiting {
  readonly count: number;
  readonly what: string;
  readonly urgent: boolean;
}

/** What waits on a screen: approvals to decide, runs that need a person. */
function useWaiting(): Partial<Record<ScreenName, Waiting>> {
  const { approvals, notices, runs } = useApplication();
  const toDecide = useStore(
    approvals,
    (state) => state.approvals.value?.filter((approval) => approval.status === 'requested').length ?? 0,
  );
  const attention = useStore(
    runs,
    (state) => state.list.value?.reduce((sum, run) => sum + (run.outcomes['needs-attention'] ?? 0), 0) ?? 0,
  );
  const running = useStore(
    runs,
    (state) => state.list.value?.filter((run) => run.status === 'running').length ?? 0,
  );
  const asked = useStore(notices, (state) => state.mine.value?.asked.length ?? 0);
  const unseen = useStore(
    notices,
    (state) => state.mine.value?.told.filter((item) => item.isNew).length ?? 0,
  );
  const held = useStore(notices, (state) => state.mine.value?.holds.length ?? 0);
  const forMe = held + asked + unseen;
  return {
    ...(forMe > 0 ? { today: { count: forMe, what: 'waiting for you', urgent: false } } : {}),
    ...(toDecide > 0
      ? { approvals: { count: toDecide, what: 'waiting for a decision', urgent: false } }
      : {}),
    ...(attention > 0
      ? { runs: { count: attention, what: 'needing attention', urgent: true } }
      : running > 0
        ? { runs: { count: running, what: 'running', urgent: false } }
        : {}),
  };
}

export function Rail(props: { readonly workspace: Workspace }) {
  const waiting = useWaiting();
  const { navigation } = useApplication();
  return (
    <nav className="rail" aria-label="Screens">
      <ul>
        {destinationsOf(props.workspace).map((destination) => (
          <li key={destination.screen}>
            <RailButton
              destination={destination}
              workspace={props.workspace}
              waiting={waiting[destination.screen]}
            />
          </li>
        ))}
      </ul>
      <div className="rail-foot">
        <ul>
          <li>
            <RailButton destination={SETTINGS} workspace={props.workspace} waiting={undefined} />
          </li>
          <li>
            <AriaButton className="rail-button" onPress={() => navigation.getState().showKeys(true)}>
              <Keyboard aria-hidden size={17} />
              <span>Keys</span>
              <kbd className="key" aria-hidden>
                ?
              </kbd>
            </AriaButton>
          </li>
        </ul>
        <ThemeSwitch />
      </div>
    </nav>
  );
}

function RailButton(props: {
  readonly destination: Destination;
  readonly workspace: Workspace;
  readonly waiting: Waiting | undefined;
}) {
  const { navigation } = useApplication();
  const { screen, title, icon: Icon } = props.destination;
  const current = useStore(navigation, (state) => screenIn(props.workspace, state.screen) === screen);
  return (
    <AriaButton
      className="rail-button"
      onPress={() => navigation.getState().go(screen)}
      {...(current ? { 'aria-current': 'page' as const } : {})}
    >
      <Icon aria-hidden size={17} />
      <span>{title}</span>
      {props.waiting !== undefined && (
        <span className={props.waiting.urgent ? 'rail-count rail-count-urgent' : 'rail-count'}>
          {formatCount(props.waiting.count)}
          <span className="unseen"> {props.waiting.what}</span>
        </span>
      )}
    </AriaButton>
  );
}

const THEMES = [
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
  { value: 'system', label: 'As the system', icon: Monitor },
] as const;

function ThemeSwitch() {
  const { preferences } = useApplication();
  const theme = useStore(preferences, (state) => state.theme);
  return (
    <RadioGroup
      className="theme-switch"
      aria-label="Theme"
      orientation="horizontal"
      value={theme}
      onChange={(value) => preferences.getState().setTheme(value as Theme)}
    >
      {THEMES.map(({ value, label, icon: Icon }) => (
        <Radio key={value} value={value} className="theme-choice" aria-label={label}>
          <Icon aria-hidden size={15} />
        </Radio>
      ))}
    </RadioGroup>
  );
}
