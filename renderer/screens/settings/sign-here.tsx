import { useState } from 'react';
import type { GroupView, PolicyView } from '../../../contract/policies.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { draftOf, NO_TERMS, problemsOf, termsOfDraft } from '../../policy/policy-draft.ts';
import { PolicyFields } from '../../policy/policy-fields.tsx';
import { PolicyPreview, PolicyProblems } from '../../policy/policy-preview.tsx';
import { useApplication, useNow } from '../../stores/context.tsx';

/** Terms of a group, signed at the site by an approver who speaks for its customer, with the key of their sign-in. */
export function SignHere(props: {
  readonly group: GroupView;
  readonly inForce: PolicyView | undefined;
  readonly onDone: () => void;
}) {
  const { policies } = useApplication();
  const now = useNow(60_000);
  const { group, inForce } = props;
  const [draft, setDraft] = useState(() => draftOf(inForce?.terms ?? NO_TERMS));
  const sign = useAction(() =>
    policies.getState().sign({ group: group.name, terms: termsOfDraft(draft, now) }),
  );
  const ready = problemsOf(draft, now).length === 0;
  return (
    <form
      className="form no-print"
      aria-label={`Terms of ${group.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void sign.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
    >
      <PolicyFields draft={draft} now={now} onChange={setDraft} />
      <PolicyPreview draft={draft} now={now} before={inForce ?? null} />
      <PolicyProblems draft={draft} now={now} />
      <p className="field-hint">
        It is in force at once. Lists that are out under the terms before do not count for this group any
        more.
      </p>
      {sign.failure !== null && <FailureNote failure={sign.failure} what="Nothing was signed" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={sign.busy}>
          Sign these terms
        </Button>
      </div>
    </form>
  );
}
