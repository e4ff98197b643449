import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { SigningKeysView } from '../../../contract/collect.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts } from '../../components/facts.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { FailureNote, Note } from '../../components/notes.tsx';
import { PathField } from '../../components/path-field.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDay } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

const SHORTEST_PASSPHRASE = 12;

/** The keys that sign bundles, as far as they show without their passphrase. */
export function SigningKeys(props: { readonly keys: SigningKeysView | null; readonly isEngineer: boolean }) {
  const [changing, setChanging] = useState(false);
  const { go } = useApplication().navigation.getState();
  const { keys } = props;
  return (
    <section className="keys-card">
      <h2>
        <KeyRound aria-hidden size={15} /> Signing keys
      </h2>
      {keys === null || changing ? (
        <>
          {keys === null && (
            <p className="soft">Bundles are signed, so that a site can tell that they came from you.</p>
          )}
          {props.isEngineer && (
            <>
              {keys === null && (
                <div>
                  <Button kind="primary" icon={KeyRound} onPress={() => go('keys', null, 'ceremony')}>
                    Hold a key ceremony
                  </Button>
                </div>
              )}
              <ChooseKeys
                onDone={() => setChanging(false)}
                {...(changing ? { onCancel: () => setChanging(false) } : {})}
              />
            </>
          )}
        </>
      ) : (
        <>
          {keys.problem !== null && (
            <Note tone="bad" title="The keys can’t be used">
              <p>{keys.problem}</p>
            </Note>
          )}
          <Facts
            stacked
            facts={[
              { label: 'Folder', value: <code>{keys.folder}</code> },
              ...(keys.expiresAt === null
                ? []
                : [
                    {
                      label: 'Root',
                      value: `Version ${keys.rootVersion}, ${keys.threshold} of ${countOf(keys.keys, 'key')}, until ${formatDay(keys.expiresAt)}`,
                    },
                  ]),
            ]}
          />
          {keys.fingerprint !== null && (
            <>
              <p className="field-hint">
                Read this to the site by telephone. It pins the root only if both are the same.
              </p>
              <Digest digest={keys.fingerprint} label="Fingerprint of the root" />
            </>
          )}
          {props.isEngineer && (
            <div className="form-foot form-foot-start">
              <Button onPress={() => go('keys', null, 'status')}>See to the keys</Button>
              <Button onPress={() => setChanging(true)}>Use other keys</Button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

/** Keys that there are, or one for everything. */
export function ChooseKeys(props: { readonly onDone: () => void; readonly onCancel?: () => void }) {
  const { collect } = useApplication();
  const [how, setHow] = useState<'make' | 'use'>('make');
  const [folder, setFolder] = useState('');
  const [passphrase, setPassphrase] = useState('');
  const [again, setAgain] = useState('');
  const take = useAction(() =>
    how === 'make'
      ? collect.getState().createKeys(folder.trim(), passphrase)
      : collect.getState().useKeys(folder.trim()),
  );
  const short = passphrase !== '' && passphrase.length < SHORTEST_PASSPHRASE;
  const ready =
    folder.trim() !== '' &&
    (how === 'use' || (passphrase.length >= SHORTEST_PASSPHRASE && passphrase === again));
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void take.run().then((view) => {
          if (view !== null) props.onDone();
        });
      }}
    >
      <RadioField
        label="Which keys"
        value={how}
        onChange={setHow}
        choices={[
          {
            value: 'make',
            label: 'Make a single one',
            hint: 'One key for everything, for a laboratory: whoever has it can do everything.',
          },
          { value: 'use', label: 'Use those in a folder' },
        ]}
      />
      <PathField
        label={how === 'make' ? 'New folder for the keys' : 'Folder of the keys'}
        value={folder}
        onChange={setFolder}
        pick={() => collect.getState().pickFolder('Folder of the keys')}
        placeholder="/srv/sallyport/keys"
      />
      {how === 'make' && (
        <>
          <TextField
            label="Passphrase of the keys"
            type="password"
            value={passphrase}
            onChange={setPassphrase}
            autoComplete="new-password"
            error={short ? `At least ${SHORTEST_PASSPHRASE} characters.` : null}
          />
          <TextField
            label="The same again"
            type="password"
            value={again}
            onChange={setAgain}
            autoComplete="new-password"
            error={again !== '' && again !== passphrase ? 'The two differ.' : null}
          />
        </>
      )}
      {take.failure !== null && <FailureNote failure={take.failure} what="Nothing was changed" />}
      <div className="form-foot">
        {props.onCancel !== undefined && <Button onPress={props.onCancel}>Cancel</Button>}
        <Button kind="primary" type="submit" disabled={!ready} busy={take.busy}>
          {how === 'make' ? 'Make the keys' : 'Use these keys'}
        </Button>
      </div>
    </form>
  );
}
