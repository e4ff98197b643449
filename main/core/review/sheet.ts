import { SINGLE_OPERATOR } from '../../../contract/declaration.ts';
import { markingText } from '../../../contract/marking.ts';
import type { PackPatch, ReviewPack } from './review-pack.ts';
import { silenceOf } from './silence.ts';

/**
 * The list of a pack as a table for a spreadsheet, and what a person wrote into it. Nothing in a spreadsheet is signed: what comes back
 * counts only once a person at the site has countersigned it (docs/FORMAT-review.md).
 */
export type SheetCell = string | number | boolean | null | undefined;
/** Row by row, as a spreadsheet program would show it; a day may be a Date as the file says it, given here as `YYYY-MM-DD`. */
export type SheetGrid = readonly (readonly SheetCell[])[];

/** What a person fills in comes first, what it is about after it, the hash that binds it last. */
export const SHEET_COLUMNS = [
  'Decision',
  'Reason',
  'Until',
  'Control',
  'Package',
  'Version',
  'Architecture',
  'Source',
  'Security',
  'Severity',
  'CVEs',
  'Advisories',
  'Known to be exploited',
  'CVSS',
  'EPSS',
  'Due',
  'Restart',
  'Why',
  'Change',
  'Policy',
  'Endpoints',
  'Bytes',
  'Patch',
] as const;
export type SheetColumn = (typeof SHEET_COLUMNS)[number];

export const PACK_LABEL = 'Pack';
export const HASH_LABEL = 'SHA-256 of the pack';

/**
 * Keeps a cell from being taken for a formula: what begins with one of the characters that spreadsheet programs act on gets an
 * apostrophe in front. Source: https://owasp.org/www-community/attacks/CSV_Injection.
 */
export function guardCell(text: string): string {
  return /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
}

/** The whole table as text, guarded. */
export function sheetOf(pack: ReviewPack, sha256: string): string[][] {
  const marking = markingText(pack.marking);
  const head = [
    ['Sallyport review list', marking],
    ['Site', pack.siteName],
    ['Customer', pack.customer],
    ['Protective marking', marking],
    ...(pack.singleOperator ? [['Declared', SINGLE_OPERATOR]] : []),
    [PACK_LABEL, pack.packId],
    [HASH_LABEL, sha256],
    ['Cut-off', pack.cutOffAt],
    [
      'How',
      'Write approve, reject, defer or ask into the column Decision. All but approve need a Reason; defer needs Until (a day, like 24 December 2026) and Control (what protects meanwhile).',
    ],
    ['Left blank', blanksOf(pack)],
    [
      'Note',
      'A spreadsheet carries no signature. What it says counts only once a person at the site has countersigned it, and is marked as unsigned for ever.',
    ],
    [],
  ];
  const rows = pack.patches.map((patch) => SHEET_COLUMNS.map((column) => cellOf(patch, column)));
  return [...head, [...SHEET_COLUMNS], ...rows].map((row) => row.map(guardCell));
}

/** What it means to write nothing into a row, for the rows of this pack. */
function blanksOf(pack: ReviewPack): string {
  const { awaited, yes, no, held, standing, out } = silenceOf(pack, new Set());
  const cutOff = `${pack.cutOffAt.slice(0, 10)} ${pack.cutOffAt.slice(11, 16)} UTC`;
  const parts = [
    ...(awaited > 0
      ? [`${awaited} rows need a word: a sheet that leaves one of them blank is not taken in`]
      : []),
    ...(yes > 0
      ? [`${yes} rows mean YES when they are blank: from the cut-off on, ${cutOff}, they may be installed`]
      : []),
    ...(no > 0 ? [`${no} rows are not installed when they are blank: there was too little notice`] : []),
    ...(held > 0
      ? [`${held} rows are not installed when they are blank: you deferred, rejected or asked before`]
      : []),
    ...(standing > 0 ? [`${standing} rows are approved in advance by your policy`] : []),
    ...(out > 0 ? [`${out} rows are kept out by your policy, whatever anybody writes`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function cellOf(patch: PackPatch, column: SheetColumn): string {
  switch (column) {
    case 'Decision':
    case 'Reason':
    case 'Until':
    case 'Control':
      return '';
    case 'Package':
      return patch.package;
    case 'Version':
      return patch.version;
    case 'Architecture':
      return patch.arch;
    case 'Source':
      return patch.source;
    case 'Security':
      return patch.security ? 'yes' : 'no';
    case 'Severity':
      return patch.severity;
    case 'CVEs':
      return patch.cves.join(' ');
    case 'Advisories':
      return patch.advisories.join(' ');
    case 'Known to be exploited':
      return patch.kev;
    case 'CVSS':
      return patch.cvss === null ? '' : String(patch.cvss);
    case 'EPSS':
      return patch.epss === null ? '' : String(patch.epss);
    case 'Due':
      return patch.dueAt?.slice(0, 10) ?? '';
    case 'Restart':
      return patch.reboot;
    case 'Why':
      return patch.requested ? 'asked for' : 'pulled in';
    case 'Change':
      return patch.change;
    case 'Policy':
      return patch.standing;
    case 'Endpoints':
      return String(patch.endpoints.length);
    case 'Bytes':
      return String(patch.size);
    case 'Patch':
      return patch.sha256;
  }
}
