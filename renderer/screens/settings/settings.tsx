import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { CheckboxField, RadioField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Facts } from '../../components/facts.tsx';
import { CopyButton, FailureNote, Note } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatInstant } from '../../format/dates.ts';
import { formatBytes } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { useAction } from '../../components/use-action.ts';
import type { Workspace } from '../../../contract/vocabulary.ts';
import { WORKSPACE_ORDER, WORKSPACE_WORDS } from '../../format/words.ts';
import { holdsRole } from '../../stores/session-store.ts';
import { Audit } from './audit.tsx';
import { GroupsAndPolicies } from './groups.tsx';
import { Hypervisors } from './hypervisors.tsx';
import { RaciMatrix } from './raci-matrix.tsx';
import { People } from './people.tsx';
import { Reviewers } from './reviewers.tsx';

export function SettingsScreen() {
  const { navigation, records, session } = useApplication();
  const workspace = useStore(session, (state) => state.site.value?.site?.workspace);
  const section = useStore(navigation, (state) => state.section.settings ?? 'site');
  useEffect(() => {
    if (workspace !== 'review') void records.getState().refreshSite();
  }, [records, workspace]);
  return (
    <div className="master">
      <ScreenHead title="Settings" />
      <Tabs
        label="Settings"
        chosen={section}
        onChoose={(id) => navigation.getState().openSection('settings', id)}
        tabs={[
          ...(workspace === 'review'
            ? []
            : [
                { id: 'site', title: 'Site', content: <Site /> },
                { id: 'people', title: 'People', content: <People /> },
              ]),
          ...(workspace === 'operate'
            ? [{ id: 'reviewers', title: 'Reviewers', content: <Reviewers /> }]
            : []),
          ...(workspace === 'operate'
            ? [{ id: 'hypervisors', title: 'Hypervisors', content: <Hypervisors /> }]
            : []),
          ...(workspace === 'operate'
            ? [{ id: 'groups', title: 'Groups and policies', content: <GroupsAndPolicies /> }]
            : []),
          ...(workspace === 'operate' ? [{ id: 'raci', title: 'Who answers', content: <RaciMatrix /> }] : []),
          ...(workspace === 'review' ? [] : [{ id: 'audit', title: 'Audit trail', content: <Audit /> }]),
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
      {site.singleOperator && site.workspace === 'operate' && (
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
          {
            label: 'Id, for customers who sign policies',
            value: (
              <>
                <code>{site.id}</code> <CopyButton text={site.id} />
              </>
            ),
          },
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
      <ChangeWorkspace key={site.workspace} workspace={site.workspace} />
    </div>
  );
}

/** Refused by the engine where it would mix the two; here it is only asked for. */
function ChangeWorkspace(props: { readonly workspace: Workspace }) {
  const { session } = useApplication();
  const [workspace, setWorkspace] = useState(props.workspace);
  const mayChange = useStore(session, (state) => holdsRole(state, 'engineer', 'service-manager'));
  const change = useAction(() => session.getState().setWorkspace(workspace));
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void change.run();
      }}
    >
      <RadioField
        label="Workspace"
        value={workspace}
        onChange={setWorkspace}
        choices={WORKSPACE_ORDER.filter((value) => value !== 'review').map((value) => ({
          value,
          label: WORKSPACE_WORDS[value].word,
          hint: WORKSPACE_WORDS[value].means,
        }))}
      />
      {change.failure !== null && (
        <FailureNote failure={change.failure} what="The site stays in its workspace" />
      )}
      {mayChange && workspace !== props.workspace && (
        <div className="form-foot form-foot-start">
          <Button kind="primary" type="submit" busy={change.busy}>
            Change the workspace
          </Button>
        </div>
      )}
    </form>
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
