import { UserCheck } from 'lucide-react';
import { useId, useState } from 'react';
import { useStore } from 'zustand';
import {
  COMPARED_WAYS,
  type ComparedWay,
  type Enrolment,
  type ReviewKeyView,
} from '../../../contract/reviewers.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, RadioField, TextField } from '../../components/fields.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDay } from '../../format/dates.ts';
import { COMPARED_WORDS, KEY_STATES } from '../../format/reviewers.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { CustomerChoices } from './change-customers.tsx';

const DAY_MS = 86_400_000;

/** Takes a customer's key for good: where it comes from, whose it is, and that a person compared it with its owner. */
export function EnrolReviewer(props: { readonly onDone: (enrolled: ReviewKeyView | null) => void }) {
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null);
  return (
    <section className="card no-print" aria-label="Enrol a reviewer">
      <h2>Enrol a reviewer</h2>
      {enrolment === null ? (
        <FindKey onFound={setEnrolment} onCancel={() => props.onDone(null)} />
      ) : (
        <CompareKey enrolment={enrolment} onBack={() => setEnrolment(null)} onDone={props.onDone} />
      )}
    </section>
  );
}

/** The key as it came: a file on the medium, or what was scanned, pasted or typed. */
function FindKey(props: { readonly onFound: (enrolment: Enrolment) => void; readonly onCancel: () => void }) {
  const { reviewers } = useApplication();
  const [file, setFile] = useState('');
  const [text, setText] = useState('');
  const read = useAction((path: string) =>
    reviewers.getState().read(path === '' ? { text: text.trim() } : { file: path }),
  );
  const look = (path: string): void =>
    void read.run(path).then((found) => {
      if (found !== null) props.onFound(found);
    });
  const ready = (file.trim() === '') !== (text.trim() === '');
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) look(file.trim());
      }}
    >
      <PathField
        label="Enrolment file"
        hint="That the customer saved under My key, on the medium."
        value={file}
        onChange={setFile}
        pick={() => reviewers.getState().pickFile()}
        onPicked={look}
        placeholder="/media/usb/mira.sallyport-enrol.txt"
        autoFocus
      />
      <TextField
        label="Or the text of its QR code, or the public key"
        hint="sallyport-enrol:1:…, the 64 digits of the public key, or the line of a .pub file by ssh-keygen."
        value={text}
        onChange={setText}
        lines={2}
        mono
      />
      {read.failure !== null && <FailureNote failure={read.failure} what="No key was found in it" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onCancel}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={read.busy}>
          Read the key
        </Button>
      </div>
    </form>
  );
}

function CompareKey(props: {
  readonly enrolment: Enrolment;
  readonly onBack: () => void;
  readonly onDone: (enrolled: ReviewKeyView | null) => void;
}) {
  const { reviewers, session } = useApplication();
  const { enrolment } = props;
  const now = useNow(60_000);
  const mayLetSpeak = useStore(session, (state) => holdsRole(state, 'service-manager'));
  const [name, setName] = useState(enrolment.name);
  const [fingerprint, setFingerprint] = useState('');
  const [compared, setCompared] = useState<ComparedWay>('in-person');
  const [confirmed, setConfirmed] = useState(false);
  const [lastDay, setLastDay] = useState('');
  const [customers, setCustomers] = useState<readonly string[]>([]);
  const dayId = useId();
  const until = lastDay === '' ? null : endOfDay(lastDay);
  const enrol = useAction(() =>
    reviewers.getState().enrol({
      ...{ name: name.trim(), publicKey: enrolment.publicKey, fingerprint: fingerprint.trim() },
      ...{ compared, validUntil: until === null ? null : new Date(until).toISOString() },
      customers: mayLetSpeak && customers.length > 0 ? [...customers] : null,
    }),
  );
  const fits = until === null || until > now;
  const ready = name.trim() !== '' && fingerprint.trim() !== '' && confirmed && fits;
  if (enrolment.known !== null) return <KnownKey known={enrolment.known} onBack={props.onBack} />;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) void enrol.run().then((done) => done !== null && props.onDone(done));
      }}
    >
      <TextField label="Name" value={name} onChange={setName} required autoFocus />
      <SamePerson name={name.trim()} />
      <TextField
        label="Fingerprint, as its owner says or wrote it"
        hint="The 24 words or the 64 digits of their enrolment sheet. Do not copy it from the medium that the key came on: whoever changed the key there changed that as well."
        value={fingerprint}
        onChange={setFingerprint}
        lines={3}
        mono
        required
      />
      <RadioField
        label="How it is compared"
        inline
        value={compared}
        onChange={setCompared}
        choices={COMPARED_WAYS.map((value) => ({ value, label: COMPARED_WORDS[value].choice }))}
      />
      <CheckboxField
        label="I have it from the owner of the key, and know them"
        checked={confirmed}
        onChange={setConfirmed}
      />
      {mayLetSpeak ? (
        <CustomerChoices chosen={customers} onChange={setCustomers} />
      ) : (
        <p className="field-hint">For whom they speak, a service manager puts on record afterwards.</p>
      )}
      <div className="field">
        <label htmlFor={dayId}>Valid until the end of (optional)</label>
        <input
          id={dayId}
          className="input"
          type="date"
          min={new Date(now + DAY_MS).toISOString().slice(0, 10)}
          value={lastDay}
          onChange={(event) => setLastDay(event.target.value)}
        />
        <span className="field-hint">Left empty, it counts until it is revoked.</span>
      </div>
      {enrol.failure !== null && <FailureNote failure={enrol.failure} what="The key was not enrolled" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onBack} disabled={enrol.busy}>
          Back
        </Button>
        <Button kind="primary" type="submit" icon={UserCheck} disabled={!ready} busy={enrol.busy}>
          Enrol the key
        </Button>
      </div>
    </form>
  );
}

/** Whose name it goes under changes what it may do: said before, not after. */
function SamePerson(props: { readonly name: string }) {
  const { records, reviewers } = useApplication();
  const persons = useStore(records, (state) => state.persons.value);
  const keys = useStore(reviewers, (state) => state.keys.value);
  const person = persons?.find(({ name }) => name === props.name);
  if (person === undefined) return null;
  const live = (keys ?? []).filter(({ personId, state }) => personId === person.id && state === 'counts');
  return (
    <Note tone="info" title={`${person.name} is known here`}>
      <p>
        {live.length === 0
          ? 'The key will be theirs.'
          : `The key will be theirs as well, beside the one enrolled ${formatDay(live.at(-1)?.enrolledAt ?? '')}. Revoke that one if it is lost or replaced.`}
      </p>
    </Note>
  );
}

function KnownKey(props: { readonly known: ReviewKeyView; readonly onBack: () => void }) {
  const { known } = props;
  return (
    <>
      <Note
        tone={known.state === 'counts' ? 'good' : 'warn'}
        title={`This key of ${known.personName} is here already: ${KEY_STATES[known.state].word.toLowerCase()}`}
      >
        <p>
          {known.state === 'counts'
            ? 'There is nothing to do.'
            : 'A key that counts no more is never enrolled again. Its owner makes a new one, under My key.'}
        </p>
      </Note>
      <div className="form-foot form-foot-start">
        <Button onPress={props.onBack}>Back</Button>
      </div>
    </>
  );
}

/** Last moment of a day here, `2026-11-24`. */
const endOfDay = (day: string): number => new Date(`${day}T23:59:59`).getTime();
