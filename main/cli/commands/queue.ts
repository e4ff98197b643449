import { ReviewPackView } from '../../../contract/reviews.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { count, formatFacts, formatInstant, formatTable, listOf, shortId } from '../format.ts';
import { pickId } from '../pick.ts';
import { usageError } from '../usage.ts';
import { finishImport } from './review-outcome.ts';
import { DECIDE_OPTIONS, readRows } from './review-rows.ts';

const LIST = { name: 'list', about: 'its id, or the beginning of it' } as const;

/** Lists that wait for decisions at this site, the provider's own checks, and customers' questions. */
export const queueCommands = [
  defineCommand({
    noun: 'queue',
    verb: 'list',
    about: 'list what waits for decisions and for whom, the nearest cut-off first',
    access: 'person',
    channels: ['queue.list'],
    run: async ({ client }) => {
      const items = await client.invoke('queue.list', {});
      const text = formatTable(
        items,
        [
          { title: 'LIST', cell: (row) => (row.packId === null ? '-' : shortId(row.packId)) },
          { title: 'APPROVAL', cell: (row) => shortId(row.approvalId) },
          { title: 'CUSTOMER', cell: (row) => row.customer },
          { title: 'GROUPS', cell: (row) => listOf(row.groups, 3) },
          { title: 'STATE', cell: (row) => row.state },
          { title: 'CUT-OFF', cell: (row) => (row.cutOffAt === null ? '' : formatInstant(row.cutOffAt)) },
          { title: 'PATCHES', cell: (row) => String(row.patches), right: true },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'ANSWERED', cell: (row) => `${row.answeredBy.length} of ${row.approvers}` },
          { title: 'QUESTIONS', cell: (row) => String(row.openQuestions), right: true },
        ],
        'Nothing waits for a decision.',
      );
      return { value: items, text };
    },
  }),
  defineCommand({
    noun: 'queue',
    verb: 'prepare',
    about: 'make the list to decide of an approval that waits, without writing a file',
    arguments: [{ name: 'approval', about: 'its id, or the beginning of it' }],
    options: [
      {
        flags: '--cut-off <instant>',
        about: 'last moment at which a decision counts (ISO 8601, UTC)',
        required: true,
      },
      {
        flags: '--approvers <number>',
        about: 'different persons that must approve (1 when absent)',
        whole: true,
      },
    ],
    access: 'person',
    channels: ['approvals.list', 'queue.prepare', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const approvalId = await pickId(input.text('approval'), 'approval', () =>
        client.invoke('approvals.list', {}),
      );
      const cutOffAt = input.text('cutOff');
      const approvers = input.whole('approvers') ?? 1;
      const { result } = await followOperation(client, { progress, world }, () =>
        client.invoke('queue.prepare', { approvalId, cutOffAt, approvers }),
      );
      const made = ReviewPackView.parse(result);
      return {
        value: made,
        text: formatFacts([
          ['List', made.id],
          ['Patches', String(made.patches)],
          ['Cut-off', formatInstant(made.cutOffAt)],
        ]),
      };
    },
  }),
  defineCommand({
    noun: 'queue',
    verb: 'show',
    about: 'show a list to decide, row by row, or the endpoints of one patch',
    arguments: [LIST],
    options: [{ flags: '--patch <hash>', about: 'beginning of the SHA-256 of a package file' }],
    access: 'person',
    channels: ['queue.list', 'queue.sheet', 'queue.patch'],
    run: async ({ client, input }) => {
      const packId = await pickList(client, input.text('list'));
      const sheet = await client.invoke('queue.sheet', { packId });
      const hash = input.maybe('patch');
      if (hash !== undefined) {
        const row = sheet.rows.find((item) => item.patch.startsWith(hash));
        if (row === undefined)
          throw usageError(`No patch of this list begins with "${hash}".`, 'Leave --patch out to see them.');
        const detail = await client.invoke('queue.patch', { packId, patch: row.patch });
        const text = formatTable(
          detail.endpoints,
          [
            { title: 'ENDPOINT', cell: (item) => item.name },
            { title: 'GROUP', cell: (item) => item.group },
            { title: 'FROM', cell: (item) => item.from ?? '' },
            { title: 'SNAPSHOT', cell: (item) => item.snapshotMode },
          ],
          'No endpoint.',
        );
        return { value: detail, text };
      }
      const drafted = new Map(sheet.draft.map((row) => [row.patch, row.verdict]));
      const text = formatTable(
        sheet.rows,
        [
          { title: 'PATCH', cell: (row) => row.patch.slice(0, 8) },
          { title: 'PACKAGE', cell: (row) => `${row.package}:${row.arch}` },
          { title: 'TO', cell: (row) => row.version },
          { title: 'SEVERITY', cell: (row) => row.severity },
          { title: 'KEV', cell: (row) => (row.kev === 'listed' || row.kev === 'ransomware' ? row.kev : '') },
          { title: 'DUE', cell: (row) => (row.dueAt === null ? '' : formatInstant(row.dueAt)) },
          { title: 'CHANGE', cell: (row) => row.change },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'POLICY', cell: (row) => row.standing },
          { title: 'DRAFT', cell: (row) => drafted.get(row.patch) ?? '' },
        ],
        'No patch.',
      );
      return { value: sheet, text };
    },
  }),
  defineCommand({
    noun: 'queue',
    verb: 'decide',
    about: 'put verdicts to rows of a list; they count once they are signed',
    arguments: [LIST],
    options: DECIDE_OPTIONS,
    access: 'person',
    channels: ['queue.list', 'queue.sheet', 'queue.draft'],
    run: async ({ client, input }) => {
      const packId = await pickList(client, input.text('list'));
      const sheet = await client.invoke('queue.sheet', { packId });
      const rows = readRows(input, { patches: sheet.rows.map((row) => ({ ...row, sha256: row.patch })) });
      const { drafted } = await client.invoke('queue.draft', { packId, rows });
      const left = sheet.rows.length - drafted;
      return {
        value: { packId, drafted, undecided: left },
        text: `${count(drafted, 'row')} decided, ${left} undecided. Nothing counts yet.\n\nNext: sallyport queue sign ${shortId(packId)}`,
      };
    },
  }),
  defineCommand({
    noun: 'queue',
    verb: 'sign',
    about: 'sign what was decided on a list with your own key',
    arguments: [LIST],
    options: [{ flags: '--valid <hours>', about: 'for so many hours (72 when absent)', whole: true }],
    access: 'person',
    channels: ['queue.list', 'queue.sign', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const packId = await pickList(client, input.text('list'));
      const validHours = input.whole('valid');
      const outcome = await client.invoke('queue.sign', {
        packId,
        ...(validHours === undefined ? {} : { validHours }),
      });
      return finishImport({ client, progress, world }, outcome);
    },
  }),
  defineCommand({
    noun: 'quality',
    verb: 'record',
    about: "record the provider's own check of a patch, which customers read in the next list",
    arguments: [{ name: 'patch', about: 'SHA-256 of a package file', many: true }],
    options: [
      { flags: '--concern <note>', about: 'what speaks against it; without it: no concern' },
      { flags: '--note <note>', about: 'what was tried' },
    ],
    access: 'person',
    channels: ['quality.record'],
    run: async ({ client, input }) => {
      const concern = input.maybe('concern');
      const done = await client.invoke('quality.record', {
        patches: [...input.list('patch')],
        verdict: concern === undefined ? 'no-concern' : 'concern',
        note: concern ?? input.maybe('note') ?? '',
      });
      return { value: done, text: `Recorded for ${count(done.patches, 'patch', 'patches')}.` };
    },
  }),
  defineCommand({
    noun: 'question',
    verb: 'list',
    about: 'list what customers asked about patches, with the answers',
    access: 'person',
    channels: ['questions.list'],
    run: async ({ client }) => {
      const items = await client.invoke('questions.list', {});
      const text = formatTable(
        items,
        [
          { title: 'LIST', cell: (row) => shortId(row.packId) },
          { title: 'PATCH', cell: (row) => row.patch.slice(0, 8) },
          { title: 'PACKAGE', cell: (row) => `${row.package} ${row.version}` },
          { title: 'ASKED BY', cell: (row) => row.askedBy },
          { title: 'QUESTION', cell: (row) => row.question },
          { title: 'ANSWER', cell: (row) => row.answer ?? '' },
        ],
        'Nobody asked anything.',
      );
      return { value: items, text };
    },
  }),
  defineCommand({
    noun: 'question',
    verb: 'answer',
    about: "answer a customer's question; the answer goes into the next list",
    arguments: [
      LIST,
      { name: 'patch', about: 'beginning of the SHA-256 of the package file' },
      { name: 'answer', about: 'the answer' },
    ],
    options: [{ flags: '--asked-by <name>', about: 'who asked, where several did' }],
    access: 'person',
    channels: ['questions.list', 'questions.answer'],
    run: async ({ client, input }) => {
      const by = input.maybe('askedBy');
      const open = (await client.invoke('questions.list', {})).filter(
        (row) =>
          row.packId.startsWith(input.text('list')) &&
          row.patch.startsWith(input.text('patch')) &&
          (by === undefined || row.askedBy === by),
      );
      const [question, another] = open;
      if (question === undefined)
        throw usageError('Nobody asked this.', '`sallyport question list` shows the questions.');
      if (another !== undefined)
        throw usageError(
          'Several persons asked about this patch.',
          'Say whose question it is: --asked-by NAME.',
        );
      const { packId, patch, askedById } = question;
      const done = await client.invoke('questions.answer', {
        packId,
        patch,
        askedById,
        answer: input.text('answer'),
      });
      return { value: done, text: `Answered. ${done.askedBy} reads it in the next list.` };
    },
  }),
];

type Client = Parameters<Parameters<typeof defineCommand>[0]['run']>[0]['client'];

/** The pack whose id begins so. */
async function pickList(client: Client, beginning: string): Promise<string> {
  return pickId(beginning, 'list', async () =>
    (await client.invoke('queue.list', {})).flatMap((item) =>
      item.packId === null ? [] : [{ id: item.packId }],
    ),
  );
}
