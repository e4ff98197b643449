import { TextField } from './fields.tsx';

export const SHORTEST_PASSPHRASE = 12;

export interface NewPassphrase {
  readonly passphrase: string;
  readonly again: string;
}
export const NO_PASSPHRASE: NewPassphrase = { passphrase: '', again: '' };

export const isGoodPassphrase = ({ passphrase, again }: NewPassphrase): boolean =>
  passphrase.length >= SHORTEST_PASSPHRASE && passphrase === again;

/** A new passphrase, typed twice. */
export function NewPassphraseFields(props: {
  readonly label: string;
  readonly againLabel?: string;
  readonly value: NewPassphrase;
  readonly onChange: (value: NewPassphrase) => void;
}) {
  const { passphrase, again } = props.value;
  const short = passphrase !== '' && passphrase.length < SHORTEST_PASSPHRASE;
  return (
    <div className="form-row">
      <TextField
        label={props.label}
        type="password"
        value={passphrase}
        onChange={(text) => props.onChange({ passphrase: text, again })}
        autoComplete="new-password"
        error={
          short ? `At least ${SHORTEST_PASSPHRASE} characters; several words are easy to remember.` : null
        }
      />
      <TextField
        label={props.againLabel ?? 'The same again'}
        type="password"
        value={again}
        onChange={(text) => props.onChange({ passphrase, again: text })}
        autoComplete="new-password"
        error={again !== '' && again !== passphrase ? 'The two differ.' : null}
      />
    </div>
  );
}
