import { useState } from 'react';
import type { KeyDraftView } from '../../../contract/keys.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { StepList } from '../../components/step-list.tsx';
import { useAction } from '../../components/use-action.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';
import { MediumForm } from './medium-form.tsx';

/** The next root on its way: who has signed, who can, here or elsewhere. */
export function KeyDraft(props: { readonly draft: KeyDraftView; readonly isEngineer: boolean }) {
  const { keys, collect } = useApplication();
  const { draft } = props;
  const [copy, setCopy] = useState('');
  const sign = useAction((medium: string, passphrase: string) =>
    keys.getState().sign({ file: null, medium, passphrase }),
  );
  const accept = useAction((file: string) => keys.getState().accept([file]));
  const drop = useAction(() => keys.getState().drop());
  const wanted = Math.max(draft.missing.old, draft.missing.new);
  return (
    <section className="key-draft" aria-label="Next root">
      <h2>
        Root {draft.version} waits for {countOf(wanted, 'more signature', 'more signatures')}
      </h2>
      <StepList
        label="Signatures"
        steps={[
          ...draft.signedBy.map((name) => ({
            id: name,
            title: name,
            state: 'done' as const,
            detail: 'Has signed',
          })),
          ...draft.couldSign.map((name) => ({
            id: name,
            title: name,
            state: 'waiting' as const,
            detail: 'Can sign',
          })),
        ]}
      />
      {props.isEngineer && (
        <>
          <h3>Sign here</h3>
          <MediumForm action="Sign as this keyholder" busy={sign.busy} onSubmit={sign.run} />
          {sign.failure !== null && <FailureNote failure={sign.failure} what="It was not signed" />}
          <h3>Sign elsewhere</h3>
          <p>
            Take a copy of <code>{draft.file}</code> to the keyholder. They sign it under Signing keys, in the
            Collect workspace of any machine, and it comes back here.
          </p>
          <form
            className="form"
            onSubmit={(event) => {
              event.preventDefault();
              if (copy.trim() !== '') void accept.run(copy.trim()).then(() => setCopy(''));
            }}
          >
            <PathField
              label="Signed copy that came back"
              value={copy}
              onChange={setCopy}
              pick={() => collect.getState().pickFile('Signed copy of the draft', 'json')}
            />
            {accept.failure !== null && <FailureNote failure={accept.failure} what="It was not taken in" />}
            {drop.failure !== null && <FailureNote failure={drop.failure} />}
            <div className="form-foot form-foot-start">
              <Button type="submit" disabled={copy.trim() === ''} busy={accept.busy}>
                Take it in
              </Button>
              <Button kind="quiet" busy={drop.busy} onPress={() => void drop.run()}>
                Drop this draft
              </Button>
            </div>
          </form>
        </>
      )}
    </section>
  );
}
