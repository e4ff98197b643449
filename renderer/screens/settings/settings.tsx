import { useEffect } from 'react';
import { useStore } from 'zustand';
import { CheckboxField, RadioField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Facts } from '../../components/facts.tsx';
import { Note } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatInstant } from '../../format/dates.ts';
import { formatBytes } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { Audit } from './audit.tsx';
import { Hypervisors } from './hypervisors.tsx';
import { People } from './people.tsx';

export function SettingsScreen() {
  const { navigation, records } = useApplication();
  const section = useStore(navigation, (state) => state.section.settings ?? 'site');
  useEffect(() => void records.getState().refreshSite(), [records]);
  return (
    <div className="master">
      <ScreenHead title="Settings" />
      <Tabs
        label="Settings"
        chosen={section}
        onChoose={(id) => navigation.getState().openSection('settings', id)}
        tabs={[
          { id: 'site', title: 'Site', content: <Site /> },
          { id: 'people', title: 'People', content: <People /> },
          { id: 'hypervisors', title: 'Hypervisors', content: <Hypervisors /> },
          { id: 'audit', title: 'Audit trail', content: <Audit /> },
          { id: 'window', title: 'This window', content: <WindowSettings /> },
        ]}
      />
    </div>
  );
}

const KEYRING_WORDS = {
  unavailable: 'This system has none. Runs wait for a passphrase after a restart.',
  available: 'There is one; it is not in use.',
  'in-use': 'It wraps the key of the vault, so that runs go on after a restart without a passphrase.',
} as const;

function Site() {
  const { session } = useApplication();
  const view = useStore(session, (state) => state.site.value);
  if (view === null || view.site === null) return null;
  const { site, engine, keyring } = view;
  return (
    <div className="scroll settings">
      {site.singleOperator && (
        <Note tone="warn" title="One person only">
          <p>
            Whoever asks for an approval can&apos;t grant it. With one person on the site nothing can be
            approved until somebody else is added.
          </p>
        </Note>
      )}
      <Facts
        facts={[
          { label: 'Name', value: site.name },
          { label: 'Protective marking', value: site.marking },
          { label: 'Begun', value: formatInstant(site.createdAt) },
          ...(site.simulated
            ? [{ label: 'Endpoints', value: 'Simulated: no real machine stands behind them.' }]
            : []),
          { label: 'Keyring of the system', value: KEYRING_WORDS[keyring] },
          { label: 'Engine', value: `Version ${engine.version}, Node ${engine.node}` },
          {
            label: 'Running since',
            value: `${formatInstant(engine.startedAt)}, ${formatBytes(engine.memoryBytes)} of memory`,
          },
        ]}
      />
    </div>
  );
}

function WindowSettings() {
  const { preferences } = useApplication();
  const { theme, singleKeys, setTheme, setSingleKeys } = useStore(preferences);
  return (
    <div className="scroll settings form">
      <RadioField
        label="Theme"
        inline
        value={theme}
        onChange={setTheme}
        choices={[
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
          { value: 'system', label: 'As the system' },
        ]}
      />
      <CheckboxField
        label="Single letters act"
        hint="j, k, x, a, r and others, without Ctrl. Turn it off if you speak or switch your input."
        checked={singleKeys}
        onChange={setSingleKeys}
      />
    </div>
  );
}
