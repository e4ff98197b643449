import { Library, ShieldAlert } from 'lucide-react';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { PatchView } from '../../../contract/catalogue.ts';
import { DataTable, type Column, type RowSource } from '../../components/data-table.tsx';
import { FilterChip, SearchField } from '../../components/fields.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { Badge } from '../../components/status.tsx';
import { countOf, formatBytes, formatCount } from '../../format/figures.ts';
import { capitalise, toneOfSeverity } from '../../format/words.ts';
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
    id: 'kind',
    title: 'Severity',
    width: '7rem',
    cell: (patch) => <PatchSeverity patch={patch} />,
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

function PatchSeverity(props: { readonly patch: PatchView }) {
  const { patch } = props;
  if (!patch.security) return <span className="soft">Not security</span>;
  return (
    <Badge tone={toneOfSeverity(patch.severity)} icon={ShieldAlert}>
      {patch.severity === 'not stated' ? 'Security' : capitalise(patch.severity)}
    </Badge>
  );
}

/** Tens of thousands of rows; the engine searches, the window shows what is in sight. */
export function Patches(props: { readonly mayPlan: boolean }) {
  const { catalogue } = useApplication();
  const patches = useStore(catalogue, (state) => state.patches);
  const filter = useStore(catalogue, (state) => state.filter);
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
                  {filter.onlyCarried || filter.onlyNeeded
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
