import { Check, Play, Undo2, X } from 'lucide-react';
import { useState } from 'react';
import { useStore } from 'zustand';
import type { ApprovalDetail } from '../../../contract/runs.ts';
import type { ApprovalStatus } from '../../../contract/vocabulary.ts';
import { Button } from '../../components/button.tsx';
import { Digest, Facts, type Fact } from '../../components/facts.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { useKeys } from '../../components/keys.tsx';
import { FailureNote, Loading, Note } from '../../components/notes.tsx';
import { OperationProgress } from '../../components/operation-progress.tsx';
import { RaciStrip } from '../../components/raci-strip.tsx';
import { useAction } from '../../components/use-action.ts';
import { formatDuration, formatWhen, formatWhenInside } from '../../format/dates.ts';
import { countOf, formatBytes } from '../../format/figures.ts';
import { PoliciesOf } from '../../policy/policies-of.tsx';
import { useApplication, useNow } from '../../stores/context.tsx';
import { listRunning } from '../../stores/operations-store.ts';
import { ApprovalBadge } from './approval-badge.tsx';
import { ApprovedPatches } from './patch-groups.tsx';
import { LeftOut, PlannedEndpoints } from './plan-parts.tsx';
import { GOOD_FOR, type GoodFor } from './good-for.ts';

export function ApprovalPane(props: {
  readonly isEngineer: boolean;
  /** Back to the list that was made of it. */
  readonly onShowList?: () => void;
}) {
  const { approvals } = useApplication();
  const detail = useStore(approvals, (state) => state.detail);
  if (detail.value === null) {
    return (
      <div className="detail">
        {detail.failure === null ? <Loading what="the approval" /> : <FailureNote failure={detail.failure} />}
      </div>
    );
  }
  const { approval, plan } = detail.value;
  return (
    <div className="detail detail-with-bar">
      <div className="detail-columns scroll">
        <div className="detail-main">
          <header className="detail-head">
            <div>
              <h2>
                {countOf(detail.value.patches.length, 'patch', 'patches')} on{' '}
                {countOf(approval.endpoints, 'endpoint')}
              </h2>
              <ApprovalBadge status={approval.status} />
            </div>
            {props.onShowList !== undefined && (
              <Button kind="quiet" onPress={props.onShowList}>
                Back to the list
              </Button>
            )}
          </header>
          <RaciStrip about={{ kind: 'approval', id: approval.id }} stamp={approval.status} />
          <ApprovedPatches detail={detail.value} />
          <section>
            <h3>Endpoints</h3>
            <PlannedEndpoints endpoints={plan.endpoints} />
          </section>
          <LeftOut leftOut={plan.leftOut} />
        </div>
        <aside className="detail-facts" aria-label="Facts of this approval">
          <ApprovalFacts detail={detail.value} />
        </aside>
      </div>
      <DecisionBar detail={detail.value} isEngineer={props.isEngineer} />
    </div>
  );
}

function ApprovalFacts(props: { readonly detail: ApprovalDetail }) {
  const now = useNow(60_000);
  const { approval, plan } = props.detail;
  const facts: Fact[] = [
    { label: 'Asked by', value: `${approval.requestedBy}, ${formatWhenInside(approval.requestedAt, now)}` },
    { label: 'Plan made by', value: `${plan.createdBy}, ${formatWhenInside(plan.createdAt, now)}` },
  ];
  if (approval.decidedBy !== null && approval.decidedAt !== null) {
    facts.push({
      label: approval.status === 'rejected' ? 'Rejected by' : 'Decided by',
      value: `${approval.decidedBy}, ${formatWhenInside(approval.decidedAt, now)}`,
    });
  }
  if (approval.reason !== null) facts.push({ label: 'Reason', value: approval.reason });
  if (approval.expiresAt !== null && approval.status === 'granted') {
    const left = Date.parse(approval.expiresAt) - now;
    facts.push({
      label: 'Good until',
      value: `${formatWhen(approval.expiresAt, now)}${left > 0 ? `, ${formatDuration(left)} left` : ''}`,
    });
  }
  facts.push(
    { label: 'To install', value: `${countOf(approval.packages, 'package')} in all` },
    { label: 'To transfer', value: formatBytes(plan.bytes) },
    { label: 'CVEs closed', value: approval.cves === 0 ? 'None named by the vendor' : String(approval.cves) },
  );
  return (
    <>
      <Facts facts={facts} stacked />
      <h3>Digest</h3>
      <p className="soft small">The approval is good for exactly this content on exactly these endpoints.</p>
      <Digest digest={approval.planDigest} label="Digest of the plan" />
      {approval.status !== 'requested' && (
        <>
          <h3>Policy</h3>
          <PoliciesOf approvalId={approval.id} stamp={approval.status} />
        </>
      )}
      {approval.signature !== null && (
        <p className="soft small">The decision is signed with the approver&apos;s key.</p>
      )}
    </>
  );
}

/** What can be decided now, always at the same place. */
function DecisionBar(props: { readonly detail: ApprovalDetail; readonly isEngineer: boolean }) {
  const { approvals, navigation, session } = useApplication();
  const { approval } = props.detail;
  const me = useStore(session, (state) => state.site.value?.signedIn?.name ?? '');
  const [hours, setHours] = useState<GoodFor>('72');
  const [rejecting, setRejecting] = useState(false);
  const [reason, setReason] = useState('');
  const actions = approvals.getState();
  const grant = useAction(() => actions.grant(approval.id, approval.planDigest, Number(hours)));
  const reject = useAction(() => actions.reject(approval.id, approval.planDigest, reason.trim()));
  const withdraw = useAction(() => actions.withdraw(approval.id));
  const start = useAction(() => actions.startRun(approval.id));
  const open = approval.status === 'requested';
  const mayDecide = open && approval.mayDecide;
  const approve = (): void => {
    if (!grant.busy) void grant.run();
  };
  const mayGrant = mayDecide && !approval.hasList;
  useKeys({ ...(mayGrant ? { a: approve } : {}), r: () => setRejecting(true) }, mayDecide && !rejecting);
  const failure = grant.failure ?? reject.failure ?? withdraw.failure ?? start.failure;
  const mayWithdraw = approval.mayWithdraw && (!open || approval.requestedBy === me);
  const takeBack = (
    <Button icon={Undo2} busy={withdraw.busy} onPress={() => void withdraw.run()}>
      Withdraw
    </Button>
  );
  return (
    <section className="decision-bar" aria-label="Decision">
      {failure !== null && <FailureNote failure={failure} what="Nothing was decided" />}
      {mayDecide && rejecting ? (
        <form
          className="decision-row decision-reject"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim().length >= 3) void reject.run();
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setRejecting(false);
          }}
        >
          <TextField
            label="Reason, for the person who asked"
            value={reason}
            onChange={setReason}
            autoFocus
            required
          />
          <Button onPress={() => setRejecting(false)}>Back</Button>
          <Button kind="danger" type="submit" icon={X} disabled={reason.trim().length < 3} busy={reject.busy}>
            Reject
          </Button>
        </form>
      ) : mayDecide ? (
        <div className="decision-row">
          {mayGrant ? (
            <>
              <Button kind="primary" icon={Check} busy={grant.busy} onPress={approve} keyHint="a">
                Approve
              </Button>
              <SelectField label="Good for" compact value={hours} choices={GOOD_FOR} onChange={setHours} />
            </>
          ) : (
            <Note tone="info">
              <p>A list was made of this plan: approve on the list, patch by patch.</p>
            </Note>
          )}
          <span className="spacer" />
          <Button icon={X} onPress={() => setRejecting(true)} keyHint="r">
            Reject
          </Button>
        </div>
      ) : open ? (
        <div className="decision-row">
          <Note tone="info">
            <p>{approval.mayNotDecideBecause ?? 'Somebody else decides on this.'}</p>
          </Note>
          <span className="spacer" />
          {mayWithdraw && takeBack}
        </div>
      ) : approval.status === 'granted' ? (
        <div className="decision-row">
          <p>
            {props.isEngineer
              ? 'Approved. Starting takes a snapshot of each endpoint first, where its mode asks for one.'
              : 'Approved. An engineer can start it.'}
          </p>
          <span className="spacer" />
          {mayWithdraw && takeBack}
          {props.isEngineer && (
            <Button
              kind="primary"
              icon={Play}
              busy={start.busy}
              onPress={() =>
                void start.run().then((run) => {
                  if (run !== null) navigation.getState().go('runs', run.id);
                })
              }
            >
              Start the run
            </Button>
          )}
        </div>
      ) : (
        <div className="decision-row">
          {approval.status === 'rejected' ? (
            <Rejected detail={props.detail} />
          ) : (
            <p>{SETTLED_WORDS[approval.status]}</p>
          )}
          <span className="spacer" />
          {approval.runId !== null && (
            <Button icon={Play} onPress={() => navigation.getState().go('runs', approval.runId)}>
              Open the run
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

/** Where only some was approved: that, and where the plan of it is. */
function Rejected(props: { readonly detail: ApprovalDetail }) {
  const { navigation, operations } = useApplication();
  const { approval, narrowedTo } = props.detail;
  // The plan of the rest is begun with the decision.
  const planning = useStore(operations, (state) =>
    listRunning(state).find(
      ({ kind, startedAt }) => kind === 'plan' && isMomentAfter(startedAt, approval.decidedAt),
    ),
  );
  if (narrowedTo !== null) {
    return (
      <>
        <p>{approval.reason}. They have a plan and an approval of their own.</p>
        <Button icon={Check} onPress={() => navigation.getState().openObject('approvals', narrowedTo)}>
          Show what is approved
        </Button>
      </>
    );
  }
  if (planning !== undefined) return <OperationProgress operation={planning} />;
  return <p>{SETTLED_WORDS.rejected}</p>;
}

function isMomentAfter(instant: string, before: string | null): boolean {
  const since = Date.parse(instant) - Date.parse(before ?? '');
  return since >= 0 && since < 10_000;
}

const SETTLED_WORDS: Readonly<Record<ApprovalStatus, string>> = {
  requested: 'Waiting for a decision.',
  granted: 'Approved.',
  used: 'The run of this approval was started. An approval starts one run.',
  rejected: 'Rejected. Make another plan to ask again.',
  withdrawn: 'Taken back. Ask again for the same plan, or make another.',
  expired: 'The time it was good for is over. Ask again for the same plan.',
};
