import { createStore, type StoreApi } from 'zustand/vanilla';
import type { OutputOf, Reply } from '../../contract/channels.ts';
import type { ApprovalDetail, ApprovalView, PlanSummary, PlanView, RunSummary } from '../../contract/runs.ts';
import type { SettledPack } from '../../contract/policies.ts';
import type { QueueItem as ReviewItem } from '../../contract/queue.ts';
import type {
  DraftRow,
  ImportedDecision,
  ReviewPatchDetail,
  ReviewSheet,
  SheetPart,
} from '../../contract/reviews.ts';
import type { Client } from '../client/client.ts';
import { beginLoading, endLoading, NOT_LOADED, refreshOn, type Loaded } from './loaded.ts';

/** One line of the list: an approval, or a plan that nobody asked an approval for yet. */
export type QueueItem =
  | { readonly kind: 'approval'; readonly id: string; readonly approval: ApprovalView }
  | { readonly kind: 'plan'; readonly id: string; readonly plan: PlanSummary };

export interface QueueGroup {
  readonly title: string;
  readonly items: readonly QueueItem[];
}

/** A call that began an operation. */
type Begun = OutputOf<'reviews.export'>;

/** What a list came to, and by what: an answer that was taken in, or the list being closed. */
export type Outcome =
  | { readonly by: 'signed' | 'imported' | 'countersigned'; readonly decision: ImportedDecision }
  | { readonly by: 'closed'; readonly settled: SettledPack };

export interface ApprovalsState {
  readonly approvals: Loaded<ApprovalView[]>;
  readonly plans: Loaded<PlanSummary[]>;
  /** Lists to decide, and who has answered. */
  readonly queue: Loaded<ReviewItem[]>;
  readonly detail: Loaded<ApprovalDetail>;
  /** The plan that is looked at before anybody asks for it. */
  readonly plan: Loaded<PlanView>;
  /** Shown until somebody has read it: what is on the screen may have changed with it. */
  readonly outcome: Outcome | null;
  readonly showOutcome: (outcome: Outcome | null) => void;
  readonly refresh: () => Promise<void>;
  readonly openDetail: (id: string | null) => Promise<void>;
  readonly openPlan: (id: string | null) => Promise<void>;
  readonly request: (planId: string) => Promise<Reply<ApprovalView>>;
  readonly grant: (id: string, planDigest: string, validHours: number) => Promise<Reply<ApprovalView>>;
  readonly reject: (id: string, planDigest: string, reason: string) => Promise<Reply<ApprovalView>>;
  readonly withdraw: (id: string) => Promise<Reply<ApprovalView>>;
  readonly startRun: (approvalId: string) => Promise<Reply<OutputOf<'runs.start'>>>;
  /** Result of the operation: ReviewPackView. */
  readonly prepare: (approvalId: string, cutOffAt: string, approvers: number) => Promise<Reply<Begun>>;
  readonly sign: (packId: string, validHours: number) => Promise<Reply<ImportedDecision>>;
  /** Brings a list that nobody has to answer any more to its outcome; `null`: it is left to wait. */
  readonly close: (packId: string) => Promise<Reply<SettledPack | null>>;
  /** Result of the operation: ExportedPack. */
  readonly exportPack: (approvalId: string, file: string) => Promise<Reply<Begun>>;
  readonly importDecision: (file: string, signatureFile: string | null) => Promise<Reply<ImportedDecision>>;
  readonly carriedOf: (packId: string) => Promise<Reply<OutputOf<'queue.carried'>>>;
  readonly silenceOf: (packId: string) => Promise<Reply<OutputOf<'queue.silence'>>>;
  readonly openSheet: (packId: string, part: SheetPart) => Promise<Reply<ReviewSheet>>;
  readonly endpointsOf: (packId: string, patch: string) => Promise<Reply<ReviewPatchDetail>>;
  readonly saveDraft: (
    packId: string,
    rows: readonly DraftRow[],
    removed: readonly string[],
  ) => Promise<Reply<OutputOf<'queue.draft'>>>;
  readonly pickFolder: (title: string) => Promise<Reply<{ path: string | null }>>;
  readonly pickFile: (title: string) => Promise<Reply<{ path: string | null }>>;
}
export type ApprovalsStore = StoreApi<ApprovalsState>;

export function createApprovalsStore(client: Client): ApprovalsStore {
  const store = createStore<ApprovalsState>()((set, get) => {
    let opening = 0;
    let openId: string | null = null;
    let planId: string | null = null;
    const settled = async <T>(reply: Reply<T>): Promise<Reply<T>> => {
      await get().refresh();
      return reply;
    };
    /** The outcome first: once the approval is decided, whatever asked for it is not on the screen any more. */
    const taken = (by: 'signed' | 'imported', reply: Reply<ImportedDecision>): Reply<ImportedDecision> => {
      if (reply.ok) set({ outcome: { by, decision: reply.value } });
      void get().refresh();
      return reply;
    };
    return {
      approvals: NOT_LOADED,
      plans: NOT_LOADED,
      queue: NOT_LOADED,
      detail: NOT_LOADED,
      plan: NOT_LOADED,
      outcome: null,
      showOutcome: (outcome) => set({ outcome }),
      async refresh() {
        set({
          approvals: beginLoading(get().approvals),
          plans: beginLoading(get().plans),
          queue: beginLoading(get().queue),
        });
        const [queue, approvals, plans] = await Promise.all([
          client.invoke('queue.list', {}),
          client.invoke('approvals.list', {}),
          client.invoke('plans.list', {}),
        ]);
        set({
          approvals: endLoading(get().approvals, approvals),
          plans: endLoading(get().plans, plans),
          queue: endLoading(get().queue, queue),
        });
        if (openId !== null) await get().openDetail(openId);
      },
      async openDetail(id) {
        const mine = ++opening;
        if (id === null) {
          openId = null;
          set({ detail: NOT_LOADED });
          return;
        }
        const before = openId === id ? get().detail : NOT_LOADED;
        openId = id;
        set({ detail: beginLoading(before) });
        const reply = await client.invoke('approvals.get', { id });
        if (mine === opening) set({ detail: endLoading(get().detail, reply) });
      },
      async openPlan(id) {
        // A plan never changes.
        if (id === planId && get().plan.failure === null) return;
        planId = id;
        set({ plan: NOT_LOADED });
        if (id === null) return;
        const reply = await client.invoke('plans.get', { id });
        if (planId === id) set({ plan: endLoading(get().plan, reply) });
      },
      request: async (id) => settled(await client.invoke('approvals.request', { planId: id })),
      grant: async (id, planDigest, validHours) =>
        settled(await client.invoke('approvals.grant', { id, planDigest, validHours })),
      reject: async (id, planDigest, reason) =>
        settled(await client.invoke('approvals.reject', { id, planDigest, reason })),
      withdraw: async (id) => settled(await client.invoke('approvals.withdraw', { id })),
      startRun: async (approvalId): Promise<Reply<RunSummary>> =>
        settled(await client.invoke('runs.start', { approvalId })),
      prepare: (approvalId, cutOffAt, approvers) =>
        client.invoke('queue.prepare', { approvalId, cutOffAt, approvers }),
      sign: async (packId, validHours) =>
        taken('signed', await client.invoke('queue.sign', { packId, validHours })),
      async close(packId) {
        const reply = await client.invoke('reviews.settle', { packId });
        const [settled] = reply.ok ? reply.value : [];
        if (settled !== undefined) set({ outcome: { by: 'closed', settled } });
        void get().refresh();
        return reply.ok ? { ok: true, value: settled ?? null } : reply;
      },
      exportPack: (approvalId, file) => client.invoke('reviews.export', { approvalId, file, cutOffAt: null }),
      importDecision: async (file, signatureFile) =>
        taken('imported', await client.invoke('reviews.import', { file, signatureFile })),
      carriedOf: (packId) => client.invoke('queue.carried', { packId }),
      silenceOf: (packId) => client.invoke('queue.silence', { packId }),
      openSheet: (packId, part) => client.invoke('queue.sheet', { packId, part }),
      endpointsOf: (packId, patch) => client.invoke('queue.patch', { packId, patch }),
      saveDraft: (packId, rows, removed) =>
        client.invoke('queue.draft', { packId, rows: [...rows], removed: [...removed] }),
      pickFolder: (title) => client.invokeShell('shell.pickFolder', { title }),
      pickFile: (title) =>
        client.invokeShell('shell.pickFile', { title, purpose: 'open', suggestedName: '', filters: [] }),
    };
  });
  refreshOn(client, ['approvals', 'plans', 'runs'], () => {
    if (store.getState().approvals.value !== null) void store.getState().refresh();
  });
  return store;
}

/** The list of an approval that counts: the newest that no other took the place of. */
export function listOf(queue: readonly ReviewItem[] | null, approvalId: string): ReviewItem | null {
  const item = currentOf(queue, approvalId);
  return item?.packId === null ? null : item;
}

/** Lists that nobody has to answer any more, and that are not at their outcome yet. */
export function closingLists(queue: readonly ReviewItem[] | null): readonly ReviewItem[] {
  return (queue ?? []).filter((item) => item.closes);
}

/** `for Harbour Trust: Databases, Web`. */
export function nameList(item: Pick<ReviewItem, 'customer' | 'groups'>): string {
  const groups = item.groups.join(', ');
  return item.customer === '' ? `of ${groups}` : `for ${item.customer}: ${groups}`;
}

/** Every customer that something of the queue is for. */
export function customersOf(approvals: readonly ApprovalView[], plans: readonly PlanSummary[]): string[] {
  return [...new Set([...approvals, ...plans].flatMap(({ customers }) => customers))].toSorted();
}

/**
 * The queue as a person works through it: what waits for a decision first, by whom it waits for, the nearest cut-off first; what is
 * settled last, the newest first.
 */
export function groupQueue(
  approvals: readonly ApprovalView[],
  plans: readonly PlanSummary[],
  queue: readonly ReviewItem[] | null = null,
): QueueGroup[] {
  const asked = new Set(approvals.map((approval) => approval.planId));
  const newestFirst = (a: { at: string }, b: { at: string }): number => b.at.localeCompare(a.at);
  const pick = (...statuses: readonly ApprovalView['status'][]): QueueItem[] =>
    approvals
      .filter((approval) => statuses.includes(approval.status))
      .map((approval) => ({ at: approval.requestedAt, approval }))
      .sort(newestFirst)
      .map(({ approval }) => ({ kind: 'approval', id: approval.id, approval }));
  const unasked: QueueItem[] = plans
    .filter((plan) => !asked.has(plan.id))
    .map((plan) => ({ at: plan.createdAt, plan }))
    .sort(newestFirst)
    .map(({ plan }) => ({ kind: 'plan', id: plan.id, plan }));
  return [
    ...groupWaiting(pick('requested'), queue),
    { title: 'Approved, not started', items: pick('granted') },
    { title: 'Plans nobody asked for yet', items: unasked },
    { title: 'Decided', items: pick('used', 'rejected', 'withdrawn', 'expired') },
  ].filter((group) => group.items.length > 0);
}

/** Later than any cut-off: what has no list yet comes after what has one. */
const NO_CUT_OFF = '~';

/** By customer and patch groups; stable, so that what has no cut-off stays the newest first. */
function groupWaiting(items: readonly QueueItem[], queue: readonly ReviewItem[] | null): QueueGroup[] {
  const groups = new Map<string, { first: string; items: { item: QueueItem; cutOffAt: string }[] }>();
  for (const item of items) {
    const list = currentOf(queue, item.id);
    const title = titleOf(list);
    const cutOffAt = list?.cutOffAt ?? NO_CUT_OFF;
    const group = groups.get(title) ?? { first: cutOffAt, items: [] };
    group.items.push({ item, cutOffAt });
    if (cutOffAt < group.first) group.first = cutOffAt;
    groups.set(title, group);
  }
  return [...groups]
    .sort(([, a], [, b]) => compare(a.first, b.first))
    .map(([title, group]) => ({
      title,
      items: group.items.sort((a, b) => compare(a.cutOffAt, b.cutOffAt)).map(({ item }) => item),
    }));
}

/** `Waiting for Harbour Trust: Databases, Web`. */
function titleOf(list: ReviewItem | null): string {
  if (list === null) return 'Waiting for a decision';
  const groups = list.groups.filter((group) => group !== '').join(', ');
  const whom = list.customer === '' ? 'a decision' : list.customer;
  return `Waiting for ${whom}${groups === '' ? '' : `: ${groups}`}`;
}

/** What the queue says of an approval now: of the newest list, or that there is none yet. */
function currentOf(queue: readonly ReviewItem[] | null, approvalId: string): ReviewItem | null {
  return queue?.find((item) => item.approvalId === approvalId && item.state !== 'superseded') ?? null;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
