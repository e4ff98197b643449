import { ListPlus, RefreshCw } from 'lucide-react';
import { useStore } from 'zustand';
import type { EndpointDetail } from '../../../contract/endpoints.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { Panel } from '../../components/layout.tsx';
import { FailureNote, FailureText, Loading, Note } from '../../components/notes.tsx';
import { RaciStrip } from '../../components/raci-strip.tsx';
import { Status } from '../../components/status.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { formatInstant, formatWhen } from '../../format/dates.ts';
import { formatCount } from '../../format/figures.ts';
import { REBOOT_POLICY_WORDS, SNAPSHOT_MODE_WORDS } from '../../format/words.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { Access } from './access.tsx';
import { FindingsTable, PackagesTable } from './endpoint-tables.tsx';

export function EndpointPanel(props: {
  readonly id: string;
  readonly mayAct: boolean;
  readonly onScan: (ids: readonly string[]) => void;
}) {
  const { endpoints, navigation } = useApplication();
  const detail = useStore(endpoints, (state) => state.detail);
  const section = useStore(navigation, (state) => state.section.endpoints ?? 'findings');
  const { openObject, openSection } = navigation.getState();
  const close = (): void => openObject('endpoints', null);
  if (detail.value === null) {
    return (
      <Panel label="Endpoint" title="Endpoint" onClose={close}>
        {detail.failure === null ? <Loading what="the endpoint" /> : <FailureNote failure={detail.failure} />}
      </Panel>
    );
  }
  const { endpoint, findings, packages } = detail.value;
  return (
    <Panel
      label={`Endpoint ${endpoint.name}`}
      title={endpoint.name}
      subtitle={`${endpoint.platform ?? 'Platform not known'}, ${endpoint.address}`}
      onClose={close}
      actions={
        props.mayAct && (
          <>
            <Button
              icon={RefreshCw}
              disabled={endpoint.hostKey === null}
              onPress={() => props.onScan([endpoint.id])}
            >
              Scan
            </Button>
            <Button
              icon={ListPlus}
              disabled={endpoint.findings.total === 0}
              onPress={() => {
                endpoints.getState().select([endpoint.id]);
                openSection('endpoints', 'plan');
              }}
            >
              Plan
            </Button>
          </>
        )
      }
    >
      {endpoint.hostKey === null && section !== 'access' && (
        <Note
          tone="warn"
          title="Host key not pinned"
          action={
            props.mayAct && (
              <Button onPress={() => openSection('endpoints', 'access')}>Compare the host key</Button>
            )
          }
        >
          <p>No credential is sent to this endpoint before a person has compared its key.</p>
        </Note>
      )}
      {endpoint.scanFailure !== null && (
        <FailureText
          what={`The scan of ${formatInstant(endpoint.scanFailure.at)} failed`}
          failure={{
            ...endpoint.scanFailure,
            subject: { endpoint: endpoint.name, address: endpoint.address },
          }}
          action={
            props.mayAct && (
              <Button kind="quiet" icon={RefreshCw} onPress={() => props.onScan([endpoint.id])}>
                Scan again
              </Button>
            )
          }
        />
      )}
      <Tabs
        label="About this endpoint"
        chosen={section}
        onChoose={(id) => openSection('endpoints', id)}
        tabs={[
          {
            id: 'findings',
            title: 'Findings',
            count: formatCount(findings.length),
            content: <FindingsTable findings={findings} scanned={endpoint.scannedAt !== null} />,
          },
          { id: 'facts', title: 'Facts', content: <EndpointFacts detail={detail.value} /> },
          {
            id: 'packages',
            title: 'Packages',
            count: formatCount(packages.length),
            content: <PackagesTable packages={packages} />,
          },
          { id: 'history', title: 'History', content: <History detail={detail.value} /> },
          { id: 'access', title: 'Access', content: <Access endpoint={endpoint} mayPin={props.mayAct} /> },
        ]}
      />
    </Panel>
  );
}

function EndpointFacts(props: { readonly detail: EndpointDetail }) {
  const { endpoint, facts } = props.detail;
  const mode = SNAPSHOT_MODE_WORDS[endpoint.snapshotMode];
  return (
    <div className="scroll">
      <h3>Reported by the endpoint</h3>
      {facts.length === 0 ? <p className="soft">Nothing yet: a scan reads them.</p> : <Facts facts={facts} />}
      <h3>How it is patched</h3>
      <Facts
        facts={[
          { label: 'Snapshot', value: `${mode.word}: ${mode.means}` },
          {
            label: 'Hypervisor',
            value:
              endpoint.hypervisorName === null
                ? 'None'
                : `${endpoint.hypervisorName}, disk of ${endpoint.vm ?? '?'}`,
          },
          {
            label: 'When it goes wrong',
            value: endpoint.restoreOnFailure ? 'Restore by itself' : 'Leave it for a person',
          },
          { label: 'Reboot', value: REBOOT_POLICY_WORDS[endpoint.rebootPolicy] },
          {
            label: 'Health checks',
            value:
              endpoint.healthChecks.length === 0
                ? 'None'
                : endpoint.healthChecks.map((check) => (
                    <div key={check.name}>
                      {check.name}: <code>{check.argv.join(' ')}</code>
                    </div>
                  )),
          },
        ]}
      />
    </div>
  );
}

function History(props: { readonly detail: EndpointDetail }) {
  const { navigation } = useApplication();
  const now = useNow(60_000);
  const { history } = props.detail;
  const { id, scannedAt } = props.detail.endpoint;
  if (history.length === 0) return <p className="soft scroll">Nothing has happened here yet.</p>;
  return (
    <div className="scroll">
      <RaciStrip about={{ kind: 'scan', endpointId: id }} stamp={scannedAt ?? ''} />
      <ol className="history">
        {history.map((entry, index) => (
          <li key={index}>
            <time dateTime={entry.at}>{formatWhen(entry.at, now)}</time>
            <span className="history-what">{entry.what}</span>
            {entry.outcome !== null && <Status state={entry.outcome} />}
            {entry.runId !== null && (
              <Button kind="quiet" onPress={() => navigation.getState().go('runs', entry.runId)}>
                Open the run
              </Button>
            )}
          </li>
        ))}
      </ol>
    </div>
  );
}
