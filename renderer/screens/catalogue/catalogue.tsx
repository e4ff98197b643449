import { FileDown, FolderInput, Recycle } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatAge } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { Bundles } from './bundles.tsx';
import { Due } from './due.tsx';
import { Garbage } from './garbage.tsx';
import { ImportBundle } from './import-bundle.tsx';
import { Patches } from './patches.tsx';

export function CatalogueScreen() {
  const { catalogue, navigation, session } = useApplication();
  const now = useNow(60_000);
  const bundles = useStore(catalogue, (state) => state.bundles);
  const site = useStore(session, (state) => state.site.value);
  const section = useStore(navigation, (state) => state.section.catalogue ?? 'bundles');
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const { openSection } = navigation.getState();
  if (bundles.value === null) {
    return bundles.failure === null ? (
      <Loading what="the catalogue" />
    ) : (
      <FailureNote failure={bundles.failure} />
    );
  }
  const newest = site?.catalogue.newestBundleAt ?? null;
  const patchCount = site?.catalogue.patches ?? 0;
  return (
    <div className="master">
      <ScreenHead
        title={
          section === 'import'
            ? 'Import a bundle'
            : section === 'garbage'
              ? 'Free space'
              : section === 'needs'
                ? 'Export the needs-list'
                : 'Catalogue'
        }
        summary={
          newest === null
            ? 'Nothing imported yet'
            : `${countOf(patchCount, 'patch', 'patches')} from ${countOf(bundles.value.length, 'bundle')}, the newest made ${formatAge(newest, now)}`
        }
        actions={
          isEngineer &&
          section !== 'import' &&
          section !== 'needs' &&
          section !== 'garbage' && (
            <>
              <Button icon={Recycle} onPress={() => openSection('catalogue', 'garbage')}>
                Free space
              </Button>
              <Button icon={FileDown} onPress={() => openSection('catalogue', 'needs')}>
                Export needs-list
              </Button>
              {bundles.value.length > 0 && (
                <Button kind="primary" icon={FolderInput} onPress={() => openSection('catalogue', 'import')}>
                  Import a bundle
                </Button>
              )}
            </>
          )
        }
      />
      {section === 'import' && isEngineer ? (
        <ImportBundle />
      ) : section === 'garbage' && isEngineer ? (
        <Garbage />
      ) : section === 'needs' && isEngineer ? (
        <ExportNeeds />
      ) : (
        <Tabs
          label="Views of the catalogue"
          chosen={section}
          onChoose={(id) => openSection('catalogue', id)}
          tabs={[
            {
              id: 'bundles',
              title: 'Bundles',
              count: formatCount(bundles.value.length),
              content: <Bundles bundles={bundles.value} mayImport={isEngineer} />,
            },
            {
              id: 'patches',
              title: 'Patches',
              count: formatCount(patchCount),
              content: <Patches mayPlan={isEngineer} />,
            },
            {
              id: 'due',
              title: 'Due',
              content: <Due />,
            },
          ]}
        />
      )}
    </div>
  );
}

/** The other direction: what this site needs, for whoever builds the next bundle. */
function ExportNeeds() {
  const { catalogue, navigation } = useApplication();
  const [file, setFile] = useState('');
  const exported = useAction(() => catalogue.getState().exportNeeds(file.trim()));
  const [packages, setPackages] = useState<number | null>(null);
  const pick = useAction(() => catalogue.getState().pickNeedsFile());
  const close = (): void => navigation.getState().openSection('catalogue', 'bundles');
  return (
    <form
      className="form narrow scroll"
      onSubmit={(event) => {
        event.preventDefault();
        void exported.run().then((value) => setPackages(value?.packages ?? null));
      }}
    >
      <p>
        It names distributions, suites, architectures and installed packages, so that a bundle carries just
        what this site needs. It names no endpoint and no address.
      </p>
      <div className="form-row form-row-action">
        <TextField label="File to write" value={file} onChange={setFile} mono required />
        <Button
          busy={pick.busy}
          onPress={() =>
            void pick.run().then((chosen) => {
              if (chosen !== null && chosen.path !== null) setFile(chosen.path);
            })
          }
        >
          Choose
        </Button>
      </div>
      {exported.failure !== null && (
        <FailureNote failure={exported.failure} what="The needs-list was not written" />
      )}
      {packages !== null && (
        <Note tone="good" title="Written">
          <p>
            {countOf(packages, 'package')} in <code>{file}</code>. Take it to whoever builds the bundle.
          </p>
        </Note>
      )}
      <div className="form-foot">
        <Button onPress={close}>Close</Button>
        <Button kind="primary" type="submit" disabled={file.trim() === ''} busy={exported.busy}>
          Export
        </Button>
      </div>
    </form>
  );
}
