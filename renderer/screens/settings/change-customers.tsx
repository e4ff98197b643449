import { useState } from 'react';
import { useStore } from 'zustand';
import type { ReviewKeyView } from '../../../contract/reviewers.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';

/** The customers of the site as choices; whoever is on record already is among them. */
export function CustomerChoices(props: {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  const { reviewers } = useApplication();
  const { chosen } = props;
  const known = useStore(reviewers, (state) => state.customers);
  const names = [...new Set([...known, ...chosen])].toSorted();
  return (
    <div className="field">
      <span className="label" id="speaks-for">
        Speaks for
      </span>
      <span className="field-hint">
        {names.length === 0
          ? 'No group has a customer yet. Until a second customer is here, whoever is enrolled decides for everybody.'
          : 'With none chosen they decide while the site has one customer, and for nobody from the second on.'}
      </span>
      <div className="role-choices" role="group" aria-labelledby="speaks-for">
        {names.map((name) => (
          <CheckboxField
            key={name}
            label={name}
            checked={chosen.includes(name)}
            onChange={(on) =>
              props.onChange(names.filter((one) => (one === name ? on : chosen.includes(one))))
            }
          />
        ))}
      </div>
    </div>
  );
}

export function ChangeCustomers(props: { readonly shown: ReviewKeyView; readonly onDone: () => void }) {
  const { reviewers } = useApplication();
  const { shown } = props;
  const [customers, setCustomers] = useState<readonly string[]>(shown.customers);
  const [reason, setReason] = useState('');
  const change = useAction(() =>
    reviewers.getState().setCustomers({
      person: shown.personName,
      customers: [...customers],
      reason: reason.trim(),
    }),
  );
  const ready = reason.trim().length >= 3;
  return (
    <form
      className="form no-print"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void change.run().then((done) => {
          if (done !== null) props.onDone();
        });
      }}
    >
      <h3>{`For whom ${shown.personName} speaks`}</h3>
      <CustomerChoices chosen={customers} onChange={setCustomers} />
      <TextField label="Reason, for the history" value={reason} onChange={setReason} required />
      {change.failure !== null && <FailureNote failure={change.failure} what="It stays as it was" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onDone}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={change.busy}>
          Put it on record
        </Button>
      </div>
    </form>
  );
}
