import { useState } from 'react';
import { useStore } from 'zustand';
import type { CollectSources, CollectView } from '../../../contract/collect.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { Tabs, type TabContent } from '../../components/tabs.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { SigningKeys } from './signing-keys.tsx';
import { draftOf, proxyProblem, sourcesOfDraft, type SourceDraft } from './source-draft.ts';
import {
  AdvisoryForm,
  FetchingForm,
  MicrosoftForm,
  RepositoryForm,
  type SourceFormProps,
} from './source-forms.tsx';

/** Where vendor content comes from, and with which keys it is signed. */
export function SourcesScreen() {
  const { collect, session } = useApplication();
  const view = useStore(collect, (state) => state.view);
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  if (view.value === null) {
    return view.failure === null ? <Loading what="the sources" /> : <FailureNote failure={view.failure} />;
  }
  return (
    <div className="master">
      <ScreenHead title="Sources" summary={summarise(view.value)} />
      <div className="collect-columns scroll">
        <div className="collect-main">
          <SourceForm key={JSON.stringify(view.value.sources)} view={view.value} isEngineer={isEngineer} />
        </div>
        <aside className="collect-side" aria-label="Signing keys">
          <SigningKeys keys={view.value.keys} isEngineer={isEngineer} />
        </aside>
      </div>
    </div>
  );
}

/** Every kind of source in a line: what comes in, and what is missing. */
function summarise({ apt, sources }: CollectView): string {
  const { mirrors, microsoft, advisories, kev, epss } = sources;
  return [
    `${countOf(new Set(apt.map(({ base }) => base)).size, 'mirror')} of this machine’s apt`,
    `${countOf(mirrors.length, 'mirror')} given here`,
    ...(microsoft === null ? [] : ['Microsoft']),
    ...(advisories.length === 0
      ? []
      : [countOf(advisories.length, 'list of advisories', 'lists of advisories')]),
    kev === null ? 'no KEV' : 'KEV',
    epss === null ? 'no EPSS' : 'EPSS',
  ].join(', ');
}

function SourceForm(props: { readonly view: CollectView; readonly isEngineer: boolean }) {
  const { collect, navigation } = useApplication();
  const section = useStore(navigation, (state) => state.section.sources ?? 'repositories');
  const { sources } = props.view;
  const [draft, setDraft] = useState<SourceDraft>(() => draftOf(sources));
  const save = useAction((next: CollectSources) => collect.getState().setSources(next));
  const next = sourcesOfDraft(draft);
  const changed = JSON.stringify(next) !== JSON.stringify(sources);
  const ready = changed && proxyProblem(draft.proxy) === null;
  const form: SourceFormProps = {
    draft,
    put: (change) => setDraft((before) => ({ ...before, ...change })),
    view: props.view,
  };
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void save.run(next);
      }}
    >
      <Tabs
        label="Kinds of sources"
        chosen={section}
        onChoose={(id) => navigation.getState().openSection('sources', id)}
        tabs={tabsOf(form)}
      />
      {save.failure !== null && <FailureNote failure={save.failure} what="The sources were not changed" />}
      {props.isEngineer && (
        <div className="form-foot form-foot-start">
          <Button kind="primary" type="submit" disabled={!ready} busy={save.busy}>
            Save the sources
          </Button>
          {changed && <span className="soft">There are changes that are not saved.</span>}
        </div>
      )}
    </form>
  );
}

function tabsOf(form: SourceFormProps): readonly TabContent[] {
  const { draft } = form;
  const count = (filled: readonly (string | { readonly root: string })[]): { count?: string } =>
    filled.length === 0 ? {} : { count: formatCount(filled.length) };
  const saved = sourcesOfDraft(draft);
  const lists = [...saved.advisories, saved.kev, saved.epss].filter((place) => place !== null);
  return [
    {
      id: 'repositories',
      title: 'Repositories',
      ...count(saved.mirrors),
      content: <RepositoryForm {...form} />,
    },
    {
      id: 'microsoft',
      title: 'Microsoft',
      ...count(saved.microsoft === null ? [] : [saved.microsoft]),
      content: <MicrosoftForm {...form} />,
    },
    { id: 'advisories', title: 'Advisories and risk', ...count(lists), content: <AdvisoryForm {...form} /> },
    { id: 'fetching', title: 'Fetching', content: <FetchingForm {...form} /> },
  ];
}
