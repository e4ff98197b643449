import { Check, ChevronDown, Search, X } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import {
  Button as AriaButton,
  Checkbox as AriaCheckbox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  SearchField as AriaSearchField,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField as AriaTextField,
} from 'react-aria-components';

interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly error?: string | null;
}

export function TextField(
  props: FieldProps & {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly type?: 'text' | 'password' | 'number';
    readonly required?: boolean;
    readonly autoFocus?: boolean;
    readonly mono?: boolean;
    readonly lines?: number;
    readonly placeholder?: string;
    readonly autoComplete?: string;
  },
) {
  const control = `input${props.mono === true ? ' mono' : ''}`;
  return (
    <AriaTextField
      className="field"
      value={props.value}
      onChange={props.onChange}
      isRequired={props.required === true}
      isInvalid={props.error !== undefined && props.error !== null}
      validationBehavior="aria"
      {...(props.autoFocus === true ? { autoFocus: true } : {})}
    >
      <Label>{props.label}</Label>
      {props.hint !== undefined && (
        <Text slot="description" className="field-hint">
          {props.hint}
        </Text>
      )}
      {props.lines === undefined ? (
        <Input
          className={control}
          type={props.type ?? 'text'}
          placeholder={props.placeholder ?? ''}
          autoComplete={props.autoComplete ?? 'off'}
          spellCheck={false}
        />
      ) : (
        <TextArea
          className={control}
          rows={props.lines}
          placeholder={props.placeholder ?? ''}
          spellCheck={false}
        />
      )}
      <FieldError className="field-error">{props.error}</FieldError>
    </AriaTextField>
  );
}

export function SearchField(props: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
}) {
  return (
    <AriaSearchField
      className="search"
      aria-label={props.label}
      value={props.value}
      onChange={props.onChange}
    >
      <Search aria-hidden size={15} />
      <Input
        className="search-input"
        placeholder={props.label}
        spellCheck={false}
        {...(props.inputRef === undefined ? {} : { ref: props.inputRef })}
      />
      {props.value === '' ? (
        <kbd className="key" aria-hidden>
          /
        </kbd>
      ) : (
        <AriaButton className="search-clear" aria-label="Clear the search">
          <X aria-hidden size={14} />
        </AriaButton>
      )}
    </AriaSearchField>
  );
}

export interface Choice<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly hint?: string;
}

export function SelectField<V extends string>(
  props: FieldProps & {
    readonly value: V;
    readonly choices: readonly Choice<V>[];
    readonly onChange: (value: V) => void;
    readonly compact?: boolean;
  },
) {
  return (
    <Select
      className={props.compact === true ? 'field field-compact' : 'field'}
      value={props.value}
      onChange={(key) => {
        const chosen = props.choices.find((choice) => choice.value === key);
        if (chosen !== undefined) props.onChange(chosen.value);
      }}
    >
      <Label>{props.label}</Label>
      {props.hint !== undefined && (
        <Text slot="description" className="field-hint">
          {props.hint}
        </Text>
      )}
      <AriaButton className="input select">
        <SelectValue>{({ defaultChildren }) => <SelectText>{defaultChildren}</SelectText>}</SelectValue>
        <ChevronDown aria-hidden size={15} />
      </AriaButton>
      <Popover className="popover">
        <ListBox className="options">
          {props.choices.map((choice) => (
            <ListBoxItem key={choice.value} id={choice.value} textValue={choice.label} className="option">
              <Text slot="label">{choice.label}</Text>
              {choice.hint !== undefined && (
                <Text slot="description" className="option-hint">
                  {choice.hint}
                </Text>
              )}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** The button shows the choice only; its explanation is for the open list. */
function SelectText(props: { readonly children: ReactNode }) {
  return <span className="select-text">{props.children}</span>;
}

export function CheckboxField(props: {
  readonly label: string;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
}) {
  return (
    <AriaCheckbox
      className="checkbox"
      isSelected={props.checked}
      onChange={props.onChange}
      isDisabled={props.disabled === true}
    >
      <span className="checkbox-box" aria-hidden>
        <Check size={12} strokeWidth={3} />
      </span>
      <span>
        {props.label}
        {props.hint !== undefined && <span className="field-hint">{props.hint}</span>}
      </span>
    </AriaCheckbox>
  );
}

export function RadioField<V extends string>(
  props: FieldProps & {
    readonly value: V;
    readonly choices: readonly Choice<V>[];
    readonly onChange: (value: V) => void;
    readonly inline?: boolean;
  },
) {
  return (
    <RadioGroup
      className={props.inline === true ? 'field radios radios-inline' : 'field radios'}
      value={props.value}
      onChange={(value) => {
        const chosen = props.choices.find((choice) => choice.value === value);
        if (chosen !== undefined) props.onChange(chosen.value);
      }}
    >
      <Label>{props.label}</Label>
      {props.hint !== undefined && (
        <Text slot="description" className="field-hint">
          {props.hint}
        </Text>
      )}
      <div className="radios-list">
        {props.choices.map((choice) => (
          <Radio key={choice.value} value={choice.value} className="radio">
            <span className="radio-dot" aria-hidden />
            <span>
              {choice.label}
              {choice.hint !== undefined && <span className="field-hint">{choice.hint}</span>}
            </span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

/** A filter that is on or off, as a word in the bar. */
export function FilterChip(props: {
  readonly label: string;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
  readonly count?: string;
}) {
  return (
    <AriaButton className="chip" aria-pressed={props.on} onPress={() => props.onChange(!props.on)}>
      {props.label}
      {props.count !== undefined && <span className="chip-count">{props.count}</span>}
    </AriaButton>
  );
}
