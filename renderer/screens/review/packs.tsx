import { FileCheck2, FolderInput } from 'lucide-react';
import { useStore } from 'zustand';
import type { DeskPackView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { OpenFile } from '../../components/open-file.tsx';
import { formatWhenInside } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { PackPane } from './pack-pane.tsx';
import { isForeign, standOf } from './pack-words.ts';

/** What sites asked this customer to decide. */
export function PacksScreen() {
  const { desk, navigation } = useApplication();
  const packs = useStore(desk, (state) => state.packs);
  const openId = useStore(navigation, (state) => state.open.packs ?? null);
  const opening = useStore(navigation, (state) => state.section.packs === 'open');
  const now = useNow(60_000);
  const { openObject, openSection } = navigation.getState();
  if (packs.value === null) {
    return packs.failure === null ? <Loading what="the packs" /> : <FailureNote failure={packs.failure} />;
  }
  const list = packs.value;
  const chosen = list.find((pack) => pack.id === openId);
  const waiting = list.filter(isWaiting);
  if (chosen !== undefined && !opening) {
    return <PackPane key={chosen.id} pack={chosen} onClose={() => openObject('packs', null)} />;
  }
  const begin = (
    <Button kind="primary" icon={FolderInput} onPress={() => openSection('packs', 'open')}>
      Open a pack
    </Button>
  );
  return (
    <div className="master">
      <ScreenHead
        title="Packs"
        count={list.length}
        summary={
          waiting.length === 0
            ? 'Nothing waits for your decision'
            : `${countOf(waiting.length, 'pack')} to decide`
        }
        actions={list.length > 0 && begin}
      />
      {opening && <OpenPack onClose={() => openSection('packs', 'list')} />}
      {list.length === 0 ? (
        !opening && (
          <Empty icon={FileCheck2} title="No pack was opened yet" action={begin}>
            <p>
              A site gives you a review pack on a medium: a file whose name ends in .zip or .json. Open it
              here, decide patch by patch, sign, and give the decision file back. Nothing is sent anywhere.
            </p>
          </Empty>
        )
      ) : (
        <div className="pack-list scroll">
          {groupsOf(list).map((group) => (
            <section key={group.title}>
              <h2>{group.title}</h2>
              <ul>
                {group.items.map((pack) => (
                  <li key={pack.id}>
                    <button type="button" className="pack-line" onClick={() => openObject('packs', pack.id)}>
                      <span className="object-line">
                        <strong>{pack.siteName}</strong>
                        <span className={`badge tone-${standOf(pack).tone}`}>{standOf(pack).word}</span>
                      </span>
                      <span className="object-line soft">
                        <span>Cut-off {formatWhenInside(pack.cutOffAt, now)}</span>
                        <span className="figures">
                          {pack.decided} of {pack.patches} decided
                        </span>
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </div>
  );
}

const isWaiting = (pack: DeskPackView): boolean => pack.state === 'open' && !isForeign(pack);

function groupsOf(list: readonly DeskPackView[]) {
  const waiting = list.filter(isWaiting);
  const foreign = list.filter(isForeign);
  const rest = list.filter((pack) => !isWaiting(pack) && !isForeign(pack));
  return [
    ...(foreign.length > 0 ? [{ title: 'Not from the site: do not decide on these', items: foreign }] : []),
    ...(waiting.length > 0 ? [{ title: 'To decide', items: waiting }] : []),
    ...(rest.length > 0 ? [{ title: 'Closed', items: rest }] : []),
  ];
}

function OpenPack(props: { readonly onClose: () => void }) {
  const { desk, navigation } = useApplication();
  return (
    <OpenFile
      label="File of the pack"
      hint="Its signature is checked before anything of it is read."
      placeholder="/media/usb/review-pack.zip"
      pick={() => desk.getState().pickFile('Review pack', 'open')}
      open={(path) => desk.getState().open(path)}
      onOpened={(pack) => {
        navigation.getState().openObject('packs', pack.id);
        props.onClose();
      }}
      onClose={props.onClose}
    />
  );
}
