import { KeyRound, ScanSearch } from 'lucide-react';
import { useState } from 'react';
import type { Reply } from '../../contract/channels.ts';
import { Button } from './button.tsx';
import { HostKeyPrint } from './facts.tsx';
import { TextField } from './fields.tsx';
import { FailureNote, Note } from './notes.tsx';
import { useAction } from './use-action.ts';

interface ReadKey {
  readonly hostKey: string;
  readonly pinned: string | null;
}

/**
 * A key is pinned by a person who read it at the console of the machine itself and typed or pasted it here: two
 * readings by two ways. Pressing a button under what the network said would prove nothing.
 */
export function HostKeyPinning(props: {
  readonly what: string;
  readonly pinned: string | null;
  readonly mayPin: boolean;
  readonly onRead: () => Promise<Reply<ReadKey>>;
  readonly onPin: (hostKey: string) => Promise<Reply<unknown>>;
}) {
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<ReadKey | null>(null);
  const read = useAction(props.onRead);
  const pin = useAction(props.onPin);
  const same = found !== null && typed.trim() === found.hostKey;
  const changed = found !== null && props.pinned !== null && found.hostKey !== props.pinned;
  return (
    <section className="pinning">
      <h3>Host key</h3>
      {props.pinned === null ? (
        <p>
          Not pinned. Compare it once, and from then on a machine that shows another key gets no credential.
        </p>
      ) : (
        <>
          <p>Pinned. A machine that shows another key gets no credential.</p>
          <HostKeyPrint hostKey={props.pinned} label="Pinned host key" />
        </>
      )}
      {props.mayPin && (
        <Button
          icon={ScanSearch}
          busy={read.busy}
          onPress={() => void read.run().then((value) => setFound(value))}
        >
          {props.pinned === null ? `Read the key of ${props.what}` : 'Read it again and compare'}
        </Button>
      )}
      {read.failure !== null && <FailureNote failure={read.failure} what="The key could not be read" />}
      {found !== null && !changed && props.pinned !== null && (
        <Note tone="good" title="The same key">
          <p>The machine at this address shows the key that is pinned.</p>
        </Note>
      )}
      {changed && (
        <Note tone="bad" title="This is another key">
          <p>
            The machine at this address shows another key than the pinned one. Either it was installed anew,
            or it is not the machine you mean. Pin the new one only when you know why it changed.
          </p>
        </Note>
      )}
      {found !== null && (props.pinned === null || changed) && (
        <form
          className="pinning-compare"
          onSubmit={(event) => {
            event.preventDefault();
            if (!same) return;
            void pin.run(found.hostKey).then((value) => {
              if (value === null) return;
              setFound(null);
              setTyped('');
            });
          }}
        >
          <p className="label">The machine at this address shows</p>
          <HostKeyPrint hostKey={found.hostKey} label="Host key that was read" />
          <p>
            At the console of {props.what} run <code>ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub</code>{' '}
            and enter what it prints after the length.
          </p>
          <TextField
            label="Fingerprint read at the console"
            placeholder="SHA256:"
            value={typed}
            onChange={setTyped}
            mono
            error={
              typed.trim().length >= 50 && !same
                ? 'It differs from what the address shows. Do not pin it.'
                : null
            }
          />
          {pin.failure !== null && <FailureNote failure={pin.failure} what="The key was not pinned" />}
          <Button kind="primary" type="submit" icon={KeyRound} disabled={!same} busy={pin.busy}>
            Pin this key
          </Button>
        </form>
      )}
    </section>
  );
}
