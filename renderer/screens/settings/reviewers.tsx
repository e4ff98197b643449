import { Ban, Eye, KeyRound, Pencil, UserCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { ReviewKeyView } from '../../../contract/reviewers.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { Empty, FailureNote, Loading, Note } from '../../components/notes.tsx';
import { formatDay, formatInstant } from '../../format/dates.ts';
import { groupDigest } from '../../format/figures.ts';
import { COMPARED_WORDS, KEY_STATES, sayCustomers, sayValidity, sortKeys } from '../../format/reviewers.ts';
import { capitalise } from '../../format/words.ts';
import { useApplication } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { ChangeCustomers } from './change-customers.tsx';
import { EnrolReviewer } from './enrol-reviewer.tsx';
import { RevokeReviewer } from './revoke-reviewer.tsx';
import { Words } from '../../components/words.tsx';

/** The keys that customers sign decisions with: whose, since when, until when, and on whose word. */
export function Reviewers() {
  const { reviewers, session } = useApplication();
  const keys = useStore(reviewers, (state) => state.keys);
  const mayChange = useStore(session, (state) => holdsRole(state, 'service-manager', 'engineer'));
  const [enrolling, setEnrolling] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  useEffect(() => void reviewers.getState().refresh(), [reviewers]);
  if (keys.value === null) {
    return keys.failure === null ? (
      <Loading what="the keys" />
    ) : (
      <FailureNote failure={keys.failure} what="The keys could not be read" />
    );
  }
  const shown = keys.value.find(({ id }) => id === chosen);
  const begin = (
    <Button
      icon={UserCheck}
      {...(keys.value.length === 0 ? { kind: 'primary' as const } : {})}
      onPress={() => {
        setChosen(null);
        setEnrolling(true);
      }}
    >
      Enrol a reviewer
    </Button>
  );
  return (
    <div className="scroll settings settings-wide">
      {keys.failure !== null && (
        <FailureNote failure={keys.failure} what="The keys could not be read again" />
      )}
      {keys.value.length === 0 && !enrolling ? (
        <Empty icon={KeyRound} title="No reviewer is enrolled" {...(mayChange ? { action: begin } : {})}>
          <p>
            A customer who decides on their own machine signs with a key of their own. Enrol it once, after
            comparing its fingerprint with its owner. Until then nothing that it signs counts.
          </p>
        </Empty>
      ) : (
        keys.value.length > 0 && <KeyTable keys={keys.value} chosen={chosen} onChoose={setChosen} />
      )}
      {shown !== undefined && (
        <KeyCard key={shown.id} shown={shown} mayRevoke={mayChange} onClose={() => setChosen(null)} />
      )}
      {enrolling ? (
        <EnrolReviewer
          onDone={(key) => {
            setEnrolling(false);
            setChosen(key?.id ?? null);
          }}
        />
      ) : (
        mayChange && keys.value.length > 0 && <div className="no-print">{begin}</div>
      )}
    </div>
  );
}

function KeyTable(props: {
  readonly keys: readonly ReviewKeyView[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}) {
  return (
    <table className="plain-table" aria-label="Keys of reviewers">
      <thead>
        <tr>
          <th>Name</th>
          <th>Key</th>
          <th>Speaks for</th>
          <th>Counts</th>
          <th>State</th>
          <th>Enrolled</th>
          <th className="no-print">Show</th>
        </tr>
      </thead>
      <tbody>
        {sortKeys(props.keys).map((key) => (
          <tr key={key.id} {...(key.id === props.chosen ? { 'aria-current': true } : {})}>
            <td>
              <strong>{key.personName}</strong>
            </td>
            <td>
              <code title={key.id}>{groupDigest(key.id).slice(0, 2).join(' ')}</code>
            </td>
            <td>{sayCustomers(key.customers)}</td>
            <td>{sayValidity(key)}</td>
            <td>
              <KeyState of={key} />
            </td>
            <td>
              {formatDay(key.enrolledAt)}, by {key.enrolledBy}
            </td>
            <td className="no-print">
              <IconButton
                icon={Eye}
                label={`Show the key of ${nameKey(key)}`}
                onPress={() => props.onChoose(key.id)}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A person may have had several keys. */
const nameKey = (key: ReviewKeyView): string => `${key.personName}, ${key.id.slice(0, 8)}`;

function KeyState(props: { readonly of: ReviewKeyView }) {
  const { word, tone } = KEY_STATES[props.of.state];
  return <span className={`badge tone-${tone}`}>{word}</span>;
}

function KeyCard(props: {
  readonly shown: ReviewKeyView;
  readonly mayRevoke: boolean;
  readonly onClose: () => void;
}) {
  const { session } = useApplication();
  const { shown } = props;
  const mayLetSpeak = useStore(session, (state) => holdsRole(state, 'service-manager'));
  const [doing, setDoing] = useState<'nothing' | 'revoking' | 'customers'>('nothing');
  const stop = (): void => setDoing('nothing');
  return (
    <section className="card" aria-label={`Key of ${shown.personName}`}>
      <h2>{`Key of ${shown.personName}`}</h2>
      {shown.state === 'revoked' && (
        <Note
          tone="warn"
          title={`Revoked ${formatInstant(shown.revokedAt ?? '')} by ${shown.revokedBy ?? ''}`}
        >
          <p>{shown.revokedReason}</p>
          <p>
            Nothing that it signed counts. If its owner still decides, they make a new key: enrol that one.
          </p>
        </Note>
      )}
      {shown.state === 'expired' && (
        <Note tone="warn" title={`It counted until ${formatInstant(shown.validUntil ?? '')}`}>
          <p>Decisions that come in now are refused. Its owner makes a new key: enrol that one.</p>
        </Note>
      )}
      <Facts
        facts={[
          { label: 'State', value: <KeyState of={shown} /> },
          { label: 'Counts', value: sayValidity(shown) },
          { label: 'Speaks for', value: sayCustomers(shown.customers) },
          { label: 'Enrolled', value: `${formatInstant(shown.enrolledAt)}, by ${shown.enrolledBy}` },
          {
            label: 'Compared',
            value:
              shown.compared === null ? 'Nobody said how' : capitalise(COMPARED_WORDS[shown.compared].said),
          },
        ]}
      />
      <h3>Fingerprint</h3>
      <Digest digest={shown.id} label={`Fingerprint of the key of ${shown.personName}`} />
      {doing === 'nothing' && <Words words={shown.words} label="Fingerprint in words" />}
      {doing === 'revoking' && <RevokeReviewer shown={shown} onDone={stop} />}
      {doing === 'customers' && <ChangeCustomers shown={shown} onDone={stop} />}
      {doing === 'nothing' && (
        <div className="form-foot form-foot-start no-print">
          <Button onPress={props.onClose}>Close</Button>
          <Button onPress={() => window.print()}>Print</Button>
          {mayLetSpeak && (
            <Button icon={Pencil} onPress={() => setDoing('customers')}>
              Change whom they speak for
            </Button>
          )}
          {props.mayRevoke && shown.state !== 'revoked' && (
            <Button kind="danger" icon={Ban} onPress={() => setDoing('revoking')}>
              Revoke this key
            </Button>
          )}
        </div>
      )}
    </section>
  );
}
