import { readChoice, RESOLVE_DECISIONS } from '../choices.ts';
import type { Answer } from '../command.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { answerFollowed, followRun, type Followed } from '../follow-run.ts';
import { formatInstant, formatTable, shortId } from '../format.ts';
import { pickId, pickOne } from '../pick.ts';
import { describeOutcomes, describeRun } from '../run-text.ts';

const which = { name: 'run', about: 'its id, or the beginning of it' } as const;

export const runCommands = [
  defineCommand({
    noun: 'run',
    verb: 'start',
    about: 'carry out an approved plan and follow it to its end',
    arguments: [{ name: 'approval', about: 'id of a granted approval, or the beginning of it' }],
    access: 'person',
    channels: ['approvals.list', 'runs.start', 'runs.get', 'runs.wait'],
    run: async (call) => {
      const { client, input } = call;
      const approvals = () => client.invoke('approvals.list', {});
      const approvalId = await pickId(input.text('approval'), 'approval', approvals);
      const { id } = await client.invoke('runs.start', { approvalId });
      call.note(`Run ${id} started.`);
      return answerFollowed(await followRun(call, id));
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'list',
    about: 'list runs',
    access: 'person',
    channels: ['runs.list'],
    run: async ({ client }) => {
      const runs = await client.invoke('runs.list', {});
      const text = formatTable(
        runs,
        [
          { title: 'RUN', cell: (row) => shortId(row.id) },
          { title: 'STARTED', cell: (row) => `${formatInstant(row.startedAt)} by ${row.startedBy}` },
          { title: 'APPROVED BY', cell: (row) => row.approvedBy },
          { title: 'STATUS', cell: (row) => (row.cancelRequested ? `${row.status}, cancelled` : row.status) },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'OUTCOMES', cell: describeOutcomes },
        ],
        'There is no run yet.',
      );
      return { value: runs, text };
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'show',
    about: 'show how each endpoint of a run stands',
    arguments: [which],
    access: 'person',
    channels: ['runs.list', 'runs.get'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('run'), 'run', () => client.invoke('runs.list', {}));
      const view = await client.invoke('runs.get', { id });
      return { value: view, text: describeRun(view) };
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'journal',
    about: 'show the journal of a run, oldest first',
    arguments: [which],
    options: [{ flags: '--after <row>', about: 'only entries after this row', whole: true }],
    access: 'person',
    channels: ['runs.list', 'runs.journal'],
    run: async ({ client, input }) => {
      const runId = await pickId(input.text('run'), 'run', () => client.invoke('runs.list', {}));
      const page = await client.invoke('runs.journal', { runId, afterRow: input.whole('after') ?? 0 });
      const table = formatTable(
        page.entries,
        [
          { title: 'WHEN', cell: (row) => formatInstant(row.at) },
          { title: 'ENDPOINT', cell: (row) => row.endpointName },
          { title: 'NUMBER', cell: (row) => String(row.seq), right: true },
          { title: 'STEP', cell: (row) => row.step ?? '-' },
          { title: 'WHAT', cell: (row) => row.text },
        ],
        'There is no entry.',
      );
      return { value: page, text: `${table}\n\nLast row: ${page.lastRow}` };
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'wait',
    about: 'wait until every endpoint of a run has ended or needs attention',
    arguments: [which],
    access: 'person',
    channels: ['runs.list', 'runs.get', 'runs.wait'],
    run: async (call) => {
      const id = await pickId(call.input.text('run'), 'run', () => call.client.invoke('runs.list', {}));
      return answerFollowed(await followRun(call, id));
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'cancel',
    about: 'cancel a run; takes effect between steps',
    arguments: [which],
    access: 'person',
    channels: ['runs.list', 'runs.cancel'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('run'), 'run', () => client.invoke('runs.list', {}));
      const run = await client.invoke('runs.cancel', { id });
      const rest =
        run.status === 'ended'
          ? 'Every endpoint of it has ended.'
          : 'Endpoints that are in the middle of a step finish that step first; `sallyport run resume` takes them there.';
      return { value: run, text: `Run ${run.id} is to be cancelled: ${describeOutcomes(run)}. ${rest}` };
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'resume',
    about: 'go on with the runs that a stopped engine left behind, and follow them to their end',
    access: 'person',
    channels: ['runs.resume', 'runs.get', 'runs.wait'],
    run: async (call) => {
      const { resumed } = await call.client.invoke('runs.resume', {});
      return answerResumed(resumed, await Promise.all(resumed.map((id) => followRun(call, id))));
    },
  }),
  defineCommand({
    noun: 'run',
    verb: 'resolve',
    about: 'settle an endpoint that needs attention, and follow the run to its end',
    arguments: [which, { name: 'endpoint', about: 'name or id of the endpoint in that run' }],
    options: [
      {
        flags: '--decision <what>',
        about:
          'look-again: find out once more; restore: back to the snapshot; accept-as-is: take it as it stands',
        choices: RESOLVE_DECISIONS,
        required: true,
      },
      { flags: '--reason <text>', about: 'why, for the journal', required: true },
    ],
    access: 'person',
    channels: ['runs.list', 'runs.get', 'runs.resolve', 'runs.wait'],
    run: async (call) => {
      const { client, input } = call;
      const runId = await pickId(input.text('run'), 'run', () => client.invoke('runs.list', {}));
      const { tasks } = await client.invoke('runs.get', { id: runId });
      const named = tasks.map((task) => ({ id: task.endpointId, name: task.endpointName }));
      const endpointId = pickOne(named, input.text('endpoint'), 'endpoint').id;
      await client.invoke('runs.resolve', {
        runId,
        endpointId,
        decision: readChoice(RESOLVE_DECISIONS, input.text('decision')),
        reason: input.text('reason'),
      });
      return answerFollowed(await followRun(call, runId));
    },
  }),
];

/** Several runs in one answer; the exit code is that of the one that went worst, in the order of concern. */
function answerResumed(resumed: readonly string[], followed: readonly Followed[]): Answer {
  const concern = [EXIT.attention, EXIT.cancelled, EXIT.failed, EXIT.refused, EXIT.partial];
  const exit = concern.find((code) => followed.some((run) => run.exit === code)) ?? EXIT.ok;
  return {
    value: { resumed, runs: followed.map((run) => run.view) },
    text:
      resumed.length === 0
        ? 'No run was left behind.'
        : followed.map((run) => answerFollowed(run).text).join('\n\n'),
    exit,
  };
}
