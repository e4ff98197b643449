import { useId } from 'react';

/** A day, as `2026-11-24`; '' while none is given. */
export function DateField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (day: string) => void;
  readonly hint?: string;
  /** The first day that makes sense. */
  readonly min?: string;
  readonly required?: boolean;
}) {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      {props.hint !== undefined && (
        <span id={hintId} className="field-hint">
          {props.hint}
        </span>
      )}
      <input
        id={id}
        className="input"
        type="date"
        required={props.required === true}
        {...(props.min === undefined ? {} : { min: props.min })}
        {...(props.hint === undefined ? {} : { 'aria-describedby': hintId })}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}
