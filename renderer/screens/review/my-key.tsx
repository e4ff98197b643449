import { Copy, FileInput, KeyRound, LockKeyhole, Printer, RotateCw, Save, TriangleAlert } from 'lucide-react';
import { useStore } from 'zustand';
import type { MyKeyView, OwnKeyView } from '../../../contract/packs.ts';
import { Button } from '../../components/button.tsx';
import { EnrolmentSheet } from '../../components/enrolment-sheet.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { formatInstant } from '../../format/dates.ts';
import { trustedMarkings } from '../../frame/desk-marking.ts';
import { useApplication } from '../../stores/context.tsx';
import { SitesOnMyKey } from './key-at-sites.tsx';
import { MakeKey } from './make-key.tsx';
import { BackUpKey, BringInKey, ChangePassphrase, SaveForSite } from './my-key-tasks.tsx';

/** What can be done with the key, one at a time; `show` is none of them. */
type Task = 'make' | 'replace' | 'lost' | 'save' | 'backup' | 'passphrase' | 'import' | 'show';

/** The key that this customer signs with, what the site has to know of it, and those that it replaced. */
export function MyKeyScreen() {
  const { desk, navigation } = useApplication();
  const key = useStore(desk, (state) => state.key);
  const task = useStore(navigation, (state) => state.section['my-key'] ?? 'show') as Task;
  const begin = (next: Task): void => navigation.getState().openSection('my-key', next);
  if (key.value === null) {
    return key.failure === null ? <Loading what="your key" /> : <FailureNote failure={key.failure} />;
  }
  const { current, retired } = key.value;
  const close = (): void => begin('show');
  return (
    <div className="master">
      <ScreenHead
        title="My key"
        summary="It signs your decisions. The site enrols it once, after comparing its fingerprint with you"
      />
      <div className="scroll settings settings-wide">
        {current === null ? (
          <NoKey task={task} begin={begin} onClose={close} />
        ) : (
          <>
            <SitesOnMyKey />
            <RunTask task={task} current={current} onClose={close} />
            {(task === 'show' || task === 'make') && <Tasks begin={begin} />}
            <Sheet current={current} />
          </>
        )}
        {retired.length > 0 && <Retired keys={retired} />}
      </div>
    </div>
  );
}

function NoKey(props: {
  readonly task: Task;
  readonly begin: (task: Task) => void;
  readonly onClose: () => void;
}) {
  if (props.task === 'import') return <BringInKey before={null} onClose={props.onClose} />;
  if (props.task === 'make') return <MakeKey before={null} lost={false} onClose={props.onClose} />;
  return (
    <Empty
      icon={KeyRound}
      title="You have no key yet"
      action={
        <>
          <Button kind="primary" icon={KeyRound} onPress={() => props.begin('make')}>
            Make my key
          </Button>
          <Button icon={FileInput} onPress={() => props.begin('import')}>
            Bring in my key
          </Button>
        </>
      }
    >
      <p>
        It is made on this machine and never leaves it unsealed. Your passphrase seals it. If you have a key
        on another machine, bring in a copy of it instead: one key is enough.
      </p>
    </Empty>
  );
}

function Tasks(props: { readonly begin: (task: Task) => void }) {
  const { begin } = props;
  return (
    <div className="key-tasks no-print">
      <Button kind="primary" icon={Save} onPress={() => begin('save')}>
        Save for the site
      </Button>
      <Button icon={Printer} onPress={() => window.print()}>
        Print the sheet
      </Button>
      <Button icon={Copy} onPress={() => begin('backup')}>
        Save a backup copy
      </Button>
      <Button icon={LockKeyhole} onPress={() => begin('passphrase')}>
        Change the passphrase
      </Button>
      <Button icon={RotateCw} onPress={() => begin('replace')}>
        Replace my key
      </Button>
      <Button icon={FileInput} onPress={() => begin('import')}>
        Bring in my key
      </Button>
      <Button icon={TriangleAlert} onPress={() => begin('lost')}>
        I have lost the passphrase
      </Button>
    </div>
  );
}

function RunTask(props: { readonly task: Task; readonly current: OwnKeyView; readonly onClose: () => void }) {
  const { current, onClose } = props;
  switch (props.task) {
    case 'save':
      return <SaveForSite onClose={onClose} />;
    case 'backup':
      return <BackUpKey onClose={onClose} />;
    case 'passphrase':
      return <ChangePassphrase onClose={onClose} />;
    case 'import':
      return <BringInKey before={current} onClose={onClose} />;
    // The form stays as it was begun when the key under it changes.
    case 'replace':
      return <MakeKey key="replace" before={current} lost={false} onClose={onClose} />;
    case 'lost':
      return <MakeKey key="lost" before={current} lost onClose={onClose} />;
    case 'make':
    case 'show':
      return null;
  }
}

function Sheet(props: { readonly current: OwnKeyView }) {
  const { desk } = useApplication();
  // The packs bring the markings of their sites; the newest of a site that was compared is the one that the sheet goes to.
  const marking = useStore(desk, (state) => trustedMarkings(state.packs.value ?? [])[0] ?? '');
  const { name, publicKey, fingerprint, words } = props.current;
  return (
    <>
      <p className="no-print">
        Made {formatInstant(props.current.madeAt)}. Give the file for the site and this sheet by different
        ways: the file on the medium, the sheet in person, by letter or read out by telephone.
      </p>
      <EnrolmentSheet {...{ name, publicKey, fingerprint, words, marking }} />
    </>
  );
}

function Retired(props: { readonly keys: MyKeyView['retired'] }) {
  return (
    <section className="no-print">
      <h2>Replaced keys</h2>
      <p className="soft">
        They sign nothing any more. Have each site that enrolled one revoke it: until then it still counts
        there.
      </p>
      <table className="plain-table">
        <thead>
          <tr>
            <th>Key</th>
            <th>Made</th>
            <th>Replaced</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {props.keys.map((key) => (
            <tr key={key.fingerprint}>
              <td className="mono">{key.fingerprint.slice(0, 16)}</td>
              <td>{formatInstant(key.madeAt)}</td>
              <td>{key.retiredAt === null ? '' : formatInstant(key.retiredAt)}</td>
              <td>{key.retiredBecause}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
