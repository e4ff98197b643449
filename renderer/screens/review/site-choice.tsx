import { useStore } from 'zustand';
import type { DeskSite } from '../../../contract/statements.ts';
import { Button } from '../../components/button.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { Note } from '../../components/notes.tsx';
import { useApplication } from '../../stores/context.tsx';

/** For whom something is signed. `siteId`: of a site that is known here; '' while another is typed. */
export interface WhereDraft {
  readonly siteId: string;
  readonly typedSite: string;
  readonly customer: string;
}

export const NOWHERE: WhereDraft = { siteId: '', typedSite: '', customer: '' };

/** Begins at the first site that is known. */
export const beginAt = (sites: readonly DeskSite[]): WhereDraft => ({
  ...NOWHERE,
  siteId: sites[0]?.siteId ?? '',
  customer: sites[0]?.customer ?? '',
});

export const siteOf = (where: WhereDraft, sites: readonly DeskSite[]): DeskSite | null =>
  sites.find(({ siteId }) => siteId === where.siteId) ?? null;

/** What is signed: the id of the site. */
export const siteIdOf = (where: WhereDraft, sites: readonly DeskSite[]): string =>
  siteOf(where, sites)?.siteId ?? where.typedSite.trim();

const OTHER = 'other';

/** A site from packs whose key was compared, else one whose id is typed as the site wrote it. */
export function SiteChoice(props: {
  readonly sites: readonly DeskSite[];
  readonly where: WhereDraft;
  readonly onChange: (where: WhereDraft) => void;
  /** Delegations name no customer. */
  readonly withCustomer: boolean;
}) {
  const { desk, navigation } = useApplication();
  const { sites, where } = props;
  const uncompared = useStore(desk, (state) =>
    (state.packs.value ?? []).find(({ siteKeyState }) => siteKeyState === 'to-compare'),
  );
  const change = (part: Partial<WhereDraft>): void => props.onChange({ ...where, ...part });
  const known = siteOf(where, sites);
  return (
    <>
      {sites.length > 0 && (
        <SelectField
          label="Site"
          value={known?.siteId ?? OTHER}
          choices={[
            ...sites.map(({ siteId, siteName, customer }) => ({
              value: siteId,
              label: siteName,
              hint: customer === '' ? 'Its packs name no customer' : `For ${customer}`,
            })),
            { value: OTHER, label: 'Another site', hint: 'By its id, as the site wrote it' },
          ]}
          onChange={(siteId) => {
            const chosen = sites.find((site) => site.siteId === siteId);
            change({ siteId: chosen?.siteId ?? '', customer: chosen?.customer ?? where.customer });
          }}
        />
      )}
      {known === null && (
        <>
          {uncompared !== undefined && (
            <Note
              tone="info"
              title={`The key of ${uncompared.siteName} was not compared yet`}
              action={
                <Button onPress={() => navigation.getState().go('packs', uncompared.id)}>
                  {`Open the pack of ${uncompared.siteName}`}
                </Button>
              }
            >
              <p>Once it is, the site can be chosen here with its groups and the policies in force.</p>
            </Note>
          )}
          <TextField
            label="Id of the site"
            hint="As the site wrote it to you. They find it under Settings, Site."
            value={where.typedSite}
            onChange={(typedSite) => change({ typedSite })}
            mono
            required
          />
        </>
      )}
      {props.withCustomer && (
        <TextField
          label="Customer"
          hint="The name under which the site keeps your groups."
          value={where.customer}
          onChange={(customer) => change({ customer })}
          required
        />
      )}
    </>
  );
}
