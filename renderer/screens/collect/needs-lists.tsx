import { FilePlus, Package, Trash2 } from 'lucide-react';
import { useStore } from 'zustand';
import type { NeedsListView } from '../../../contract/collect.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField } from '../../components/fields.tsx';
import { Facts } from '../../components/facts.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading, Note } from '../../components/notes.tsx';
import { ObjectList } from '../../components/object-list.tsx';
import { OpenFile } from '../../components/open-file.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatAge, formatInstant, formatWhenInside } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';

/** What sites ask for. One or several are chosen for the next bundle. */
export function NeedsListsScreen() {
  const { collect, navigation, session } = useApplication();
  const needs = useStore(collect, (state) => state.needs);
  const chosenForBuild = useStore(collect, (state) => state.chosen);
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const openId = useStore(navigation, (state) => state.open.needs ?? null);
  const adding = useStore(navigation, (state) => state.section.needs === 'open');
  const now = useNow(60_000);
  const { openObject, openSection, go } = navigation.getState();
  if (needs.value === null) {
    return needs.failure === null ? (
      <Loading what="the needs-lists" />
    ) : (
      <FailureNote failure={needs.failure} />
    );
  }
  const lists = needs.value;
  const chosen = lists.find((list) => list.id === openId) ?? lists[0];
  return (
    <div className="master">
      <ScreenHead
        title="Needs-lists"
        count={lists.length}
        summary={
          chosenForBuild.size === 0
            ? 'Choose those that the next bundle is for'
            : `${countOf(chosenForBuild.size, 'list')} chosen for the next bundle`
        }
        actions={
          isEngineer && (
            <>
              <Button icon={FilePlus} onPress={() => openSection('needs', 'open')}>
                Open a needs-list
              </Button>
              {lists.length > 0 && (
                <Button
                  kind="primary"
                  icon={Package}
                  disabled={chosenForBuild.size === 0}
                  onPress={() => go('bundles', null, 'build')}
                >
                  Build a bundle
                </Button>
              )}
            </>
          )
        }
      />
      {adding && isEngineer && <OpenNeeds onClose={() => openSection('needs', 'list')} />}
      {chosen === undefined ? (
        !adding && (
          <Empty
            icon={FilePlus}
            title="No needs-list yet"
            action={
              isEngineer && (
                <Button kind="primary" icon={FilePlus} onPress={() => openSection('needs', 'open')}>
                  Open a needs-list
                </Button>
              )
            }
          >
            <p>
              A site exports one under Catalogue. It names platforms and installed packages, no endpoint and
              no address. Several of them make one bundle for several sites. For a site that lets nothing out,
              open a baseline: it names repositories, of which everything is brought.
            </p>
          </Empty>
        )
      ) : (
        <div className="queue">
          <ObjectList
            label="Needs-lists"
            groups={[{ title: 'Opened last first', items: lists }]}
            keyOf={(list) => list.id}
            chosen={chosen.id}
            onChoose={(list) => openObject('needs', list.id)}
          >
            {(list) => (
              <>
                <div className="object-line">
                  <strong>{list.name}</strong>
                  {chosenForBuild.has(list.id) && <span className="badge tone-accent">Next bundle</span>}
                </div>
                <div className="object-line soft">
                  <span>
                    {list.kind === 'baseline' ? 'Opened' : 'Written'} {formatAge(list.createdAt, now)}
                  </span>
                  <span className="figures">
                    {list.kind === 'baseline' ? 'Baseline' : countOf(packagesOf(list), 'package')}
                  </span>
                </div>
              </>
            )}
          </ObjectList>
          <NeedsDetail list={chosen} isEngineer={isEngineer} now={now} />
        </div>
      )}
    </div>
  );
}

const packagesOf = (list: NeedsListView): number =>
  list.platforms.reduce((sum, platform) => sum + platform.packages, 0);

function OpenNeeds(props: { readonly onClose: () => void }) {
  const { collect, navigation } = useApplication();
  return (
    <OpenFile
      label="File of the needs-list"
      hint="A baseline is opened in the same way."
      placeholder="/media/usb/needs-list.json"
      pick={() => collect.getState().pickFile('Needs-list', 'json')}
      open={(path) => collect.getState().openNeeds(path)}
      onOpened={(list) => {
        navigation.getState().openObject('needs', list.id);
        props.onClose();
      }}
      onClose={props.onClose}
    />
  );
}

function NeedsDetail(props: {
  readonly list: NeedsListView;
  readonly isEngineer: boolean;
  readonly now: number;
}) {
  const { collect, navigation } = useApplication();
  const { list, now } = props;
  const chosen = useStore(collect, (state) => state.chosen.has(list.id));
  const drop = useAction(() => collect.getState().dropNeeds(list.id));
  const unknown = list.platforms
    .flatMap((platform) => platform.repositories)
    .filter((repository) => repository.address === null);
  return (
    <div className="detail scroll">
      <header className="detail-head">
        <div>
          <h2>{list.name}</h2>
          <p className="soft">
            {list.kind === 'baseline'
              ? 'A baseline: the newest of everything in these repositories.'
              : `Written at the site ${formatWhenInside(list.createdAt, now)}.`}{' '}
            Opened {formatWhenInside(list.openedAt, now)} by {list.openedBy}.
          </p>
        </div>
        {props.isEngineer && (
          <Button icon={Trash2} busy={drop.busy} onPress={() => void drop.run()}>
            Put away
          </Button>
        )}
      </header>
      {props.isEngineer && (
        <CheckboxField
          label="For the next bundle"
          hint="Several lists are merged: what all of these sites have is left out."
          checked={chosen}
          onChange={(on) => collect.getState().choose(list.id, on)}
        />
      )}
      {drop.failure !== null && <FailureNote failure={drop.failure} />}
      {unknown.length > 0 && (
        <Note
          tone="warn"
          title={`No mirror is known for ${unknown.map(({ root, suite }) => `${root} ${suite}`).join(', ')}`}
          action={<Button onPress={() => navigation.getState().go('sources')}>Name a mirror</Button>}
        >
          <p>A bundle can&apos;t be built for this list until each repository has one.</p>
        </Note>
      )}
      <section>
        <h3>What the site has already</h3>
        {list.holdings === null ? (
          <p className="soft">
            {list.kind === 'baseline'
              ? 'A baseline does not say. Keep a register when you build, and the next bundle brings only what is new.'
              : 'It does not say, so the bundle carries everything that is newer.'}
          </p>
        ) : (
          <Facts
            facts={[
              { label: 'Newest bundle', value: `${list.holdings.stream} ${list.holdings.seq}` },
              {
                label: 'Objects',
                value: `${formatCount(list.holdings.objects)}, which the next bundle leaves out`,
              },
              { label: 'As of', value: formatInstant(list.createdAt) },
            ]}
          />
        )}
      </section>
      {list.platforms.map((platform) => (
        <section key={`${platform.distribution}${platform.codename}${platform.architecture}`}>
          <h3>
            {capitalise(platform.distribution)} {platform.codename}, {platform.architecture}:{' '}
            {list.kind === 'baseline' ? 'everything' : countOf(platform.packages, 'package')}
          </h3>
          <table className="plain-table">
            <thead>
              <tr>
                <th>Repository</th>
                <th>Suite</th>
                <th>Fetched from</th>
              </tr>
            </thead>
            <tbody>
              {platform.repositories.map((repository) => (
                <tr key={`${repository.root}${repository.suite}`}>
                  <td>{repository.root}</td>
                  <td>
                    {[repository.suite, repository.components.join(' ')]
                      .filter((text) => text !== '')
                      .join(', ')}
                  </td>
                  <td className={repository.address === null ? 'tone-warn' : 'mono'}>
                    {repository.address ?? 'No mirror is known'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      ))}
      {list.windows.map((platform) => (
        <section key={`${platform.build}${platform.architecture}`}>
          <h3>
            Windows {platform.build}, {platform.architecture}: {countOf(platform.installed, 'article')}{' '}
            installed
          </h3>
          <p className="soft">{platform.products.join(', ')}</p>
        </section>
      ))}
    </div>
  );
}
