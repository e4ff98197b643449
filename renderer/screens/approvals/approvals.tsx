import { FileInput, Inbox, ListChecks, ListPlus, MessageCircleQuestionMark } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { SelectField } from '../../components/fields.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { Empty, FailureNote, Loading } from '../../components/notes.tsx';
import { ObjectList } from '../../components/object-list.tsx';
import { countOf } from '../../format/figures.ts';
import { customersOf, groupQueue, listOf, type QueueGroup } from '../../stores/approvals-store.ts';
import { useApplication, useNow } from '../../stores/context.tsx';
import { holdsRole } from '../../stores/session-store.ts';
import { ApprovalPane } from './approval-pane.tsx';
import { CloseDialog } from './close-dialog.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { OutcomeDialog } from './outcome-dialog.tsx';
import { PlanPane } from './plan-pane.tsx';
import { PrepareDialog } from './prepare-dialog.tsx';
import { QueueLine } from './queue-line.tsx';
import { QuestionsDialog } from './questions-dialog.tsx';
import { SheetPane } from './sheet-pane.tsx';

/** The queue at the left, what is decided at the right, the decision below it. */
export function ApprovalsScreen() {
  const { approvals, navigation, session } = useApplication();
  const now = useNow(60_000);
  const list = useStore(approvals, (state) => state.approvals);
  const plans = useStore(approvals, (state) => state.plans);
  const queue = useStore(approvals, (state) => state.queue);
  const [dialog, setDialog] = useState<'import' | 'prepare' | 'questions' | null>(null);
  /** The approval whose plan is looked at although there is a list of it. */
  const [planOf, setPlanOf] = useState<string | null>(null);
  const openId = useStore(navigation, (state) => state.open.approvals ?? null);
  const isClosing = useStore(navigation, (state) => state.section.approvals === 'close');
  const outcome = useStore(approvals, (state) => state.outcome);
  useEffect(
    () => () => {
      // Whoever comes to this screen next has not done it.
      approvals.getState().showOutcome(null);
      navigation.getState().openSection('approvals', '');
    },
    [approvals, navigation],
  );
  const isEngineer = useStore(session, (state) => holdsRole(state, 'engineer'));
  const openQuestions = (queue.value ?? []).reduce((sum, item) => sum + item.openQuestions, 0);
  const customers = useMemo(
    () => customersOf(list.value ?? [], plans.value ?? []),
    [list.value, plans.value],
  );
  const [wanted, setWanted] = useState(EVERYBODY);
  const everything = useMemo(
    () => groupQueue(list.value ?? [], plans.value ?? [], queue.value),
    [list.value, plans.value, queue.value],
  );
  const narrowed = useMemo(() => narrowTo(everything, wanted), [everything, wanted]);
  // Whoever was led to something of another customer sees it among everything.
  const isHidden = openId !== null && has(everything, openId) && !has(narrowed, openId);
  const groups = isHidden ? everything : narrowed;
  const all = groups.flatMap((group) => group.items);
  // A plan that was asked for since is opened as its approval.
  const chosen =
    all.find((item) => item.id === openId) ??
    all.find((item) => item.kind === 'approval' && item.approval.planId === openId) ??
    all[0];
  const approvalId = chosen?.kind === 'approval' ? chosen.id : null;
  const waits = chosen?.kind === 'approval' && chosen.approval.status === 'requested';
  const sheet = waits ? listOf(queue.value, chosen.id) : null;
  const showsSheet = sheet !== null && planOf !== chosen?.id;
  const detailId = showsSheet ? null : approvalId;
  useEffect(() => void approvals.getState().openDetail(detailId), [approvals, detailId]);
  const planId = chosen?.kind === 'plan' ? chosen.id : null;
  useEffect(() => void approvals.getState().openPlan(planId), [approvals, planId]);
  const failure = list.failure ?? plans.failure;
  if (list.value === null || plans.value === null) {
    return failure === null ? <Loading what="the approvals" /> : <FailureNote failure={failure} />;
  }
  const toDecide = list.value.filter((approval) => approval.status === 'requested');
  const mine = toDecide.filter((approval) => approval.mayDecide).length;
  return (
    <div className="master">
      <ScreenHead
        title="Approvals"
        summary={
          toDecide.length === 0
            ? 'Nothing waits for a decision'
            : `${countOf(toDecide.length, 'plan waits', 'plans wait')} for a decision, ${mine === 0 ? 'none' : mine} for yours`
        }
        actions={
          <>
            {customers.length > 1 && (
              <SelectField
                label="Customer"
                compact
                value={isHidden ? EVERYBODY : wanted}
                choices={[
                  { value: EVERYBODY, label: 'All customers' },
                  ...customers.map((name) => ({ value: name, label: name })),
                ]}
                onChange={(name) => {
                  setWanted(name);
                  navigation.getState().openObject('approvals', null);
                }}
              />
            )}
            {isEngineer && (
              <>
                {waits && (
                  <Button icon={ListChecks} onPress={() => setDialog('prepare')}>
                    {sheet === null ? 'Prepare the list' : 'Prepare the list again'}
                  </Button>
                )}
                {openQuestions > 0 && (
                  <Button icon={MessageCircleQuestionMark} onPress={() => setDialog('questions')}>
                    {countOf(openQuestions, 'open question')}
                  </Button>
                )}
                <Button icon={FileInput} onPress={() => setDialog('import')}>
                  Import decision
                </Button>
              </>
            )}
          </>
        }
      />
      {outcome !== null && (
        <OutcomeDialog outcome={outcome} onClose={() => approvals.getState().showOutcome(null)} />
      )}
      {isClosing && outcome === null && sheet !== null && sheet.packId !== null && (
        <CloseDialog
          item={{ ...sheet, packId: sheet.packId }}
          onClose={() => navigation.getState().openSection('approvals', '')}
        />
      )}
      {dialog === 'questions' && <QuestionsDialog onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
      {dialog === 'prepare' && approvalId !== null && (
        <PrepareDialog
          approvalId={approvalId}
          again={sheet !== null}
          onClose={() => {
            setDialog(null);
            setPlanOf(null);
          }}
        />
      )}
      {chosen === undefined ? (
        <Empty
          icon={Inbox}
          title="Nothing to decide"
          action={
            isEngineer && (
              <Button
                kind="primary"
                icon={ListPlus}
                onPress={() => navigation.getState().go('endpoints', null, 'plan')}
              >
                Make a plan
              </Button>
            )
          }
        >
          <p>
            A plan names exactly which packages come onto which endpoints. One person asks, another approves,
            and only what was approved can be installed.
          </p>
        </Empty>
      ) : (
        <div className={showsSheet ? 'queue queue-narrow' : 'queue'}>
          <ObjectList
            label="Approvals and plans"
            groups={groups}
            keyOf={(item) => item.id}
            chosen={chosen.id}
            letters={!showsSheet}
            onChoose={(item) => navigation.getState().openObject('approvals', item.id)}
            onOpen={() => document.querySelector<HTMLElement>('.decision-bar button')?.focus()}
          >
            {(item) => (
              <QueueLine
                item={item}
                list={item.kind === 'approval' ? listOf(queue.value, item.id) : null}
                now={now}
              />
            )}
          </ObjectList>
          {chosen.kind === 'plan' ? (
            <PlanPane key={chosen.id} mayAsk={isEngineer} />
          ) : showsSheet && sheet.packId !== null ? (
            <SheetPane
              key={sheet.packId}
              item={{ ...sheet, packId: sheet.packId }}
              isEngineer={isEngineer}
              onShowPlan={() => setPlanOf(chosen.id)}
              onClose={() => navigation.getState().openSection('approvals', 'close')}
            />
          ) : (
            <ApprovalPane
              key={chosen.id}
              isEngineer={isEngineer}
              {...(sheet === null ? {} : { onShowList: () => setPlanOf(null) })}
            />
          )}
        </div>
      )}
    </div>
  );
}

/** No name of a customer. */
const EVERYBODY = '';

function narrowTo(groups: readonly QueueGroup[], customer: string): readonly QueueGroup[] {
  if (customer === EVERYBODY) return groups;
  return groups
    .map(({ title, items }) => ({
      title,
      items: items.filter((item) =>
        (item.kind === 'plan' ? item.plan : item.approval).customers.includes(customer),
      ),
    }))
    .filter(({ items }) => items.length > 0);
}

/** Whether something is among them, by its own id or as the approval of a plan. */
const has = (groups: readonly QueueGroup[], id: string): boolean =>
  groups.some(({ items }) =>
    items.some((item) => item.id === id || (item.kind === 'approval' && item.approval.planId === id)),
  );
