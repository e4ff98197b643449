import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import type { RootPlanView } from '../../../contract/keys.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField } from '../../components/fields.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDay } from '../../format/dates.ts';
import { useApplication } from '../../stores/context.tsx';
import { KeyTable } from './key-card.tsx';
import { WHY_GONE } from './key-words.ts';
import { MediumForm } from './medium-form.tsx';

/** Opens a keyholder's key and signs with it, as on the day when it is needed. */
export function Rehearsal(props: { readonly onClose: () => void }) {
  const { keys } = useApplication();
  const [shown, setShown] = useState<{ readonly title: string; readonly counts: boolean | null } | null>(
    null,
  );
  const rehearse = useAction((medium: string, passphrase: string) => {
    setShown(null);
    return keys.getState().rehearse(medium, passphrase);
  });
  return (
    <div className="collect-main form">
      <section>
        <h2>Rehearse with a key</h2>
        <p>
          The keyholder plugs in their medium and types their passphrase. The key is opened and signs once, as
          it would on the day when it is needed. Nothing is changed.
        </p>
        <MediumForm
          action="Rehearse"
          busy={rehearse.busy}
          onSubmit={async (medium, passphrase) => {
            const found = await rehearse.run(medium, passphrase);
            if (found !== null) {
              setShown({
                title: `The key of ${found.holder ?? 'nobody named'} opens and signs`,
                counts: found.counts,
              });
            }
          }}
        />
      </section>
      {rehearse.failure !== null && <FailureNote failure={rehearse.failure} what="The key did not work" />}
      {shown !== null && (
        <Note tone={shown.counts === false ? 'warn' : 'good'} icon={CircleCheck} title={shown.title}>
          <p>
            {shown.counts === null
              ? 'There is no root at hand to say whether it counts.'
              : shown.counts
                ? 'The root in force counts it. Take the medium out, and put it back into its safe.'
                : 'The root in force does not count it: it was replaced, or it belongs to other keys.'}
          </p>
        </Note>
      )}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>Back to the keys</Button>
      </div>
    </div>
  );
}

/** A keyholder signs a copy of a draft that was brought to them; no folder of keys is needed for it. */
export function SignElsewhere(props: { readonly onClose: () => void }) {
  const { keys, collect } = useApplication();
  const [file, setFile] = useState('');
  const [plan, setPlan] = useState<RootPlanView | null>(null);
  const [agreed, setAgreed] = useState(false);
  const [signed, setSigned] = useState<string | null>(null);
  const look = useAction((path: string) => keys.getState().readDraft(path));
  const sign = useAction((medium: string, passphrase: string) =>
    keys.getState().sign({ file: file.trim(), medium, passphrase }),
  );
  const read = (path: string): void => {
    setPlan(null);
    setAgreed(false);
    setSigned(null);
    void look.run(path).then(setPlan);
  };
  return (
    <div className="collect-main form">
      <section>
        <h2>Sign a draft as a keyholder</h2>
        <form
          className="form"
          onSubmit={(event) => {
            event.preventDefault();
            if (file.trim() !== '') read(file.trim());
          }}
        >
          <PathField
            label="Draft that was brought to you"
            value={file}
            onChange={setFile}
            pick={() => collect.getState().pickFile('Draft of a root', 'json')}
            onPicked={read}
            placeholder="/media/usb/3.root.draft.json"
          />
          <div className="form-foot form-foot-start">
            <Button type="submit" disabled={file.trim() === ''} busy={look.busy}>
              Read it
            </Button>
          </div>
        </form>
        {look.failure !== null && <FailureNote failure={look.failure} />}
      </section>
      {plan !== null && (
        <section>
          <h2>
            Root {plan.version}: {plan.threshold} of these keyholders sign a change
          </h2>
          <KeyTable keys={plan.keys} />
          {plan.revoked.map(({ name, why, at }) => (
            <p key={`${name} ${at}`}>
              No longer: {name}, {WHY_GONE[why].toLowerCase()}, {formatDay(at)}.
            </p>
          ))}
          <CheckboxField
            label="This is what was agreed"
            hint="If it is not, sign nothing, and ask whoever sent it what it is for."
            checked={agreed}
            onChange={setAgreed}
          />
          <MediumForm
            action="Sign the draft"
            busy={sign.busy}
            disabled={!agreed}
            onSubmit={async (medium, passphrase) => {
              const done = await sign.run(medium, passphrase);
              if (done !== null) setSigned(`Signed root ${done.version} as ${done.holder ?? 'nobody named'}`);
            }}
          />
          {sign.failure !== null && <FailureNote failure={sign.failure} what="It was not signed" />}
        </section>
      )}
      {signed !== null && (
        <Note tone="good" icon={CircleCheck} title={signed}>
          <p>Bring this file back to the machine that builds.</p>
        </Note>
      )}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>Back to the keys</Button>
      </div>
    </div>
  );
}
