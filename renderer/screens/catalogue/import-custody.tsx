import { TextField } from '../../components/fields.tsx';
import type { Medium } from '../../stores/catalogue-store.ts';

export interface Custody {
  readonly carrier: string;
  readonly serial: string;
  readonly reason: string;
}
export const NO_CUSTODY: Custody = { carrier: '', serial: '', reason: '' };

/** Refusals that a stated reason can overrule. */
export const asksForReason = (code: string | undefined): boolean =>
  code === 'BUNDLE_EXPIRED' || code === 'BUNDLE_CLOCK_WRONG';

/** Who brought it and on what: recorded with the bundle, for whoever asks later. */
export function CustodyFields(props: {
  readonly custody: Custody;
  readonly onChange: (custody: Custody) => void;
  readonly medium: Medium | null;
  readonly needsReason: boolean;
}) {
  const { custody, medium } = props;
  const put = (change: Partial<Custody>): void => props.onChange({ ...custody, ...change });
  return (
    <fieldset>
      <legend>Custody</legend>
      <div className="form-row">
        <TextField
          label="Who brought it"
          value={custody.carrier}
          onChange={(carrier) => put({ carrier })}
          hint="Recorded with the bundle."
        />
        {medium !== null && medium.serial !== null ? (
          <div className="field">
            <span className="label">Medium</span>
            <span className="field-hint">Read from the medium itself.</span>
            <code className="custody-serial">{medium.serial}</code>
          </div>
        ) : (
          <TextField
            label="Serial or label of the medium"
            value={custody.serial}
            onChange={(serial) => put({ serial })}
            hint="As it is written on it."
          />
        )}
      </div>
      {props.needsReason && (
        <TextField
          label="Why it may come in all the same"
          value={custody.reason}
          onChange={(reason) => put({ reason })}
          hint="Recorded, and shown in the audit trail."
          lines={2}
          required
        />
      )}
    </fieldset>
  );
}
