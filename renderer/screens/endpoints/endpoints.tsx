import { ListPlus, Plus, RefreshCw, Server } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import { useStore } from 'zustand';
import type { EndpointSummary } from '../../../contract/endpoints.ts';
import { Button } from '../../components/button.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { FilterChip, SearchField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { rowsOf, useTableSort } from '../../components/table-sort.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import {
  ENDPOINT_FLAGS,
  filterEndpoints,
  hasFlag,
  NO_ENDPOINT_FILTER,
  type EndpointFlag,
} from '../../stores/endpoint-filter.ts';
import { holdsRole } from '../../stores/session-store.ts';
import { AddEndpoint } from './add-endpoint.tsx';
import { endpointColumns } from './columns.tsx';
import { ComplianceBars, ComplianceTotals } from './compliance.tsx';
import { EndpointPanel } from './endpoint-panel.tsx';
import { MakePlan } from './make-plan.tsx';
import { useScan, ScanFailures } from './scan.tsx';

const FLAG_WORDS: Readonly<Record<EndpointFlag, string>> = {
  security: 'Security',
  findings: 'Any finding',
  reboot: 'Reboot',
  attention: 'Needs a look',
  'not-scanned': 'Not scanned',
  unpinned: 'Not pinned',
};

const NO_ROWS: readonly EndpointSummary[] = [];

export function EndpointsScreen() {
  const { endpoints, navigation, session } = useApplication();
  const now = useNow(60_000);
  const list = useStore(endpoints, (state) => state.list);
  const filter = useStore(endpoints, (state) => state.filter);
  const selected = useStore(endpoints, (state) => state.selected);
  const openId = useStore(navigation, (state) => state.open.endpoints ?? null);
  const section = useStore(navigation, (state) => state.section.endpoints ?? 'list');
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const scan = useScan();
  const all = list.value ?? NO_ROWS;
  const filtered = useMemo(() => filterEndpoints(all, filter), [all, filter]);
  const columns = useMemo(() => endpointColumns(now), [now]);
  const sorted = useTableSort(filtered, columns, { column: 'name', descending: false });
  const rows = useMemo(() => rowsOf(sorted.rows), [sorted.rows]);
  const activeIndex = sorted.rows.findIndex((row) => row.id === openId);
  useEffect(() => void endpoints.getState().openDetail(openId), [endpoints, openId]);

  const { openObject, openSection } = navigation.getState();
  const activate = (row: EndpointSummary): void => {
    openObject('endpoints', row.id);
    if (section === 'add' || section === 'plan') openSection('endpoints', 'findings');
  };
  const toggleAll = (): void => {
    const everything = filtered.length > 0 && filtered.every((row) => selected.has(row.id));
    endpoints.getState().select(everything ? [] : filtered.map((row) => row.id));
  };
  const chosen = [...selected];

  if (list.value === null) {
    return list.failure === null ? <Loading what="the endpoints" /> : <FailureNote failure={list.failure} />;
  }
  const panel =
    section === 'add' && isEngineer ? (
      <AddEndpoint />
    ) : section === 'plan' && isEngineer ? (
      <MakePlan endpoints={all} />
    ) : openId !== null ? (
      <EndpointPanel key={openId} id={openId} onScan={scan.start} mayAct={isEngineer} />
    ) : null;
  return (
    <div className="split">
      <div className="master">
        <ScreenHead
          title="Endpoints"
          count={all.length}
          summary={all.length === 0 ? 'None yet' : <ComplianceTotals endpoints={all} />}
          actions={
            isEngineer && (
              <>
                <Button icon={Plus} onPress={() => openSection('endpoints', 'add')}>
                  Add
                </Button>
                {all.length > 0 && (
                  <>
                    <Button icon={RefreshCw} onPress={() => scan.start([])}>
                      Scan all
                    </Button>
                    <Button kind="primary" icon={ListPlus} onPress={() => openSection('endpoints', 'plan')}>
                      Make a plan
                    </Button>
                  </>
                )}
              </>
            )
          }
        />
        {all.length === 0 ? (
          <Empty
            icon={Server}
            title="No endpoint yet"
            action={
              isEngineer && section !== 'add' ? (
                <Button kind="primary" icon={Plus} onPress={() => openSection('endpoints', 'add')}>
                  Add an endpoint
                </Button>
              ) : undefined
            }
          >
            <p>
              An endpoint is a machine that this site looks after. Name it, say how to log in, and compare its
              host key. Sallyport opens connections to these addresses and to no others.
            </p>
          </Empty>
        ) : (
          <>
            <ComplianceBars
              endpoints={all}
              chosen={filter.group}
              onChoose={(group) => endpoints.getState().setFilter({ group })}
            />
            <div className="filter-bar">
              <SearchField
                label="Name, address, group or platform"
                value={filter.words}
                onChange={(words) => endpoints.getState().setFilter({ words })}
              />
              <div className="chips" role="group" aria-label="Filters">
                {ENDPOINT_FLAGS.map((flag) => {
                  const count = all.filter((row) => hasFlag(row, flag)).length;
                  const on = filter.flags.includes(flag);
                  if (count === 0 && !on) return null;
                  return (
                    <FilterChip
                      key={flag}
                      label={FLAG_WORDS[flag]}
                      count={formatCount(count)}
                      on={on}
                      onChange={(next) =>
                        endpoints.getState().setFilter({
                          flags: next
                            ? [...filter.flags, flag]
                            : filter.flags.filter((other) => other !== flag),
                        })
                      }
                    />
                  );
                })}
              </div>
            </div>
            <ScanFailures scan={scan} />
            <p className="unseen" role="status">
              {formatCount(filtered.length)} of {countOf(all.length, 'endpoint')} shown
            </p>
            <DataTable
              label="Endpoints"
              columns={columns}
              rows={rows}
              keyOf={(row) => row.id}
              activeKey={openId}
              activeIndex={activeIndex}
              onActivate={activate}
              onOpen={() =>
                document.querySelector<HTMLElement>('.panel [role=tab][aria-selected=true]')?.focus()
              }
              selected={selected}
              onToggle={(row) => endpoints.getState().toggle(row.id)}
              onToggleAll={toggleAll}
              sort={sorted.sort}
              onSort={sorted.onSort}
              primary
              empty={
                <Empty
                  icon={Server}
                  title="No endpoint fits"
                  action={
                    <Button onPress={() => endpoints.getState().setFilter(NO_ENDPOINT_FILTER)}>
                      Clear the filters
                    </Button>
                  }
                />
              }
            />
            {chosen.length > 0 && isEngineer && (
              <div className="selection-bar" role="region" aria-label="Selection">
                <strong>{countOf(chosen.length, 'endpoint')} selected</strong>
                <Button icon={RefreshCw} onPress={() => scan.start(chosen)}>
                  Scan
                </Button>
                <Button icon={ListPlus} onPress={() => openSection('endpoints', 'plan')}>
                  Make a plan
                </Button>
                <Button kind="quiet" onPress={() => endpoints.getState().select([])}>
                  Clear the selection
                </Button>
              </div>
            )}
          </>
        )}
      </div>
      {panel}
    </div>
  );
}
