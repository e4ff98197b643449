import type { QuestionView } from '../../../contract/queue.ts';
import type { SheetRowView, SheetView } from '../../../contract/sheets.ts';
import { aDigest, ago, anId, HOUR } from './fixtures/made-up.ts';
import { LISTS, sheetFor } from './fixtures/lists.ts';
import type { Scene } from './scenes.ts';
import { siteWithList } from './site-answers.ts';

const APPROVER = 'Grace Lindqvist';
const ENGINEER = 'Ada Whitfield';
const GO = ['approvals', anId(4, 1)] as const;
const PACK = anId(12, 1);
const ROWS = sheetFor(true).rows;
const COUNTS = { approved: 57, rejected: 2, deferred: 1, asked: 0 };

const SHEET: SheetView = {
  ...{ id: aDigest(960), packId: PACK, approvalId: anId(4, 1), fileName: 'patches.xlsx' },
  ...{ saidBy: 'Ines Okoye', mark: 'unsigned sheet of Harbour Trust, said to be by Ines Okoye' },
  ...{ importedAt: ago(HOUR), importedBy: ENGINEER, counts: COUNTS },
  ...{ countersigned: [], approvers: 1 },
};
const LINES = ROWS.map((row, index): SheetRowView => ({
  ...{ patch: row.patch, package: row.package, arch: row.arch, version: row.version },
  ...{ endpoints: row.endpoints, verdict: 'approve', reason: '', until: null, control: '' },
  ...(index === 0 ? { verdict: 'reject', reason: 'The ward system does not start with it' } : {}),
  ...(index === 1 ? { verdict: 'reject', reason: 'Frozen until the inspection' } : {}),
  ...(index === 2
    ? { verdict: 'defer', reason: 'Year end', until: ago(-30 * 24 * HOUR), control: 'Web filter' }
    : {}),
}));
const questionAbout = (index: number, question: string, answer: string | null): QuestionView => ({
  ...{ packId: PACK, patch: ROWS[index]?.patch ?? '', package: ROWS[index]?.package ?? '' },
  ...{ version: ROWS[index]?.version ?? '', askedById: anId(1, 9), askedBy: 'Ruth Adeyemi', question },
  ...{ answer, answeredBy: answer === null ? null : ENGINEER },
});
const QUESTIONS: readonly QuestionView[] = [
  questionAbout(1, 'Does the ward system still start with this version?', null),
  questionAbout(4, 'Is the restart needed at once, or can it wait for Sunday?', null),
  questionAbout(2, 'Which hosts lack the vendor’s first fix?', 'None: all three had it in October.'),
];

const answersFor = (signedIn: string) => ({
  ...siteWithList(signedIn),
  'queue.list': () => LISTS.map((item) => ({ ...item, openQuestions: 2 })),
  'reviews.sheets': () => [SHEET],
  'reviews.sheetRows': () => LINES,
  'questions.list': () => [...QUESTIONS],
});
const importSheet = [
  ['button', 'Import decision'],
  ['type', 'Decision file', '/media/usb/patches.xlsx'],
  ['button', 'Look at the spreadsheet'],
] as const;

/** What passes between site and customer beside signed decisions. */
export const COUNSEL_SCENES: Readonly<Record<string, Scene>> = {
  'approvals-sheet-read': {
    answers: {
      ...answersFor(ENGINEER),
      'reviews.readSheet': () => ({
        ...{ packId: PACK, sheetSha256: aDigest(960), counts: COUNTS, blank: 4, problems: [] },
      }),
    },
    go: GO,
    press: [...importSheet],
  },
  'approvals-sheet-mistakes': {
    answers: {
      ...answersFor(ENGINEER),
      'reviews.readSheet': () => ({
        ...{ packId: PACK, sheetSha256: aDigest(960) },
        counts: { approved: 0, rejected: 0, deferred: 0, asked: 0 },
        blank: 0,
        problems: [
          {
            ...{ row: 7, column: 'Reason', problem: 'Rejected without a reason.' },
            fix: 'Say why, in a few words.',
          },
          {
            ...{ row: 19, column: 'Decision', problem: '“maybe” is no decision.' },
            fix: 'Write approve, reject, defer or ask.',
          },
        ],
      }),
    },
    go: GO,
    press: [...importSheet],
  },
  'approvals-sheet-waits': { answers: answersFor(APPROVER), go: GO },
  'approvals-sheet-countersign': {
    answers: answersFor(APPROVER),
    go: GO,
    press: [['button', 'Countersign']],
  },
  'approvals-quality': { answers: answersFor(ENGINEER), go: GO, press: [['button', 'Our check']] },
  'approvals-questions': { answers: answersFor(ENGINEER), go: GO, press: [['button', '2 open questions']] },
};
