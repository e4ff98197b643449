import type { OutputOf } from '../../../contract/channels.ts';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { formatFacts, formatInstant, formatTable, shortId } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { pickId } from '../pick.ts';
import { finishImport } from './review-outcome.ts';

/** Decisions in a spreadsheet, which nobody at the customer signed. */

type Sheet = OutputOf<'reviews.importSheet'>;

const countsOf = ({ counts }: Pick<Sheet, 'counts'>): string =>
  `${counts.approved} approved, ${counts.rejected} rejected, ${counts.deferred} deferred, ${counts.asked} asked`;

const standsFor = ({ countersigned, approvers }: Sheet): string =>
  countersigned.length === 0
    ? 'no: counts for nothing'
    : `${countersigned.map(({ by }) => by).join(', ')} (${countersigned.length} of ${approvers})`;

export const reviewSheetCommands = [
  defineCommand({
    noun: 'review',
    verb: 'read-sheet',
    about: 'read a filled-in spreadsheet of a pack and name every mistake in it; takes nothing in',
    arguments: [{ name: 'file', about: 'CSV or XLSX' }],
    access: 'person',
    channels: ['reviews.readSheet'],
    run: async ({ client, input, world }) => {
      const reading = await client.invoke('reviews.readSheet', {
        file: resolvePath(world, input.text('file')),
      });
      const facts = formatFacts([
        ['Pack', reading.packId],
        ['Sheet', reading.sheetSha256],
        ['Says', countsOf(reading)],
        ['Left blank', reading.blank === 0 ? 'none' : `${reading.blank}: the policies decide on them`],
        ['Mistakes', String(reading.problems.length)],
      ]);
      const table = formatTable(
        reading.problems,
        [
          { title: 'ROW', cell: (row) => String(row.row), right: true },
          { title: 'COLUMN', cell: (row) => row.column },
          { title: 'WHAT IS WRONG', cell: (row) => row.problem },
          { title: 'WHAT TO DO', cell: (row) => row.fix },
        ],
        'It can be taken in: sallyport review import-sheet.',
      );
      const exit = reading.problems.length === 0 ? EXIT.ok : EXIT.failed;
      return { value: reading, text: `${facts}\n\n${table}`, exit };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'import-sheet',
    about: 'keep a spreadsheet without mistakes as an unsigned decision, for somebody else to countersign',
    arguments: [{ name: 'file', about: 'CSV or XLSX' }],
    options: [{ flags: '--said-by <name>', about: 'who at the customer filled it in', required: true }],
    access: 'person',
    channels: ['reviews.importSheet'],
    run: async ({ client, input, world }) => {
      const sheet = await client.invoke('reviews.importSheet', {
        file: resolvePath(world, input.text('file')),
        saidBy: input.text('saidBy'),
      });
      const facts = formatFacts([
        ['Sheet', sheet.id],
        ['Pack', sheet.packId],
        ['Marked as', sheet.mark],
        ['Says', countsOf(sheet)],
      ]);
      return {
        value: sheet,
        text: `${facts}\n\nIt counts for nothing yet. An approver who did not ask reads it and stands for it: sallyport review show-sheet ${shortId(sheet.id)}, sallyport review countersign ${shortId(sheet.id)}`,
      };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'sheets',
    about: 'list the spreadsheets that were taken in, and who stands for them',
    access: 'person',
    channels: ['reviews.sheets'],
    run: async ({ client }) => {
      const sheets = await client.invoke('reviews.sheets', {});
      const text = formatTable(
        sheets,
        [
          { title: 'SHEET', cell: (row) => shortId(row.id) },
          { title: 'PACK', cell: (row) => shortId(row.packId) },
          { title: 'SAID BY', cell: (row) => row.saidBy },
          { title: 'TAKEN IN', cell: (row) => `${formatInstant(row.importedAt)} by ${row.importedBy}` },
          { title: 'SAYS', cell: countsOf },
          { title: 'COUNTERSIGNED', cell: standsFor },
        ],
        'No spreadsheet has been taken in.',
      );
      return { value: sheets, text };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'show-sheet',
    about: 'show every line of a spreadsheet that was taken in, to be read back before you countersign',
    arguments: [{ name: 'sheet', about: 'its SHA-256, or the beginning of it' }],
    access: 'person',
    channels: ['reviews.sheets', 'reviews.sheetRows'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('sheet'), 'sheet', () => client.invoke('reviews.sheets', {}));
      const lines = await client.invoke('reviews.sheetRows', { id });
      const text = formatTable(
        lines,
        [
          { title: 'SAYS', cell: (row) => row.verdict ?? 'nothing' },
          { title: 'PACKAGE', cell: (row) => `${row.package}:${row.arch}` },
          { title: 'VERSION', cell: (row) => row.version },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'UNTIL', cell: (row) => (row.until === null ? '' : formatInstant(row.until)) },
          { title: 'REASON', cell: (row) => row.reason },
          { title: 'CONTROL', cell: (row) => row.control },
        ],
        'It has no line.',
      );
      return { value: lines, text };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'countersign',
    about: 'stand for an unsigned decision with your own key; it stays marked as unsigned',
    arguments: [{ name: 'sheet', about: 'its SHA-256, or the beginning of it' }],
    options: [
      { flags: '--assurance <text>', about: 'how you made sure that the customer means it', required: true },
      { flags: '--valid <hours>', about: 'for so many hours (72 when absent)', whole: true },
    ],
    access: 'person',
    channels: ['reviews.sheets', 'reviews.countersign', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const id = await pickId(input.text('sheet'), 'sheet', () => client.invoke('reviews.sheets', {}));
      const validHours = input.whole('valid');
      const outcome = await client.invoke('reviews.countersign', {
        ...{ id, assurance: input.text('assurance') },
        ...(validHours === undefined ? {} : { validHours }),
      });
      return finishImport({ client, progress, world }, outcome);
    },
  }),
];
