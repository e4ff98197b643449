import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import { markingText } from '../../contract/marking.ts';
import { Cpu, FlaskConical, LockKeyhole, LockKeyholeOpen, LogOut, Search } from 'lucide-react';
import { Button as AriaButton, Dialog, DialogTrigger, Popover } from 'react-aria-components';
import { useStore } from 'zustand';
import type { SiteView } from '../../contract/site.ts';
import { Button } from '../components/button.tsx';
import { OperationProgress } from '../components/operation-progress.tsx';
import { Ring } from '../components/status.tsx';
import { formatDay, formatClock, formatZone } from '../format/dates.ts';
import { countOf, formatBytes, formatShare } from '../format/figures.ts';
import { ROLE_WORDS } from '../format/words.ts';
import { useApplication, useNow } from '../stores/context.tsx';
import { useDeskMarking } from './desk-marking.ts';
import { listRunning } from '../stores/operations-store.ts';

/**
 * The protective marking: always there, on every screen and every print. In Review, which has none of its own, it is that of the pack
 * that is open, else what the packs of compared sites have in common.
 */
export function MarkingBand(props: { readonly site: SiteView }) {
  const now = useNow(1_000);
  const site = props.site.site;
  const desk = useDeskMarking();
  const marking = site?.workspace === 'review' ? desk : markingText(site?.marking ?? '');
  return (
    <div className="band" role="banner">
      <span className="band-site">{site?.name ?? ''}</span>
      <strong className="band-marking">{site === null ? '' : marking}</strong>
      <span className="band-end">
        {site?.singleOperator === true && site.workspace === 'operate' && (
          <span className="band-operator" title={SINGLE_OPERATOR}>
            One operator<span className="unseen band-declaration">: {SINGLE_OPERATOR}</span>
          </span>
        )}
        {site?.simulated === true && (
          <span className="band-simulated">
            <FlaskConical aria-hidden size={13} />
            Simulated endpoints
          </span>
        )}
        <time dateTime={new Date(now).toISOString()}>
          {formatDay(now)}, {formatClock(now)} {formatZone(now)}
        </time>
      </span>
    </div>
  );
}

export function TopBar(props: { readonly site: SiteView }) {
  const { navigation, session } = useApplication();
  const person = props.site.signedIn;
  return (
    <div className="top-bar" role="region" aria-label="Site and session">
      <AriaButton className="palette-button" onPress={() => navigation.getState().showPalette(true)}>
        <Search aria-hidden size={15} />
        <span>Go to or do</span>
        <kbd className="key" aria-hidden>
          Ctrl K
        </kbd>
      </AriaButton>
      <div className="top-states">
        <Operations />
        <EngineBadge site={props.site} />
        {props.site.site?.workspace !== 'review' && <VaultBadge site={props.site} />}
      </div>
      {person !== null && (
        <div className="who">
          <span className="who-name">{person.name}</span>
          <span className="who-roles">{person.roles.map((role) => ROLE_WORDS[role].word).join(', ')}</span>
        </div>
      )}
      {person !== null && (
        <Button kind="quiet" icon={LogOut} onPress={() => void session.getState().signOut()}>
          Lock
        </Button>
      )}
    </div>
  );
}

const ENGINE_WORDS = {
  ready: { word: 'Engine ready', tone: 'good' },
  starting: { word: 'Engine starting', tone: 'warn' },
  lost: { word: 'Engine lost, restarting', tone: 'bad' },
} as const;

function EngineBadge(props: { readonly site: SiteView }) {
  const { session } = useApplication();
  const engine = useStore(session, (state) => state.engine);
  const { word, tone } = ENGINE_WORDS[engine];
  const { version, node, memoryBytes } = props.site.engine;
  return (
    <span
      className={`top-state tone-${tone}`}
      title={`Version ${version}, Node ${node}, ${formatBytes(memoryBytes)} of memory`}
      role="status"
    >
      <Cpu aria-hidden size={15} />
      {word}
    </span>
  );
}

function VaultBadge(props: { readonly site: SiteView }) {
  const { vault, keyring } = props.site;
  const unlocked = vault === 'unlocked';
  const Icon = unlocked ? LockKeyholeOpen : LockKeyhole;
  const kept = keyring === 'in-use' ? ' Its key is wrapped by the keyring of this system.' : '';
  return (
    <span
      className={`top-state tone-${unlocked ? 'good' : 'warn'}`}
      title={`${unlocked ? 'The engine can use the sealed credentials.' : 'Credentials are sealed: sign in to open the vault.'}${kept}`}
    >
      <Icon aria-hidden size={15} />
      {unlocked ? 'Vault open' : vault === 'locked' ? 'Vault locked' : 'No vault'}
    </span>
  );
}

/** Work under way, on whatever screen it was started. */
function Operations() {
  const { operations } = useApplication();
  const state = useStore(operations);
  const running = listRunning(state);
  const first = running[0];
  if (first === undefined) return null;
  const share = first.total > 0 ? first.done / first.total : null;
  return (
    <DialogTrigger>
      <AriaButton className="top-state top-operations">
        <Ring progress={share} />
        {running.length === 1
          ? `${first.title} ${formatShare(first.done, first.total)}`
          : countOf(running.length, 'operation')}
      </AriaButton>
      <Popover className="popover" placement="bottom end">
        <Dialog className="operations" aria-label="Work under way">
          {running.map((operation) => (
            <OperationProgress
              key={operation.id}
              operation={operation}
              onCancel={() => void operations.getState().cancel(operation.id)}
            />
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
