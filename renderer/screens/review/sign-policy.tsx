import { useStore } from 'zustand';
import type { DeskSite, DeskStatement } from '../../../contract/statements.ts';
import { SelectField, TextField } from '../../components/fields.tsx';
import { useKeptDraft } from '../../components/use-kept-draft.ts';
import { formatDay } from '../../format/dates.ts';
import { fileNameOf } from '../../format/statements.ts';
import { draftOf, NO_TERMS, problemsOf, termsOfDraft, type PolicyDraft } from '../../policy/policy-draft.ts';
import { PolicyFields } from '../../policy/policy-fields.tsx';
import { PolicyPreview, PolicyProblems } from '../../policy/policy-preview.tsx';
import { useApplication, useNow } from '../../stores/context.tsx';
import { SignFields } from './sign-fields.tsx';
import { SignFrame } from './sign-frame.tsx';
import { beginAt, SiteChoice, siteIdOf, siteOf, type WhereDraft } from './site-choice.tsx';

interface PolicyForm {
  readonly where: WhereDraft;
  /** Of a group that is known; '' while another is typed. */
  readonly group: string;
  readonly typedGroup: string;
  /** '': the next one. */
  readonly version: string;
  readonly terms: PolicyDraft;
}

/** No group is called so. */
const OTHER = ':other';

type KnownGroup = DeskSite['groups'][number];

/** The later of what a pack said is in force and what was signed here. */
function latestOf(group: KnownGroup | undefined): KnownGroup['inForce'] {
  if (group === undefined) return null;
  const { inForce, signedHere } = group;
  return (signedHere?.version ?? 0) > (inForce?.version ?? 0) ? signedHere : inForce;
}

const termsOf = (group: KnownGroup | undefined): PolicyDraft => draftOf(latestOf(group)?.terms ?? NO_TERMS);

function begin(sites: readonly DeskSite[]): PolicyForm {
  const [group] = sites[0]?.groups ?? [];
  return {
    ...{ where: beginAt(sites), group: group?.name ?? '', typedGroup: '', version: '' },
    terms: termsOf(group),
  };
}

/** A policy for one patch group: written, read in sentences beside what was, and signed. */
export function SignPolicy(props: {
  readonly sites: readonly DeskSite[];
  readonly onSigned: (signed: DeskStatement) => void;
  readonly onClose: () => void;
}) {
  const { statements } = useApplication();
  const now = useNow(60_000);
  const { sites } = props;
  const form = useKeptDraft<PolicyForm>('policy.1', () => begin(sites));
  const signed = useStore(statements, (state) => state.list.value ?? []);
  const { where, group, typedGroup, version, terms } = form.value;
  const change = (part: Partial<PolicyForm>): void => form.set({ ...form.value, ...part });
  const site = siteOf(where, sites);
  const known = site?.groups.find(({ name }) => name === group);
  const name = known?.name ?? typedGroup.trim();
  const siteId = siteIdOf(where, sites);
  const before = latestOf(known) ?? lastSigned(signed, siteId, name);
  const next = (before?.version ?? 0) + 1;
  /** Other terms are put in only in the place of ones that nobody has touched. */
  const chooseGroup = (chosen: KnownGroup | undefined, part: Partial<PolicyForm>): void => {
    const isUntouched = JSON.stringify(terms) === JSON.stringify(termsOf(known));
    change({ group: chosen?.name ?? '', ...(isUntouched ? { terms: termsOf(chosen) } : {}), ...part });
  };
  const hasVersion = version.trim() === '' || /^[1-9]\d{0,5}$/.test(version.trim());
  const ready =
    siteId !== '' &&
    where.customer.trim() !== '' &&
    name !== '' &&
    hasVersion &&
    problemsOf(terms, now).length === 0;
  return (
    <SignFrame
      title="Sign a policy"
      summary="What may be installed in a patch group, and who has to say so"
      wasKept={form.wasKept}
      onClear={form.clear}
      onClose={props.onClose}
    >
      <div className="collect-columns scroll">
        <div className="collect-main form">
          {form.wasKept && <p className="soft">This is what you typed last time.</p>}
          <fieldset>
            <legend>For whom</legend>
            <SiteChoice
              sites={sites}
              where={where}
              withCustomer
              onChange={(chosen) => {
                if (chosen.siteId === where.siteId) change({ where: chosen });
                else chooseGroup(siteOf(chosen, sites)?.groups[0], { where: chosen });
              }}
            />
            {site !== null && site.groups.length > 0 && (
              <SelectField
                label="Patch group"
                value={known?.name ?? OTHER}
                choices={[
                  ...site.groups.map((item) => ({
                    value: item.name,
                    label: item.name,
                    hint: sayKnown(item),
                  })),
                  { value: OTHER, label: 'Another group' },
                ]}
                onChange={(chosen) =>
                  chooseGroup(
                    site.groups.find((item) => item.name === chosen),
                    {},
                  )
                }
              />
            )}
            {known === undefined && (
              <TextField
                label="Name of the patch group"
                hint="Exactly as the site has it."
                value={typedGroup}
                onChange={(text) => change({ typedGroup: text })}
                required
              />
            )}
            <TextField
              label="Version"
              hint={
                before === null
                  ? 'One more than the site has in force. Left empty, it is the first.'
                  : `Version ${String(before.version)} is the last that is known here. Left empty, it is version ${String(next)}.`
              }
              value={version}
              placeholder={String(next)}
              onChange={(text) => change({ version: text })}
              error={hasVersion ? null : 'Give a whole number.'}
            />
          </fieldset>
          <PolicyFields draft={terms} now={now} onChange={(draft) => change({ terms: draft })} />
          <PolicyProblems draft={terms} now={now} />
          <SignFields
            action="Sign the policy"
            suggestedName={fileNameOf('policy', `${name} version ${version.trim() || String(next)}`)}
            ready={ready}
            sign={(target) =>
              statements.getState().signPolicy({
                ...{ siteId, customer: where.customer.trim(), group: name, ...target },
                terms: termsOfDraft(terms, now),
                version: version.trim() === '' ? null : Number(version.trim()),
              })
            }
            onSigned={(item) => {
              form.clear();
              props.onSigned(item);
            }}
            onCancel={props.onClose}
          >
            <p className="field-hint">
              The policy takes effect when the site has taken the file in. What was decided under the one
              before does not count any more: the site makes new lists.
            </p>
          </SignFields>
        </div>
        <aside className="collect-side form" aria-label="The policy in sentences">
          <PolicyPreview draft={terms} now={now} before={before} />
        </aside>
      </div>
    </SignFrame>
  );
}

function sayKnown({ inForce, signedHere, asOf }: KnownGroup): string {
  const force =
    inForce === null
      ? `No policy on ${formatDay(asOf)}`
      : `Version ${String(inForce.version)} in force on ${formatDay(asOf)}`;
  return signedHere === null ? force : `${force}, version ${String(signedHere.version)} signed here`;
}

/** For a site or a group of which no pack was opened. */
function lastSigned(signed: readonly DeskStatement[], siteId: string, group: string): KnownGroup['inForce'] {
  const own = signed.flatMap((item) =>
    item.kind === 'policy' && item.siteId === siteId && item.group === group ? [item] : [],
  );
  return own.toSorted((a, b) => b.version - a.version)[0] ?? null;
}
