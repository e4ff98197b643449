import { Plus, X } from 'lucide-react';
import type { DeskSite, DeskStatement } from '../../../contract/statements.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { DateField } from '../../components/date-field.tsx';
import { CheckboxField, SelectField, TextField, type Choice } from '../../components/fields.tsx';
import { Note } from '../../components/notes.tsx';
import { useKeptDraft } from '../../components/use-kept-draft.ts';
import { dayOf, endOfDay } from '../../format/days.ts';
import { fileNameOf } from '../../format/statements.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { SignFields } from './sign-fields.tsx';
import { SignFrame } from './sign-frame.tsx';
import { beginAt, SiteChoice, siteIdOf, siteOf, type WhereDraft } from './site-choice.tsx';

type Kind = 'package' | 'kb' | 'cve';

interface NameDraft {
  readonly kind: Kind;
  readonly value: string;
  /** Of a package; '': any. */
  readonly version: string;
}
interface EmergencyForm {
  readonly where: WhereDraft;
  /** Groups that are known and ticked. */
  readonly groups: readonly string[];
  /** Names of others, apart by commas. */
  readonly typedGroups: string;
  readonly names: readonly NameDraft[];
  readonly pullsIn: boolean;
  readonly reason: string;
  /** A day. */
  readonly until: string;
}

const NO_NAME: NameDraft = { kind: 'package', value: '', version: '' };
const KINDS: readonly Choice<Kind>[] = [
  { value: 'package', label: 'A package', hint: 'The name of a binary or source package' },
  { value: 'kb', label: 'A Windows update', hint: 'Its number: KB5031356' },
  { value: 'cve', label: 'A CVE', hint: 'Whatever fixes it: CVE-2026-1234' },
];
const EXAMPLES: Readonly<Record<Kind, string>> = {
  package: 'openssl',
  kb: 'KB5031356',
  cve: 'CVE-2026-1234',
};

function nameProblem({ kind, value, version }: NameDraft): string | null {
  const text = value.trim();
  if (text === '') return version.trim() === '' ? null : 'Name the package.';
  if (kind === 'kb' && !/^KB\d{4,9}$/i.test(text)) return 'Write the number as KB5031356.';
  if (kind === 'cve' && !/^CVE-\d{4}-\d{4,10}$/i.test(text)) return 'Write it as CVE-2026-1234.';
  return null;
}

function nameOf({ kind, value, version }: NameDraft) {
  if (kind !== 'package') return { kind, value: value.trim().toUpperCase() };
  return { kind, value: value.trim(), version: version.trim() === '' ? null : version.trim() };
}

/** Asks for patches that cannot wait for the next list; the request is the approval of exactly what it names. */
export function SignEmergency(props: {
  readonly sites: readonly DeskSite[];
  readonly onSigned: (signed: DeskStatement) => void;
  readonly onClose: () => void;
}) {
  const { statements } = useApplication();
  const now = useNow(60_000);
  const { sites } = props;
  const form = useKeptDraft<EmergencyForm>('emergency.1', () => ({
    ...{ where: beginAt(sites), groups: [], typedGroups: '', names: [NO_NAME] },
    ...{ pullsIn: true, reason: '', until: '' },
  }));
  const { where, groups, typedGroups, names, pullsIn, reason, until } = form.value;
  const change = (part: Partial<EmergencyForm>): void => form.set({ ...form.value, ...part });
  const changeName = (at: number, row: NameDraft | null): void =>
    change({
      names: names.flatMap((item, index) => (index !== at ? [item] : row === null ? [] : [row])),
    });
  const siteId = siteIdOf(where, sites);
  const known = siteOf(where, sites)?.groups ?? [];
  const chosen = [
    ...known.filter(({ name }) => groups.includes(name)).map(({ name }) => name),
    ...typedGroups
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  ];
  const laneless = known.filter(
    ({ name, inForce, signedHere }) =>
      chosen.includes(name) && inForce?.terms.emergency !== true && signedHere?.terms.emergency !== true,
  );
  const filled = names.filter(({ value }) => value.trim() !== '');
  const ends = endOfDay(until);
  const ready =
    siteId !== '' &&
    where.customer.trim() !== '' &&
    chosen.length > 0 &&
    filled.length > 0 &&
    names.every((row) => nameProblem(row) === null) &&
    reason.trim().length >= 3 &&
    ends !== null &&
    Date.parse(ends) > now;
  return (
    <SignFrame
      title="Sign an emergency request"
      summary="Patches that cannot wait for the next list"
      wasKept={form.wasKept}
      onClear={form.clear}
      onClose={props.onClose}
    >
      <div className="scroll settings form">
        <p>
          Your signature approves exactly what is named here, on every endpoint of the groups, until the day.
          Nobody is asked again. It needs a policy with the emergency lane.
        </p>
        <fieldset>
          <legend>Where</legend>
          <SiteChoice sites={sites} where={where} withCustomer onChange={(next) => change({ where: next })} />
          {known.map(({ name }) => (
            <CheckboxField
              key={name}
              label={`Group ${name}`}
              checked={groups.includes(name)}
              onChange={(on) =>
                change({ groups: on ? [...groups, name] : groups.filter((item) => item !== name) })
              }
            />
          ))}
          <TextField
            label={known.length === 0 ? 'Patch groups' : 'Other patch groups (optional)'}
            hint="Exactly as the site has them, apart by commas."
            value={typedGroups}
            onChange={(text) => change({ typedGroups: text })}
          />
          {laneless.length > 0 && (
            <Note tone="warn" title={`No emergency lane: ${laneless.map(({ name }) => name).join(', ')}`}>
              <p>
                As far as is known here, no policy in force lets you name patches out of cycle. The site
                refuses the request unless it has taken in one that does. Sign such a policy first.
              </p>
            </Note>
          )}
        </fieldset>
        <fieldset>
          <legend>Which patches</legend>
          {names.map((row, index) => (
            <div key={index} className="term-row" role="group" aria-label={`Patch ${String(index + 1)}`}>
              <SelectField
                label="What"
                value={row.kind}
                choices={KINDS}
                onChange={(kind) => changeName(index, { ...row, kind })}
              />
              <TextField
                label="Name"
                value={row.value}
                placeholder={EXAMPLES[row.kind]}
                onChange={(value) => changeName(index, { ...row, value })}
                error={nameProblem(row)}
                mono
              />
              {names.length > 1 && (
                <IconButton
                  label={`Take out patch ${String(index + 1)}`}
                  icon={X}
                  onPress={() => changeName(index, null)}
                />
              )}
              {row.kind === 'package' && (
                <div className="term-row-wide">
                  <TextField
                    label="Version (optional)"
                    hint="Of the binary package. Left empty, whichever the site plans."
                    value={row.version}
                    onChange={(version) => changeName(index, { ...row, version })}
                    mono
                  />
                </div>
              )}
            </div>
          ))}
          <div>
            <Button icon={Plus} onPress={() => change({ names: [...names, NO_NAME] })}>
              Name another
            </Button>
          </div>
          <CheckboxField
            label="With what they pull in"
            hint="Dependencies may come that are not named. Without it, a plan that needs one is refused."
            checked={pullsIn}
            onChange={(on) => change({ pullsIn: on })}
          />
        </fieldset>
        <fieldset>
          <legend>Why, and until when</legend>
          <TextField
            label="Why"
            value={reason}
            onChange={(text) => change({ reason: text })}
            lines={2}
            required
          />
          <DateField
            label="Until the end of"
            hint="After that day nothing more is installed on the strength of it."
            value={until}
            min={dayOf(now)}
            onChange={(day) => change({ until: day })}
            required
          />
        </fieldset>
        <SignFields
          action="Sign the request"
          suggestedName={fileNameOf('emergency', filled.map(({ value }) => value).join(' '))}
          ready={ready}
          sign={(target) =>
            statements.getState().signEmergency({
              ...{ siteId, customer: where.customer.trim(), groups: chosen, names: filled.map(nameOf) },
              ...{ pullsIn, reason: reason.trim(), until: ends ?? '', ...target },
            })
          }
          onSigned={(item) => {
            form.clear();
            props.onSigned(item);
          }}
          onCancel={props.onClose}
        />
      </div>
    </SignFrame>
  );
}
