import { Library } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { PatchView } from '../../../contract/catalogue.ts';
import { DataTable, type Column, type RowSource } from '../../components/data-table.tsx';
import { FilterChip, SearchField } from '../../components/fields.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { RiskBadge } from '../../components/risk.tsx';
import { countOf, formatBytes, formatCount } from '../../format/figures.ts';
import { formatLikelihood, formatScore } from '../../format/risk.ts';
import { capitalise } from '../../format/words.ts';
import type { Ecosystem, Severity } from '../../stores/catalogue-store.ts';
import { useApplication } from '../../stores/context.tsx';
import { PatchPanel } from './patch-panel.tsx';

const COLUMNS: readonly Column<PatchView>[] = [
  {
    id: 'package',
    title: 'Package',
    width: 'minmax(9rem, 1.4fr)',
    cell: (patch) => (
      <span className="cell-name" title={patch.description}>
        {patch.package}
      </span>
    ),
  },
  {
    id: 'version',
    title: 'Version',
    width: 'minmax(11.5rem, 1.2fr)',
    cell: (patch) => (
      <span className="mono" title={patch.version}>
        {patch.version}
      </span>
    ),
  },
  { id: 'arch', title: 'Architecture', width: '7rem', cell: (patch) => patch.arch, fromWidth: 720 },
  {
    id: 'risk',
    title: 'Risk',
    width: '8rem',
    cell: (patch) => <RiskBadge risk={patch.risk} severity={patch.severity} />,
  },
  {
    id: 'epss',
    title: 'EPSS',
    width: '5rem',
    align: 'end',
    cell: (patch) =>
      patch.security ? formatLikelihood(patch.risk.epss) : <span className="soft">None</span>,
    fromWidth: 900,
  },
  {
    id: 'cvss',
    title: 'CVSS',
    width: '5rem',
    align: 'end',
    cell: (patch) => (patch.security ? formatScore(patch.risk) : <span className="soft">None</span>),
    fromWidth: 900,
  },
  {
    id: 'cves',
    title: 'CVEs',
    width: '3.75rem',
    align: 'end',
    cell: (patch) =>
      patch.cves.length === 0 ? <span className="soft">0</span> : formatCount(patch.cves.length),
    fromWidth: 560,
  },
  {
    id: 'endpoints',
    title: 'Needed by',
    width: '5.75rem',
    align: 'end',
    cell: (patch) =>
      patch.endpoints === 0 ? (
        <span className="soft">0</span>
      ) : (
        <span className="count-loud">{formatCount(patch.endpoints)}</span>
      ),
  },
  {
    id: 'size',
    title: 'Size',
    width: '5rem',
    align: 'end',
    cell: (patch) => formatBytes(patch.size),
    fromWidth: 640,
  },
  {
    id: 'carried',
    title: 'Carried',
    width: '5.5rem',
    cell: (patch) => (patch.carried ? 'Yes' : <span className="soft">No</span>),
    fromWidth: 820,
  },
];

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'unimportant', 'not stated'];

const ECOSYSTEMS: Readonly<Record<Ecosystem, string>> = { deb: 'Debian', rpm: 'RPM', windows: 'Windows' };

/** One of a list of choices, put into it or taken out. */
function withOrWithout<Choice>(all: readonly Choice[], one: Choice, on: boolean): readonly Choice[] {
  return on ? [...all, one] : all.filter((other) => other !== one);
}

function countOn(count: number | undefined): { readonly count?: string } {
  return count === undefined ? {} : { count: formatCount(count) };
}

/** Tens of thousands of rows; the engine searches, the window shows what is in sight. */
export function Patches(props: { readonly mayPlan: boolean }) {
  const { catalogue } = useApplication();
  const patches = useStore(catalogue, (state) => state.patches);
  const filter = useStore(catalogue, (state) => state.filter);
  const facets = useStore(catalogue, (state) => state.facets);
  const [words, setWords] = useState(filter.search);
  const [open, setOpen] = useState<{ readonly patch: PatchView; readonly index: number } | null>(null);
  const { need, setFilter } = catalogue.getState();
  useEffect(() => {
    if (words === catalogue.getState().filter.search) return;
    const timer = setTimeout(() => setFilter({ search: words }), 200);
    return () => clearTimeout(timer);
  }, [catalogue, setFilter, words]);
  const rows: RowSource<PatchView> = useMemo(
    () => ({ count: patches.total ?? 0, at: (index) => patches.rows.get(index) }),
    [patches],
  );
  // A site with one kind of packages has nothing to choose between.
  const kinds = (Object.keys(ECOSYSTEMS) as Ecosystem[]).filter(
    (kind) => filter.ecosystems.includes(kind) || (facets?.ecosystems[kind] ?? 0) > 0,
  );
  const ecosystems = kinds.length > 1 || filter.ecosystems.length > 0 ? kinds : [];
  const onRange = useCallback((first: number, last: number) => need(first, last), [need]);
  return (
    <div className="split">
      <div className="master">
        <div className="filter-bar">
          <SearchField label="Package, source or CVE" value={words} onChange={setWords} />
          <div className="chips" role="group" aria-label="Filters">
            <FilterChip
              label="Carried"
              on={filter.onlyCarried}
              onChange={(onlyCarried) => setFilter({ onlyCarried })}
            />
            <FilterChip
              label="Needed"
              on={filter.onlyNeeded}
              onChange={(onlyNeeded) => setFilter({ onlyNeeded })}
            />
            <FilterChip
              label="Exploited"
              on={filter.onlyExploited}
              onChange={(onlyExploited) => setFilter({ onlyExploited })}
              {...countOn(facets?.exploited)}
            />
            <FilterChip
              label="Security"
              on={filter.onlySecurity}
              onChange={(onlySecurity) => setFilter({ onlySecurity })}
              {...countOn(facets?.security)}
            />
            {ecosystems.map((kind) => (
              <FilterChip
                key={kind}
                label={ECOSYSTEMS[kind]}
                on={filter.ecosystems.includes(kind)}
                onChange={(on) => setFilter({ ecosystems: withOrWithout(filter.ecosystems, kind, on) })}
                {...countOn(facets?.ecosystems[kind])}
              />
            ))}
            {SEVERITIES.filter(
              (word) => filter.severities.includes(word) || (facets?.severities[word] ?? 0) > 0,
            ).map((word) => (
              <FilterChip
                key={word}
                label={word === 'not stated' ? 'Severity not stated' : capitalise(word)}
                on={filter.severities.includes(word)}
                onChange={(on) => setFilter({ severities: withOrWithout(filter.severities, word, on) })}
                {...countOn(facets?.severities[word])}
              />
            ))}
            <FilterChip
              label="Released in 14 days"
              on={filter.releasedWithinDays !== null}
              onChange={(on) => setFilter({ releasedWithinDays: on ? 14 : null })}
            />
            <FilterChip
              label="Hide superseded"
              on={filter.hideSuperseded}
              onChange={(hideSuperseded) => setFilter({ hideSuperseded })}
              {...countOn(facets?.superseded)}
            />
            <FilterChip
              label="Gravest first"
              on={filter.sort === 'risk'}
              onChange={(on) => setFilter({ sort: on ? 'risk' : 'best' })}
            />
          </div>
          <span className="filter-count" role="status">
            {patches.total === null ? 'Searching…' : countOf(patches.total, 'patch', 'patches')}
          </span>
        </div>
        {patches.failure !== null && (
          <FailureNote failure={patches.failure} what="The catalogue could not be read" />
        )}
        {patches.total === null ? (
          patches.failure === null && <Loading what="the patches" />
        ) : (
          <DataTable
            label="Patches"
            columns={COLUMNS}
            rows={rows}
            keyOf={(patch) => String(patch.id)}
            activeKey={open === null ? null : String(open.patch.id)}
            activeIndex={open?.index ?? -1}
            onActivate={(patch, index) => setOpen({ patch, index })}
            onRange={onRange}
            primary
            empty={
              <Empty icon={Library} title="No patch fits">
                <p>
                  {filter.onlyCarried || filter.onlyNeeded || filter.onlySecurity || filter.onlyExploited
                    ? 'Take a filter away to search everything that the imported indexes name.'
                    : 'No imported index names such a package.'}
                </p>
              </Empty>
            }
          />
        )}
      </div>
      {open !== null && (
        <PatchPanel
          key={open.patch.id}
          patch={open.patch}
          mayPlan={props.mayPlan}
          onClose={() => setOpen(null)}
        />
      )}
    </div>
  );
}
