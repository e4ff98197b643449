import type { OutputOf } from '../../../contract/channels.ts';
import type { Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, listOf, shortId } from '../format.ts';
import { pickId } from '../pick.ts';
import { parseFingerprint } from './trust.ts';
import { usageError } from '../usage.ts';

type ApprovalView = OutputOf<'approvals.request'>;
type ApprovalDetail = OutputOf<'approvals.get'>;

const which = { name: 'approval', about: 'its id, or the beginning of it' } as const;
const digestOption = {
  flags: '--digest <sha256>',
  about: 'digest of the plan that was looked at; without it the plan is shown and you are asked',
} as const;

function describeStatus(approval: ApprovalView): string {
  const by =
    approval.decidedBy === null ? '' : ` by ${approval.decidedBy}, ${formatInstant(approval.decidedAt)}`;
  const until = approval.expiresAt === null ? '' : `, valid until ${formatInstant(approval.expiresAt)}`;
  const why = approval.reason === null ? '' : `: ${approval.reason}`;
  return `${approval.status}${by}${until}${why}`;
}

function describeApproval(approval: ApprovalView): string {
  return formatFacts([
    ['Approval', approval.id],
    ['Plan', approval.planId],
    ['Digest', approval.planDigest],
    ['Requested', `${formatInstant(approval.requestedAt)} by ${approval.requestedBy}`],
    ['Status', describeStatus(approval)],
    [
      'Content',
      `${count(approval.packages, 'package')} on ${count(approval.endpoints, 'endpoint')}, ${count(approval.cves, 'CVE')}`,
    ],
    ...(approval.runId === null ? [] : ([['Run', approval.runId]] as const)),
    ...(approval.status !== 'requested' || approval.mayNotDecideBecause === null
      ? []
      : ([['Not for you to decide', approval.mayNotDecideBecause]] as const)),
  ]);
}

function describeDetail({ approval, plan, patches }: ApprovalDetail): string {
  const table = formatTable(
    patches,
    [
      { title: 'PACKAGE', cell: (row) => `${row.package}:${row.arch}` },
      { title: 'TO', cell: (row) => row.to },
      { title: 'SECURITY', cell: (row) => (row.security ? 'yes' : 'no') },
      { title: 'SEVERITY', cell: (row) => row.severity },
      { title: 'SIZE', cell: (row) => formatBytes(row.size), right: true },
      { title: 'WHY', cell: (row) => (row.requested ? 'asked for' : 'pulled in') },
      {
        title: 'ENDPOINTS (FROM)',
        cell: (row) =>
          listOf(
            row.endpoints.map(({ name, from }) => `${name} (${from ?? 'not installed'})`),
            4,
          ),
      },
      { title: 'CVES', cell: (row) => listOf(row.cves, 3) },
    ],
    'No patch.',
  );
  const leftOut = plan.leftOut.map((row) => `  ${row.endpointName}: ${row.message} [${row.code}]`);
  const parts = [describeApproval(approval), table];
  if (leftOut.length > 0) parts.push(`Left out\n${leftOut.join('\n')}`);
  return parts.join('\n\n');
}

type DecisionChannel = 'approvals.list' | 'approvals.get' | 'approvals.grant' | 'approvals.reject';

/**
 * The digest of what the approver looked at: named with `--digest`, or shown now and confirmed. A script must name it, so
 * that it can't approve what nobody saw.
 */
async function confirmDigest(call: Call<DecisionChannel>, id: string, deed: string): Promise<string> {
  const given = call.input.maybe('digest');
  if (given !== undefined) return parseDigest(given);
  if (!call.world.terminal.canAsk || call.json) {
    throw usageError(
      'Without a person to ask, the digest of the plan must be given.',
      'Look at it with `sallyport approval show`, then add --digest.',
    );
  }
  const detail = await call.client.invoke('approvals.get', { id });
  call.note(describeDetail(detail));
  const answer = await call.world.ask(`${deed} exactly this? Type yes: `);
  if (answer.trim().toLowerCase() !== 'yes') throw usageError('Nothing was decided.');
  return detail.approval.planDigest;
}

function parseDigest(text: string): string {
  try {
    return parseFingerprint(text);
  } catch {
    throw usageError('A digest of a plan has 64 hexadecimal digits.', '`sallyport approval show` shows it.');
  }
}

export const approvalCommands = [
  defineCommand({
    noun: 'approval',
    verb: 'request',
    about: 'ask for approval of a plan',
    arguments: [{ name: 'plan', about: 'its id, or the beginning of it' }],
    access: 'person',
    channels: ['plans.list', 'approvals.request'],
    run: async ({ client, input }) => {
      const planId = await pickId(input.text('plan'), 'plan', () => client.invoke('plans.list', {}));
      const approval = await client.invoke('approvals.request', { planId });
      const next = `Next, by somebody else: sallyport approval grant ${shortId(approval.id)}`;
      return { value: approval, text: `${describeApproval(approval)}\n\n${next}` };
    },
  }),
  defineCommand({
    noun: 'approval',
    verb: 'list',
    about: 'list approvals: asked for, decided, used',
    access: 'person',
    channels: ['approvals.list'],
    run: async ({ client }) => {
      const approvals = await client.invoke('approvals.list', {});
      const text = formatTable(
        approvals,
        [
          { title: 'APPROVAL', cell: (row) => shortId(row.id) },
          { title: 'PLAN', cell: (row) => shortId(row.planId) },
          { title: 'REQUESTED', cell: (row) => `${formatInstant(row.requestedAt)} by ${row.requestedBy}` },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'PACKAGES', cell: (row) => String(row.packages), right: true },
          { title: 'CVES', cell: (row) => String(row.cves), right: true },
          { title: 'STATUS', cell: describeStatus },
        ],
        'No approval was asked for yet.',
      );
      return { value: approvals, text };
    },
  }),
  defineCommand({
    noun: 'approval',
    verb: 'show',
    about: 'show everything that one approval is about',
    arguments: [which],
    access: 'person',
    channels: ['approvals.list', 'approvals.get'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('approval'), 'approval', () => client.invoke('approvals.list', {}));
      const detail = await client.invoke('approvals.get', { id });
      return { value: detail, text: describeDetail(detail) };
    },
  }),
  defineCommand({
    noun: 'approval',
    verb: 'grant',
    about: 'approve exactly what the plan says; never by the person who asked',
    arguments: [which],
    options: [
      digestOption,
      { flags: '--valid <hours>', about: 'for so many hours (72 when absent)', whole: true },
    ],
    access: 'person',
    channels: ['approvals.list', 'approvals.get', 'approvals.grant'],
    run: async (call) => {
      const { client, input } = call;
      const validHours = input.whole('valid');
      const id = await pickId(input.text('approval'), 'approval', () => client.invoke('approvals.list', {}));
      const planDigest = await confirmDigest(call, id, 'Approve');
      const approval = await client.invoke('approvals.grant', {
        id,
        planDigest,
        ...(validHours === undefined ? {} : { validHours }),
      });
      const next = `Next: sallyport run start ${shortId(approval.id)}`;
      return { value: approval, text: `${describeApproval(approval)}\n\n${next}` };
    },
  }),
  defineCommand({
    noun: 'approval',
    verb: 'reject',
    about: 'reject what the plan says, with a reason',
    arguments: [which],
    options: [{ flags: '--reason <text>', about: 'why', required: true }, digestOption],
    access: 'person',
    channels: ['approvals.list', 'approvals.get', 'approvals.reject'],
    run: async (call) => {
      const { client, input } = call;
      const id = await pickId(input.text('approval'), 'approval', () => client.invoke('approvals.list', {}));
      const planDigest = await confirmDigest(call, id, 'Reject');
      const approval = await client.invoke('approvals.reject', {
        id,
        planDigest,
        reason: input.text('reason'),
      });
      return { value: approval, text: describeApproval(approval) };
    },
  }),
  defineCommand({
    noun: 'approval',
    verb: 'withdraw',
    about: 'take back a request or an approval; a run of it stops before its next step',
    arguments: [which],
    access: 'person',
    channels: ['approvals.list', 'approvals.withdraw'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('approval'), 'approval', () => client.invoke('approvals.list', {}));
      const approval = await client.invoke('approvals.withdraw', { id });
      return { value: approval, text: describeApproval(approval) };
    },
  }),
];
