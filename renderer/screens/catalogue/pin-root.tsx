import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Digest } from '../../components/facts.tsx';
import { TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';

/** Once for a site: the fingerprint comes a second way, on paper or by phone, and both are compared. */
export function PinRoot(props: {
  readonly folder: string;
  readonly fingerprint: string;
  readonly onPinned: () => void;
}) {
  const { catalogue } = useApplication();
  const [typed, setTyped] = useState('');
  const pin = useAction(() => catalogue.getState().pinRoot(props.folder, props.fingerprint));
  const entered = typed.toLowerCase().replace(/\s+/g, '');
  const same = entered === props.fingerprint;
  return (
    <section className="pinning">
      <h2>Compare the root key</h2>
      <p>
        This site trusts no root yet, or another one. Whoever builds your bundles has given you the
        fingerprint of their root another way, on paper or by phone. Enter it: only if both are the same may
        it be trusted.
      </p>
      <Digest digest={props.fingerprint} label="Fingerprint of the root in this bundle" />
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (same) void pin.run().then((value) => (value === null ? undefined : props.onPinned()));
        }}
      >
        <TextField
          label="Fingerprint from the other way"
          hint="64 digits; spaces do not matter."
          value={typed}
          onChange={setTyped}
          mono
          error={
            entered.length >= 64 && !same
              ? 'It differs from the root in this bundle. Do not import it.'
              : null
          }
        />
        {pin.failure !== null && <FailureNote failure={pin.failure} what="The root was not pinned" />}
        <div className="form-foot">
          <Button kind="primary" type="submit" icon={KeyRound} disabled={!same} busy={pin.busy}>
            Trust this root
          </Button>
        </div>
      </form>
    </section>
  );
}
