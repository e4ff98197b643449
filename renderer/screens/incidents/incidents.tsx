import { ShieldCheck } from 'lucide-react';
import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { Incident } from '../../../contract/site.ts';
import { Button } from '../../components/button.tsx';
import { Facts } from '../../components/facts.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { CopyButton, Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { ObjectList } from '../../components/object-list.tsx';
import { RaciStrip } from '../../components/raci-strip.tsx';
import { formatAge, formatInstant } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { describeFailure } from '../../format/failures.ts';
import { useApplication, useNow } from '../../stores/context.tsx';

const NONE: readonly Incident[] = [];

/** What broke, with the evidence that was taken at the time. */
export function IncidentsScreen() {
  const { records, navigation } = useApplication();
  const now = useNow(60_000);
  const list = useStore(records, (state) => state.incidents);
  const openId = useStore(navigation, (state) => state.open.incidents ?? null);
  const all = list.value ?? NONE;
  const sorted = useMemo(() => [...all].sort((a, b) => b.openedAt.localeCompare(a.openedAt)), [all]);
  if (list.value === null) {
    return list.failure === null ? <Loading what="the incidents" /> : <FailureNote failure={list.failure} />;
  }
  const chosen = sorted.find((incident) => incident.id === openId) ?? sorted[0];
  return (
    <div className="master">
      <ScreenHead title="Incidents" summary={all.length === 0 ? 'None' : countOf(all.length, 'incident')} />
      {chosen === undefined ? (
        <Empty icon={ShieldCheck} title="No incident">
          <p>
            An incident is opened by itself when an endpoint had to be restored or needs a person. It keeps
            what was read at that moment.
          </p>
        </Empty>
      ) : (
        <div className="queue">
          <ObjectList
            label="Incidents"
            groups={[{ title: 'Newest first', items: sorted }]}
            keyOf={(incident) => incident.id}
            chosen={chosen.id}
            onChoose={(incident) => navigation.getState().openObject('incidents', incident.id)}
          >
            {(incident) => (
              <>
                <div className="object-line">
                  <strong>{incident.endpointName ?? 'The site'}</strong>
                  <span className="soft">{formatAge(incident.openedAt, now)}</span>
                </div>
                <div className="object-line object-clamp">
                  <span>{incident.message}</span>
                </div>
              </>
            )}
          </ObjectList>
          <IncidentPane incident={chosen} />
        </div>
      )}
    </div>
  );
}

function IncidentPane(props: { readonly incident: Incident }) {
  const { navigation } = useApplication();
  const { incident } = props;
  return (
    <div className="detail scroll">
      <header className="detail-head">
        <div>
          <h2>{incident.message}</h2>
        </div>
        <div className="actions">
          {incident.runId !== null && (
            <Button onPress={() => navigation.getState().go('runs', incident.runId)}>Open the run</Button>
          )}
          {incident.endpointId !== null && (
            <Button onPress={() => navigation.getState().go('endpoints', incident.endpointId, 'history')}>
              Open the endpoint
            </Button>
          )}
        </div>
      </header>
      <RaciStrip about={{ kind: 'incident', id: incident.id }} stamp={incident.id} />
      <Facts
        facts={[
          { label: 'Opened', value: formatInstant(incident.openedAt) },
          { label: 'Endpoint', value: incident.endpointName ?? 'None: it concerns the site' },
          { label: 'Code', value: <code>{incident.code}</code> },
        ]}
      />
      <h3>Evidence</h3>
      {incident.evidence.length === 0 ? (
        <p className="soft">None was kept.</p>
      ) : (
        incident.evidence.map((piece, index) => (
          <section key={index} className="evidence">
            <h4>{piece.label}</h4>
            <pre tabIndex={0}>{piece.text}</pre>
          </section>
        ))
      )}
      <div>
        <CopyButton
          text={[
            describeFailure(
              {
                code: incident.code,
                message: incident.message,
                subject: { endpoint: incident.endpointName ?? 'none', incident: incident.id },
              },
              Date.parse(incident.openedAt),
            ),
            ...incident.evidence.map((piece) => `--- ${piece.label}\n${piece.text}`),
          ].join('\n')}
        >
          Copy details
        </CopyButton>
      </div>
    </div>
  );
}
