import type { ReviewKeyView } from '../../../contract/reviewers.ts';
import { RevokeForm } from '../../components/revoke-form.tsx';
import { useApplication } from '../../stores/context.tsx';

/** Takes a key's word away, also that of decisions it signed before. */
export function RevokeReviewer(props: { readonly shown: ReviewKeyView; readonly onDone: () => void }) {
  const { reviewers } = useApplication();
  const { shown } = props;
  return (
    <RevokeForm
      title={`Revoke the key of ${shown.personName}`}
      hint="For example: passphrase lost, laptop stolen, has left."
      otherwise="The key still counts"
      revoke={(reason) => reviewers.getState().revoke(shown.id, reason)}
      onDone={props.onDone}
    >
      <p>
        What it signs counts no more from this moment, and approvals that rest on it end: runs that have not
        begun will not begin. It cannot be undone; the same key is never enrolled again.
      </p>
    </RevokeForm>
  );
}
