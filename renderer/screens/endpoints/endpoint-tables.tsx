import { CircleCheck, PackageX, ShieldAlert } from 'lucide-react';
import { useMemo, useState } from 'react';
import type { EndpointDetail, Finding } from '../../../contract/endpoints.ts';
import { DataTable, type Column } from '../../components/data-table.tsx';
import { SearchField } from '../../components/fields.tsx';
import { Empty } from '../../components/notes.tsx';
import { Badge } from '../../components/status.tsx';
import { rowsOf, useTableSort } from '../../components/table-sort.ts';
import { countOf } from '../../format/figures.ts';
import { capitalise, toneOfSeverity } from '../../format/words.ts';

type InstalledPackage = EndpointDetail['packages'][number];

/** Security first, then by how many CVEs a patch closes. */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      Number(b.security) - Number(a.security) ||
      b.cves.length - a.cves.length ||
      a.package.localeCompare(b.package, 'en'),
  );
}

const FINDING_COLUMNS: readonly Column<Finding>[] = [
  {
    id: 'package',
    title: 'What is missing, security first',
    width: 'minmax(0, 1fr)',
    cell: (finding) => (
      <span className="finding">
        <span className="finding-line">
          <span className="cell-name">{finding.package}</span>
          {finding.security ? (
            <Badge tone={toneOfSeverity(finding.severity)} icon={ShieldAlert}>
              {finding.severity === 'not stated' ? 'Security' : capitalise(finding.severity)}
            </Badge>
          ) : (
            <Badge tone="quiet">Not security</Badge>
          )}
        </span>
        <span className="finding-line">
          <span className="cell-version" title={`${finding.installed} to ${finding.candidate}`}>
            {finding.installed} <span aria-label="to">→</span> {finding.candidate}
          </span>
          <span className="soft small" title={finding.cves.join(', ')}>
            {describeFinding(finding)}
          </span>
        </span>
      </span>
    ),
  },
];

function describeFinding(finding: Finding): string {
  if (!finding.carried) return 'Not carried';
  if (finding.held) return 'Held';
  return finding.cves.length === 0 ? '' : countOf(finding.cves.length, 'CVE');
}

export function FindingsTable(props: { readonly findings: readonly Finding[]; readonly scanned: boolean }) {
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const sorted = useMemo(() => sortFindings(props.findings), [props.findings]);
  const rows = useMemo(() => rowsOf(sorted), [sorted]);
  if (props.findings.length === 0) {
    return props.scanned ? (
      <Empty icon={CircleCheck} title="Nothing is missing">
        <p>Everything installed is as new as the catalogue knows.</p>
      </Empty>
    ) : (
      <Empty icon={PackageX} title="Not scanned yet">
        <p>A scan reads which packages are installed, and changes nothing.</p>
      </Empty>
    );
  }
  const active = props.findings.find((finding) => finding.key === activeKey);
  return (
    <div className="fill">
      <DataTable
        label="Findings"
        columns={FINDING_COLUMNS}
        rows={rows}
        keyOf={(finding) => finding.key}
        activeKey={activeKey}
        activeIndex={sorted.findIndex((finding) => finding.key === activeKey)}
        onActivate={(finding) => setActiveKey(finding.key)}
        rowHeight={48}
      />
      {active !== undefined && <FindingFoot finding={active} />}
    </div>
  );
}

function FindingFoot(props: { readonly finding: Finding }) {
  const { finding } = props;
  return (
    <div className="finding-foot">
      <strong>{finding.package}</strong> from source {finding.source}, {finding.repository}.
      {finding.severity === 'not stated' && ' The vendor states no severity.'}
      {finding.advisories.length > 0 && ` Advisories: ${finding.advisories.join(', ')}.`}
      {finding.cves.length > 0 && <span className="cves"> {finding.cves.join(', ')}</span>}
    </div>
  );
}

const PACKAGE_COLUMNS: readonly Column<InstalledPackage>[] = [
  {
    id: 'name',
    title: 'Package',
    width: 'minmax(0, 1fr)',
    compare: (a, b) => a.name.localeCompare(b.name, 'en'),
    cell: (row) => (
      <span title={`${row.name}, ${row.arch}, ${row.status}`}>
        <span className="cell-name">{row.name}</span> <span className="soft small">{row.arch}</span>
      </span>
    ),
  },
  {
    id: 'version',
    title: 'Version',
    width: 'minmax(0, 1fr)',
    cell: (row) => (
      <span className="mono" title={row.version}>
        {row.version}
      </span>
    ),
  },
];

export function PackagesTable(props: { readonly packages: readonly InstalledPackage[] }) {
  const [words, setWords] = useState('');
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const found = useMemo(
    () => props.packages.filter((row) => row.name.includes(words.trim().toLowerCase())),
    [props.packages, words],
  );
  const sorted = useTableSort(found, PACKAGE_COLUMNS, { column: 'name', descending: false });
  const rows = useMemo(() => rowsOf(sorted.rows), [sorted.rows]);
  const keyOf = (row: InstalledPackage): string => `${row.name}:${row.arch}`;
  return (
    <div className="fill">
      <SearchField label="Name of a package" value={words} onChange={setWords} />
      <DataTable
        label="Installed packages"
        columns={PACKAGE_COLUMNS}
        rows={rows}
        keyOf={keyOf}
        activeKey={activeKey}
        activeIndex={sorted.rows.findIndex((row) => keyOf(row) === activeKey)}
        onActivate={(row) => setActiveKey(keyOf(row))}
        sort={sorted.sort}
        onSort={sorted.onSort}
        rowHeight={30}
        empty={<p className="soft">No installed package is called that.</p>}
      />
    </div>
  );
}
