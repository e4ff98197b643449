import { Plus, X } from 'lucide-react';
import { IconButton, Button } from '../components/button.tsx';
import { DateField } from '../components/date-field.tsx';
import { CheckboxField, RadioField, SelectField, TextField, type Choice } from '../components/fields.tsx';
import { dayAfter } from '../format/days.ts';
import {
  approversProblem,
  classesProblem,
  exclusionProblem,
  NO_EXCLUSION,
  NO_STANDING,
  noticeProblem,
  standingProblem,
  type ExclusionDraft,
  type MatchKind,
  type PolicyDraft,
  type StandingDraft,
} from './policy-draft.ts';

const KINDS: readonly Choice<MatchKind>[] = [
  { value: 'package', label: 'A package', hint: 'The name of a binary or source package, whole' },
  { value: 'kb', label: 'A Windows update', hint: 'Its number: KB5031356' },
  { value: 'pattern', label: 'Names like', hint: '* stands for any characters: linux-image-*' },
];
const NAME_OF: Readonly<Record<MatchKind, string>> = {
  package: 'openssl',
  kb: 'KB5031356',
  pattern: 'linux-image-*',
};

/** What a customer wants for a group: the same at the customer's own desk and at the site. */
export function PolicyFields(props: {
  readonly draft: PolicyDraft;
  readonly now: number;
  readonly onChange: (draft: PolicyDraft) => void;
}) {
  const { draft, now } = props;
  const change = (part: Partial<PolicyDraft>): void => props.onChange({ ...draft, ...part });
  return (
    <>
      <fieldset>
        <legend>How it is decided</legend>
        <RadioField
          label="What silence means"
          value={draft.mode}
          onChange={(mode) => change({ mode })}
          choices={[
            {
              value: 'opt-in',
              label: 'Opt-in: silence means no',
              hint: 'Nothing is installed without an explicit yes. Whatever nobody has decided on stays out.',
            },
            {
              value: 'opt-out',
              label: 'Opt-out: silence at the cut-off means yes',
              hint: 'Whatever nobody has rejected, deferred or asked about by then is installed, also when nobody has looked at the list.',
            },
          ]}
        />
        {draft.mode === 'opt-out' && (
          <TextField
            label="Notice, in hours"
            hint="Silence counts only if the list went out at least so long before its cut-off."
            value={draft.noticeHours}
            onChange={(noticeHours) => change({ noticeHours })}
            error={noticeProblem(draft)}
            type="number"
          />
        )}
        <TextField
          label="Approvers"
          hint="So many different persons must say yes to a patch before it counts as approved."
          value={draft.approvers}
          onChange={(approvers) => change({ approvers })}
          error={approversProblem(draft)}
          type="number"
        />
      </fieldset>
      <fieldset>
        <legend>Which patches are in scope</legend>
        <CheckboxField
          label="Security fixes"
          hint="What the vendor calls a security fix."
          checked={draft.security}
          onChange={(security) => change({ security })}
        />
        <CheckboxField label="Other patches" checked={draft.other} onChange={(other) => change({ other })} />
        {classesProblem(draft) !== null && <p className="field-error">{classesProblem(draft)}</p>}
        <p className="field-hint">What is not in scope is never installed, whoever approves.</p>
      </fieldset>
      <Exclusions rows={draft.exclusions} onChange={(exclusions) => change({ exclusions })} />
      <Standing rows={draft.standing} now={now} onChange={(standing) => change({ standing })} />
      <fieldset>
        <legend>Emergencies</legend>
        <CheckboxField
          label="We may name patches out of cycle"
          hint="A signed emergency request is then the approval of exactly what it names, and needs no list."
          checked={draft.emergency}
          onChange={(emergency) => change({ emergency })}
        />
      </fieldset>
    </>
  );
}

function replace<T>(rows: readonly T[], at: number, row: T | null): T[] {
  return rows.flatMap((item, index) => (index !== at ? [item] : row === null ? [] : [row]));
}

function Exclusions(props: {
  readonly rows: readonly ExclusionDraft[];
  readonly onChange: (rows: ExclusionDraft[]) => void;
}) {
  const { rows } = props;
  return (
    <fieldset>
      <legend>Never installed</legend>
      {rows.map((row, index) => (
        <div key={index} className="term-row" role="group" aria-label={`Exclusion ${String(index + 1)}`}>
          <MatchFields
            row={row}
            onChange={(part) => props.onChange(replace(rows, index, { ...row, ...part }))}
          />
          <IconButton
            label={`Take out exclusion ${String(index + 1)}`}
            icon={X}
            onPress={() => props.onChange(replace(rows, index, null))}
          />
          <div className="term-row-wide">
            <TextField
              label="Why"
              value={row.reason}
              onChange={(reason) => props.onChange(replace(rows, index, { ...row, reason }))}
              error={exclusionProblem(row)}
            />
          </div>
        </div>
      ))}
      <div>
        <Button icon={Plus} onPress={() => props.onChange([...rows, NO_EXCLUSION])}>
          Exclude patches
        </Button>
      </div>
    </fieldset>
  );
}

function Standing(props: {
  readonly rows: readonly StandingDraft[];
  readonly now: number;
  readonly onChange: (rows: StandingDraft[]) => void;
}) {
  const { rows, now } = props;
  return (
    <fieldset>
      <legend>Approved in advance</legend>
      {rows.map((row, index) => {
        const change = (part: Partial<StandingDraft>): void =>
          props.onChange(replace(rows, index, { ...row, ...part }));
        const problem = standingProblem(row, now);
        return (
          <div
            key={index}
            className="term-row"
            role="group"
            aria-label={`Approval in advance ${String(index + 1)}`}
          >
            <MatchFields row={row} onChange={change} />
            <IconButton
              label={`Take out approval in advance ${String(index + 1)}`}
              icon={X}
              onPress={() => props.onChange(replace(rows, index, null))}
            />
            <DateField
              label="Until the end of"
              value={row.until}
              min={dayAfter(now, 1)}
              onChange={(until) => change({ until })}
              required
            />
            <TextField label="Why (optional)" value={row.reason} onChange={(reason) => change({ reason })} />
            <div className="term-row-wide">
              <CheckboxField
                label="Its security fixes"
                checked={row.security}
                onChange={(security) => change({ security })}
              />
              <CheckboxField
                label="Its other patches"
                checked={row.other}
                onChange={(other) => change({ other })}
              />
              {problem !== null && <p className="field-error">{problem}</p>}
            </div>
          </div>
        );
      })}
      <div>
        <Button icon={Plus} onPress={() => props.onChange([...rows, NO_STANDING])}>
          Approve in advance
        </Button>
      </div>
    </fieldset>
  );
}

function MatchFields(props: {
  readonly row: ExclusionDraft;
  readonly onChange: (part: { kind: MatchKind } | { value: string }) => void;
}) {
  const { row } = props;
  return (
    <>
      <SelectField
        label="What"
        value={row.kind}
        choices={KINDS}
        onChange={(kind) => props.onChange({ kind })}
      />
      <TextField
        label="Name"
        value={row.value}
        placeholder={NAME_OF[row.kind]}
        onChange={(value) => props.onChange({ value })}
        mono
      />
    </>
  );
}
