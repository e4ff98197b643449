import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { KeyStatusView } from '../../../contract/keys.ts';
import { Button } from '../../components/button.tsx';
import { CheckboxField, SelectField, TextField } from '../../components/fields.tsx';
import { FailureNote } from '../../components/notes.tsx';
import { useAction } from '../../components/use-action.ts';
import { useApplication } from '../../stores/context.tsx';
import { HolderFields, holderOf, isWholeHolder, NO_HOLDER, type HolderDraft } from './holder-fields.tsx';
import {
  describeChange,
  goneHolders,
  isOwnKey,
  renewed,
  thresholdAfter,
  type Fates,
} from './key-change-words.ts';
import { KEY_USES } from './key-words.ts';
import { isGoodPassphrase, NewPassphraseFields, NO_PASSPHRASE } from '../../components/new-passphrase.tsx';

/** Rotation and revocation: what becomes of each key, who comes in, and what that means. */
export function ChangeKeys(props: { readonly keys: KeyStatusView; readonly onClose: () => void }) {
  const store = useApplication().keys;
  const { keys } = props;
  const [fates, setFates] = useState<Fates>({});
  const [added, setAdded] = useState<readonly HolderDraft[]>([]);
  const [threshold, setThreshold] = useState(String(keys.threshold));
  const [own, setOwn] = useState(NO_PASSPHRASE);
  const [sameDisk, setSameDisk] = useState(false);
  const renew = renewed(keys.keys, fates);
  const holders =
    keys.keys.filter(({ use }) => use === 'root').length -
    goneHolders(keys.keys, fates).length +
    added.length;
  const wanted = thresholdAfter(threshold, holders);
  const passphraseReady =
    renew.length === 0 || (renew.length === 1 ? own.passphrase !== '' : isGoodPassphrase(own));
  const ready = wanted !== null && added.every(isWholeHolder) && passphraseReady;
  const draft = useAction(() =>
    store.getState().draft({
      addHolders: added.map(holderOf),
      removeHolders: goneHolders(keys.keys, fates),
      threshold: wanted,
      renew,
      passphrase: renew.length === 0 ? null : own.passphrase,
      allowSameDisk: sameDisk,
    }),
  );
  return (
    <form
      className="form collect-main"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        void draft.run().then((status) => {
          if (status !== null) props.onClose();
        });
      }}
    >
      <section>
        <h2>Keys</h2>
        <table className="plain-table fates">
          <thead>
            <tr>
              <th>Key</th>
              <th>What becomes of it</th>
            </tr>
          </thead>
          <tbody>
            {keys.keys.map((key) => (
              <tr key={key.keyId}>
                <td>
                  {key.name}
                  <span className="field-hint">{KEY_USES[key.use]}</span>
                </td>
                <td>
                  {key.use === 'root' || isOwnKey(key) ? (
                    <SelectField
                      compact
                      label={`What becomes of ${key.name}`}
                      value={fates[key.keyId] ?? 'stays'}
                      onChange={(fate) => setFates({ ...fates, [key.keyId]: fate })}
                      choices={[
                        { value: 'stays', label: 'Stays' },
                        { value: 'replaced', label: key.use === 'root' ? 'Leaves' : 'Made anew' },
                        { value: 'lost', label: 'Was lost' },
                        { value: 'compromised', label: 'Somebody else may have it' },
                      ]}
                    />
                  ) : (
                    'Stays in its safe'
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <section>
        <h2>New keyholders</h2>
        {added.map((holder, index) => (
          <fieldset key={index}>
            <legend>New keyholder {index + 1}</legend>
            <HolderFields
              holder={holder}
              onChange={(next) => setAdded(added.map((each, at) => (at === index ? next : each)))}
            />
            <div>
              <Button
                kind="quiet"
                icon={Trash2}
                onPress={() => setAdded(added.filter((_, at) => at !== index))}
              >
                Not this one
              </Button>
            </div>
          </fieldset>
        ))}
        <div>
          <Button icon={Plus} onPress={() => setAdded([...added, NO_HOLDER])}>
            Add a keyholder
          </Button>
        </div>
        {added.length > 0 && (
          <CheckboxField
            label="This is a laboratory: keys may lie on one disk"
            checked={sameDisk}
            onChange={setSameDisk}
          />
        )}
        <TextField
          label="How many must sign a change"
          value={threshold}
          onChange={setThreshold}
          type="number"
          error={wanted === null ? `Of ${holders} keyholders 1 to ${holders} can sign.` : null}
        />
      </section>
      {renew.length > 0 && (
        <section>
          <h2>This machine</h2>
          {renew.length === 1 ? (
            <TextField
              label="Passphrase of this machine’s keys"
              hint="The key that stays opens with the same."
              type="password"
              value={own.passphrase}
              onChange={(passphrase) => setOwn({ passphrase, again: passphrase })}
            />
          ) : (
            <NewPassphraseFields label="Passphrase of this machine’s keys" value={own} onChange={setOwn} />
          )}
        </section>
      )}
      <section>
        <h2>What this means</h2>
        <p>{describeChange(keys, fates, added.length)}</p>
      </section>
      {draft.failure !== null && <FailureNote failure={draft.failure} what="Nothing was changed" />}
      <div className="form-foot form-foot-start">
        <Button onPress={props.onClose}>Cancel</Button>
        <Button kind="primary" type="submit" disabled={!ready} busy={draft.busy}>
          Draft root {keys.version + 1}
        </Button>
      </div>
    </form>
  );
}
