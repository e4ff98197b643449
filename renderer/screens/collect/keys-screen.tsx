import { KeyRound, Printer, RotateCw, ShieldCheck } from 'lucide-react';
import { useStore } from 'zustand';
import type { KeyStatusView } from '../../../contract/keys.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { formatDay } from '../../format/dates.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { KeyCards } from './key-card.tsx';
import { KeyCeremony } from './key-ceremony.tsx';
import { ChangeKeys } from './key-change.tsx';
import { Rehearsal, SignElsewhere } from './key-rehearsal.tsx';
import { KeyStatus } from './key-status.tsx';
import { ChooseKeys } from './signing-keys.tsx';

const TITLES: Readonly<Record<string, string>> = {
  ceremony: 'Key ceremony',
  rehearse: 'Rehearsal',
  sign: 'Sign a draft',
  change: 'Change the keys',
  card: 'Key cards',
  choose: 'Use other keys',
};

/** The keys that sites trust: how they stand, the ceremony that makes them, and everything that becomes of them. */
export function SigningKeysScreen() {
  const { keys, navigation, session } = useApplication();
  const status = useStore(keys, (state) => state.status);
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const section = useStore(navigation, (state) => state.section.keys ?? 'status');
  const close = (): void => navigation.getState().openSection('keys', 'status');
  if (status.value === null && status.failure === null) return <Loading what="the keys" />;
  const view = status.value?.keys ?? null;
  return (
    <div className="master">
      <ScreenHead
        title={TITLES[section] ?? 'Signing keys'}
        summary={summarise(view)}
        actions={view !== null && section === 'status' && <Actions keys={view} isEngineer={isEngineer} />}
      />
      {section === 'ceremony' && isEngineer ? (
        <KeyCeremony onDone={() => navigation.getState().openSection('keys', 'card')} onCancel={close} />
      ) : section === 'card' && view !== null ? (
        <KeyCards keys={view} onClose={close} />
      ) : (
        <div className="scroll keys-body">
          {status.failure !== null && <FailureNote failure={status.failure} what="The keys can’t be read" />}
          {section === 'rehearse' && isEngineer ? (
            <Rehearsal onClose={close} />
          ) : section === 'sign' && isEngineer ? (
            <SignElsewhere onClose={close} />
          ) : section === 'change' && isEngineer && view !== null ? (
            <ChangeKeys keys={view} onClose={close} />
          ) : section === 'choose' && isEngineer ? (
            <ChooseKeys onDone={close} onCancel={close} />
          ) : view !== null ? (
            <KeyStatus keys={view} isEngineer={isEngineer} />
          ) : (
            status.failure === null && <NoKeys isEngineer={isEngineer} />
          )}
        </div>
      )}
    </div>
  );
}

function summarise(keys: KeyStatusView | null): string {
  if (keys === null) return 'Bundles are signed, so that a site can tell that they came from you';
  const holders = keys.keys.filter(({ use }) => use === 'root').length;
  const who = holders === 0 ? 'one key for everything' : `${keys.threshold} of ${holders} keyholders`;
  return `Root ${keys.version}, ${who}, until ${formatDay(keys.expiresAt)}`;
}

function Actions(props: { readonly keys: KeyStatusView; readonly isEngineer: boolean }) {
  const { openSection } = useApplication().navigation.getState();
  const hasHolders = props.keys.keys.some(({ use }) => use === 'root');
  return (
    <>
      <Button icon={Printer} onPress={() => openSection('keys', 'card')}>
        Key cards
      </Button>
      {props.isEngineer && hasHolders && (
        <Button icon={ShieldCheck} onPress={() => openSection('keys', 'rehearse')}>
          Rehearse
        </Button>
      )}
      {props.isEngineer && (
        <>
          {hasHolders && props.keys.draft === null && (
            <Button icon={RotateCw} onPress={() => openSection('keys', 'change')}>
              Change the keys
            </Button>
          )}
          <Button icon={KeyRound} onPress={() => openSection('keys', 'choose')}>
            Use other keys
          </Button>
        </>
      )}
    </>
  );
}

function NoKeys(props: { readonly isEngineer: boolean }) {
  const { openSection } = useApplication().navigation.getState();
  return (
    <Empty
      icon={KeyRound}
      title="No signing keys yet"
      action={
        props.isEngineer && (
          <div className="actions">
            <Button kind="primary" icon={KeyRound} onPress={() => openSection('keys', 'ceremony')}>
              Hold a key ceremony
            </Button>
            <Button onPress={() => openSection('keys', 'choose')}>Use or make other keys</Button>
            <Button kind="quiet" onPress={() => openSection('keys', 'sign')}>
              Sign a draft as a keyholder
            </Button>
          </div>
        )
      }
    >
      <p>
        In a ceremony three persons get a key each, on media of their own, of whom two must sign a change.
        This machine gets keys that sign each bundle, and that the keyholders can replace. A single key for
        everything is for a laboratory.
      </p>
    </Empty>
  );
}
