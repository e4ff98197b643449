import { useState } from 'react';
import type { DeskSite, DeskStatement, OtherKey } from '../../../contract/statements.ts';
import { enrolmentText } from '../../../contract/vocabulary.ts';
import { Button } from '../../components/button.tsx';
import { DateField } from '../../components/date-field.tsx';
import { TextField } from '../../components/fields.tsx';
import { Digest } from '../../components/facts.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { useKeptDraft } from '../../components/use-kept-draft.ts';
import { dayAfter, dayOf, endOfDay, startOfDay } from '../../format/days.ts';
import { fileNameOf } from '../../format/statements.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { SignFields } from './sign-fields.tsx';
import { SignFrame } from './sign-frame.tsx';
import { beginAt, SiteChoice, siteIdOf, type WhereDraft } from './site-choice.tsx';
import { Words } from '../../components/words.tsx';

interface DelegationForm {
  readonly where: WhereDraft;
  /** Enrolment text or public key of the other approver. */
  readonly to: string;
  /** Days; '' of `from`: now. */
  readonly from: string;
  readonly until: string;
  readonly reason: string;
}

/** Lets another approver decide for whoever signs, until a day. */
export function SignDelegation(props: {
  readonly sites: readonly DeskSite[];
  readonly onSigned: (signed: DeskStatement) => void;
  readonly onClose: () => void;
}) {
  const { statements } = useApplication();
  const now = useNow(60_000);
  const { sites } = props;
  const form = useKeptDraft<DelegationForm>('delegation.1', () => ({
    ...{ where: beginAt(sites), to: '', from: '', until: '', reason: '' },
  }));
  const { where, to, from, until, reason } = form.value;
  const change = (part: Partial<DelegationForm>): void => form.set({ ...form.value, ...part });
  const [other, setOther] = useState<OtherKey | null>(null);
  const siteId = siteIdOf(where, sites);
  const begins = from === '' || from === dayOf(now) ? null : startOfDay(from);
  const ends = endOfDay(until);
  const isLater = ends !== null && Date.parse(ends) > Math.max(now, begins === null ? 0 : Date.parse(begins));
  const ready = siteId !== '' && other !== null && isLater && reason.trim().length >= 3;
  return (
    <SignFrame
      title="Sign a delegation"
      summary="Another approver decides for you, until a day"
      wasKept={form.wasKept}
      onClear={form.clear}
      onClose={props.onClose}
    >
      <div className="scroll settings form">
        <p>
          What they decide counts as your word, and as one word: a delegate and whoever they stand in for
          never count as two approvers. They cannot pass it on. The site can end it earlier.
        </p>
        <fieldset>
          <legend>Where</legend>
          <SiteChoice
            sites={sites}
            where={where}
            withCustomer={false}
            onChange={(next) => change({ where: next })}
          />
        </fieldset>
        <fieldset>
          <legend>To whom</legend>
          <FindOther
            text={to}
            onText={(text) => {
              setOther(null);
              change({ to: text });
            }}
            onFound={(found, text) => {
              setOther(found);
              change({ to: text });
            }}
          />
          {other !== null && <Other other={other} />}
        </fieldset>
        <fieldset>
          <legend>How long</legend>
          <div className="form-row">
            <DateField
              label="From (optional)"
              hint="Left empty, from now on."
              value={from}
              min={dayOf(now)}
              onChange={(day) => change({ from: day })}
            />
            <DateField
              label="Until the end of"
              hint="A day after the first one."
              value={until}
              min={dayAfter(now, 1)}
              onChange={(day) => change({ until: day })}
              required
            />
          </div>
          {until !== '' && !isLater && (
            <p className="field-error" role="alert">
              It would end before it begins. Give a later day.
            </p>
          )}
          <TextField
            label="Why"
            hint="For example: on leave. The site shows it beside every decision of theirs."
            value={reason}
            onChange={(text) => change({ reason: text })}
            required
          />
        </fieldset>
        <SignFields
          action="Sign the delegation"
          suggestedName={fileNameOf('delegation', `${other?.name ?? ''} ${until}`)}
          ready={ready}
          sign={(target) =>
            statements.getState().signDelegation({
              ...{ siteId, to: to.trim(), from: begins, until: ends ?? '', reason: reason.trim(), ...target },
            })
          }
          onSigned={(item) => {
            form.clear();
            props.onSigned(item);
          }}
          onCancel={props.onClose}
        />
      </div>
    </SignFrame>
  );
}

function FindOther(props: {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onFound: (other: OtherKey, text: string) => void;
}) {
  const { statements } = useApplication();
  const [file, setFile] = useState('');
  const read = useAction((path: string) =>
    statements.getState().readKey(path === '' ? { text: props.text.trim() } : { file: path }),
  );
  const look = (path: string): void =>
    void read.run(path).then((found) => {
      if (found === null) return;
      // What is signed is the key itself, also when the file is gone by then.
      const text = found.name === '' ? found.publicKey : enrolmentText(found.publicKey, found.name);
      props.onFound(found, path === '' ? props.text.trim() : text);
      setFile('');
    });
  return (
    <>
      <PathField
        label="Enrolment file of the other approver"
        hint="That they saved under My key."
        value={file}
        onChange={setFile}
        pick={() => statements.getState().pickFile('Enrolment file', 'open')}
        onPicked={look}
      />
      <TextField
        label="Or the text of its QR code, or their public key"
        value={props.text}
        onChange={props.onText}
        lines={2}
        mono
      />
      {read.failure !== null && <FailureNote failure={read.failure} what="No key was found in it" />}
      <div>
        <Button
          busy={read.busy}
          disabled={file.trim() === '' && props.text.trim() === ''}
          onPress={() => look(file.trim())}
        >
          Read their key
        </Button>
      </div>
    </>
  );
}

function Other(props: { readonly other: OtherKey }) {
  const { name, fingerprint, words } = props.other;
  return (
    <section aria-label="Key of the other approver">
      <h2>{name === '' ? 'This is their key' : `This is the key of ${name}`}</h2>
      <p className="field-hint">
        Compare the fingerprint with them, by telephone or in person: whoever holds this key decides for you.
      </p>
      <Digest digest={fingerprint} label="Fingerprint of their key" />
      <Words words={words} />
    </section>
  );
}
