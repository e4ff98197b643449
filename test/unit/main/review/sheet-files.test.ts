import { randomBytes } from 'node:crypto';
import { unzipSync, zipSync } from 'fflate';
import writeXlsxFile from 'write-excel-file/node';
import { describe, expect, it } from 'vitest';
import { ReviewError } from '../../../../contract/errors.ts';
import { DEFAULT_POLICY } from '../../../../main/core/review/policy.ts';
import type { ReviewPack } from '../../../../main/core/review/review-pack.ts';
import { readSheetHead, readSheetRows } from '../../../../main/core/review/read-sheet.ts';
import { guardCell, SHEET_COLUMNS, sheetOf, type SheetGrid } from '../../../../main/core/review/sheet.ts';
import { formatCsv, formatXlsx, readSheetFile } from '../../../../main/review/sheet-files.ts';
import { LIBSSL, NOW, OPENSSL, PACK } from '../../../support/review-site.ts';

const SHA = 'e'.repeat(64);
const titlesAt = (rows: readonly (readonly string[])[]): number =>
  rows.findIndex((row) => row[0] === 'Decision');
/** The table with words filled in, by package. */
function fill(
  words: Readonly<
    Record<string, readonly [decision: string, reason?: string, until?: string, control?: string]>
  >,
  pack: ReviewPack = PACK,
): string[][] {
  const rows = sheetOf(pack, SHA);
  const titles = titlesAt(rows);
  return rows.map((row, index) => {
    const said = index > titles ? words[row[4] ?? ''] : undefined;
    if (said === undefined) return row;
    const [decision, reason = '', until = '', control = ''] = said;
    return [decision, reason, until, control, ...row.slice(4)];
  });
}
const GOOD = fill({ openssl: ['approve'], libssl3: ['defer', 'year end', '24 December 2026', 'web filter'] });
const read = (grid: SheetGrid) => {
  const head = readSheetHead(grid);
  if ('problem' in head) return { rows: [], problems: [head] };
  expect([head.packId, head.packSha256]).toEqual([PACK.packId, SHA]);
  return readSheetRows(grid, head.titles, PACK, NOW);
};
const codeOf = async (bytes: Buffer): Promise<string> => {
  try {
    await readSheetFile(bytes, 'a');
  } catch (error) {
    if (error instanceof ReviewError) return error.code;
    throw error;
  }
  return 'read';
};
const DECIDED = [
  {
    ...{ patch: LIBSSL, verdict: 'defer', reason: 'year end' },
    ...{ until: '2026-12-24T00:00:00.000Z', control: 'web filter' },
  },
  { patch: OPENSSL, verdict: 'approve', reason: '', until: null, control: '' },
];

/** Puts the entries of another ZIP file behind those of this one, whose list does not name them. */
function withHidden(zip: Buffer, other: Uint8Array): Buffer {
  const hidden = Buffer.from(other).subarray(0, listAt(Buffer.from(other)));
  const whole = Buffer.concat([zip.subarray(0, listAt(zip)), hidden, zip.subarray(listAt(zip))]);
  whole.writeUInt32LE(listAt(zip) + hidden.length, whole.length - 6);
  return whole;
}
const listAt = (zip: Buffer): number => zip.readUInt32LE(zip.length - 6);

describe('the list as a spreadsheet', () => {
  it('comes back from CSV and XLSX as it was filled in', async () => {
    expect(PACK.patches.map((patch) => patch.package)).toEqual(['libssl3', 'openssl']);
    const semicolons = GOOD.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';')).join(
      '\n',
    );
    for (const bytes of [
      Buffer.from(formatCsv(GOOD)),
      Buffer.from(formatCsv(GOOD).replace('\ufeff', '')),
      Buffer.from(semicolons),
      await formatXlsx(GOOD, 'Patches'),
    ]) {
      expect(read(await readSheetFile(bytes, 'a'))).toEqual({ rows: DECIDED, problems: [] });
    }
  });

  it('says site, marking and pack above the table, and the hash in every row', async () => {
    const grid = await readSheetFile(await formatXlsx(sheetOf(PACK, SHA), 'Patches'), 'a');
    expect(grid.slice(0, 6).map((row) => row.slice(0, 2))).toEqual([
      ['Sallyport review list', 'OFFICIAL'],
      ['Site', 'Northfield Trust'],
      ['Customer', null],
      ['Protective marking', 'OFFICIAL'],
      ['Pack', 'pack-1'],
      ['SHA-256 of the pack', SHA],
    ]);
    const hashes = grid.slice(titlesAt(sheetOf(PACK, SHA)) + 1).map((row) => row[SHEET_COLUMNS.length - 1]);
    expect(hashes).toEqual([LIBSSL, OPENSSL]);
  });

  it('lets no cell be taken for a formula', async () => {
    for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1']) {
      expect(guardCell(text)).toBe(`'${text}`);
    }
    expect(guardCell('3.0.2-1')).toBe('3.0.2-1');
    const evil: ReviewPack = {
      ...PACK,
      siteName: '=cmd|calc',
      patches: PACK.patches.map((patch) => ({ ...patch, source: '=HYPERLINK("http://x")', severity: '@x' })),
    };
    const rows = sheetOf(evil, SHA);
    expect(rows.flat().filter((cell) => /^[=+\-@\t\r]/.test(cell))).toEqual([]);
    const xml = Object.entries(unzipSync(new Uint8Array(await formatXlsx(rows, 'P'))));
    expect(xml.filter(([, bytes]) => /<f[ >]/.test(Buffer.from(bytes).toString()))).toEqual([]);
  });

  it('takes days as spreadsheet programs write them, and asks where there are two', () => {
    const day = (until: string): unknown => {
      const { rows, problems } = read(
        fill({ openssl: ['approve'], libssl3: ['defer', 'x', until, 'filter'] }),
      );
      return rows[0]?.until ?? problems[0]?.problem;
    };
    for (const text of [
      '2026-12-24',
      '24 December 2026',
      '24-Dec-26',
      '24-Dec-2026',
      '24/12/2026',
      '24.12.2026',
    ])
      expect(day(text)).toBe('2026-12-24T00:00:00.000Z');
    expect(day('12/12/2026')).toBe('2026-12-12T00:00:00.000Z');
    expect(day('03/12/2026')).toBe('03/12/2026 can be read as two days.');
    expect(day('31 February 2027')).toBe('"31 February 2027" is no day.');
    expect(day('24 December 2020')).toBe('24 December 2020 has passed.');
  });

  it('reads a cell of XLSX that holds a date', async () => {
    const bytes = await writeXlsxFile(
      GOOD.map((row) =>
        row.map((value, column) =>
          value === '24 December 2026' && column === 2
            ? { value: new Date('2026-12-24T00:00:00.000Z'), type: Date, format: 'dd/mm/yyyy' }
            : { value, type: String },
        ),
      ),
    ).toBuffer();
    expect(read(await readSheetFile(bytes, 'a')).rows).toEqual(DECIDED);
  });

  it('names every mistake at once, by row and column', () => {
    const rows = fill({ openssl: ['perhaps'], libssl3: ['defer', '', 'soon'] });
    const titles = titlesAt(rows);
    expect(read(rows).problems.map(({ row, column }) => [row, column])).toEqual([
      [titles + 2, 'Reason'],
      [titles + 2, 'Until'],
      [titles + 2, 'Control'],
      [titles + 3, 'Decision'],
    ]);
    for (const problem of read(rows).problems) expect(problem.fix).not.toBe('');
  });

  it.each<readonly [string, (rows: string[][], titles: number) => string[][], string]>([
    [
      'an undecided row',
      (rows, at) => rows.map((row, index) => (index === at + 1 ? ['', ...row.slice(1)] : row)),
      'Decision',
    ],
    ['a row that is missing', (rows, at) => rows.filter((_, index) => index !== at + 2), 'Patch'],
    ['a row that stands twice', (rows, at) => [...rows, rows[at + 1] ?? []], 'Patch'],
    [
      'a row of another pack',
      (rows, at) => rows.map((row, index) => (index === at + 1 ? row.with(-1, 'f'.repeat(64)) : row)),
      'Patch',
    ],
    [
      'columns that were sorted apart',
      (rows, at) =>
        rows.map((row, index) =>
          index === at + 1 ? row.with(-1, OPENSSL) : index === at + 2 ? row.with(-1, LIBSSL) : row,
        ),
      'Package',
    ],
    [
      'no column for decisions',
      (rows, at) => rows.map((row, index) => (index === at ? row.with(0, 'Verdict') : row)),
      'Decision',
    ],
    [
      'two columns of one name',
      (rows, at) => rows.map((row, index) => (index === at ? [...row, 'Reason'] : row)),
      'Reason',
    ],
    ['no pack at the top', (rows) => rows.filter((row) => row[0] !== 'Pack'), 'A'],
    [
      'a hash at the top that was cut',
      (rows) => rows.map((row) => (row[0] === 'SHA-256 of the pack' ? row.with(1, 'abc') : row)),
      'A',
    ],
    ['no names of columns', (rows, at) => rows.filter((_, index) => index !== at), 'Patch'],
  ])('refuses %s', (_, change, column) => {
    const { rows, problems } = read(change(GOOD, titlesAt(GOOD)));
    expect(rows).toEqual([]);
    expect(problems.map((item) => item.column)).toContain(column);
  });

  it('needs no word for what a policy has settled', () => {
    const pack: ReviewPack = {
      ...PACK,
      patches: PACK.patches.map((patch) =>
        patch.package === 'libssl3' ? { ...patch, standing: 'excluded' } : patch,
      ),
    };
    const grid = fill({ openssl: ['approve'] }, pack);
    expect(readSheetRows(grid, titlesAt(grid), pack, NOW)).toMatchObject({
      problems: [],
      rows: [{ patch: OPENSSL }],
    });
  });

  const OPT_OUT: ReviewPack = {
    ...PACK,
    groups: [
      {
        ...{ name: 'web', policySha256: SHA },
        policy: {
          ...{ format: 'sallyport-policy/1', siteId: 'site-1', customer: 'Trust', group: 'web', version: 1 },
          ...{ ...DEFAULT_POLICY, mode: 'opt-out', signedAt: PACK.createdAt, signedBy: 'Mira' },
        },
      },
    ],
    endpoints: [
      {
        ...{ id: 'e1', name: 'web-1', group: 'web', snapshotMode: 'hard', restoreOnFailure: true },
        ...{ rebootPolicy: 'never', scannedAt: null },
      },
    ],
  };

  it('under opt-out one row filled in is an answer, and blank ones are left to the policy', () => {
    const grid = fill({ openssl: ['reject', 'breaks the portal'] }, OPT_OUT);
    expect(readSheetRows(grid, titlesAt(grid), OPT_OUT, NOW)).toEqual({
      problems: [],
      rows: [{ patch: OPENSSL, verdict: 'reject', reason: 'breaks the portal', control: '', until: null }],
    });
    const left = grid.filter((row) => row[4] !== 'libssl3');
    expect(readSheetRows(left, titlesAt(left), OPT_OUT, NOW).problems).toEqual([]);
    // A reason without a verdict is a slip, never silence.
    const slip = fill({ openssl: ['reject', 'x'], libssl3: ['', 'breaks the portal'] }, OPT_OUT);
    expect(readSheetRows(slip, titlesAt(slip), OPT_OUT, NOW).problems).toMatchObject([
      { column: 'Decision' },
    ]);
    const nothing = fill({}, OPT_OUT);
    expect(readSheetRows(nothing, titlesAt(nothing), OPT_OUT, NOW).problems).toMatchObject([
      { column: 'Decision', problem: 'No row is filled in, so there is nothing to take in.' },
    ]);
  });

  it('says at the top what a blank row means, and the marking even where there is none', () => {
    const of = (pack: ReviewPack, label: string) =>
      sheetOf(pack, SHA).find(([first]) => first === label)?.[1];
    expect(of(OPT_OUT, 'Left blank')).toBe(
      '2 rows mean YES when they are blank: from the cut-off on, 2026-11-25 12:00 UTC, they may be installed.',
    );
    expect(of(PACK, 'Left blank')).toMatch(/^2 rows need a word: /);
    const unmarked = { ...PACK, marking: '' };
    expect(of(unmarked, 'Protective marking')).toBe('NO PROTECTIVE MARKING');
    expect(of(unmarked, 'Sallyport review list')).toBe('NO PROTECTIVE MARKING');
  });

  it('prints the marking at the top and the foot of every page, and reads the file all the same', async () => {
    const bytes = await formatXlsx(GOOD, 'Patches', 'R&D <SECRET>');
    const xml = Buffer.from(unzipSync(new Uint8Array(bytes))['xl/worksheets/sheet1.xml'] ?? []).toString();
    const text = 'R&amp;&amp;D &lt;SECRET&gt;';
    expect(xml).toContain(`<oddHeader>&amp;C${text}</oddHeader>`);
    expect(xml).toContain(`<oddFooter>&amp;C${text}`);
    expect(read(await readSheetFile(bytes, 'a')).rows).toEqual(DECIDED);
    const printed = zipSync({
      ...unzipSync(new Uint8Array(bytes)),
      'xl/printerSettings/printerSettings1.bin': Buffer.from('x'),
    });
    expect(read(await readSheetFile(Buffer.from(printed), 'a')).rows).toEqual(DECIDED);
  });

  it('says which encoding is wrong', async () => {
    expect(await codeOf(Buffer.from(`\ufeff${formatCsv(GOOD)}`, 'utf16le'))).toBe('REVIEW_SHEET_ENCODING');
    const windows = Buffer.from(
      formatCsv(fill({ openssl: ['reject', 'déjà'] })).replace('\ufeff', ''),
      'latin1',
    );
    expect(await codeOf(windows)).toBe('REVIEW_SHEET_ENCODING');
  });

  it('refuses hostile spreadsheets before a library reads them', async () => {
    const parts = unzipSync(new Uint8Array(await formatXlsx(GOOD, 'Patches')));
    const pack = (change: Record<string, Uint8Array>): Buffer =>
      Buffer.from(zipSync({ ...parts, ...change }, { level: 6 }));
    expect(await codeOf(pack({}))).toBe('read');
    const [name = ''] = Object.keys(parts).filter((path) => path.includes('worksheets/sheet'));
    const sheet = Buffer.from(parts[name] ?? []).toString();
    const laughs = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${sheet}`;
    expect(await codeOf(pack({ [name]: Buffer.from(laughs) }))).toBe('REVIEW_SHEET_UNSAFE');
    expect(await codeOf(pack({ [name]: Buffer.from(`\ufeff${laughs}`, 'utf16le') }))).toBe(
      'REVIEW_SHEET_UNSAFE',
    );
    expect(await codeOf(pack({ 'xl/vbaProject.bin': Buffer.from('x') }))).toBe('REVIEW_SHEET_UNSAFE');
    expect(await codeOf(pack({ 'xl/bomb.xml': new Uint8Array(32 * 1024 * 1024) }))).toBe(
      'REVIEW_ZIP_TOO_LARGE',
    );
    const closed = '</sheetData>';
    const cell = (place: string): string => `<c r="${place}" t="inlineStr"><is><t>x</t></is></c>`;
    const last = (xml: string): Buffer =>
      pack({ [name]: Buffer.from(sheet.replace(closed, `${xml}${closed}`)) });
    expect(await codeOf(last(`<row r="200000">${cell('B200000')}</row>`))).toBe('read');
    for (const [what, xml] of [
      ['a row far below', '<row r="99999999999"/>'],
      ['a row far below, in figures that are written as references', '<row r="&#57;9999999999"/>'],
      ['a row far below, under a prefix', '<x:row xmlns:x="a" x:r="99999999999"/>'],
      ['a cell that puts its row far below', `<row>${cell('A99999999')}</row>`],
      ['a cell at the far corner', `<row>${cell('XFD1048576')}</row>`],
      ['a cell far to the right', `<row r="199999">${cell('ZZZZZZ199999')}</row>`],
      ['an attribute without end', `<a b="${'['.repeat(10_000)}"/>`],
    ] as const) {
      expect([what, await codeOf(last(xml))]).toEqual([what, 'REVIEW_SHEET_TOO_LARGE']);
    }
    for (const xml of [
      '<row r="1e9"/>',
      '<row r="0x5f5e100"/>',
      `<row>${cell('9')}</row>`,
      '<row>',
      '<a>'.repeat(100) + '</a>'.repeat(100),
    ]) {
      expect([xml, await codeOf(last(xml))]).toEqual([xml, 'REVIEW_SHEET_UNREADABLE']);
    }
    const long = `<row>${cell('A9999').replace('x', 'y'.repeat(40_000))}</row>`;
    expect(await codeOf(last(long))).toBe('REVIEW_SHEET_TOO_LARGE');
    // Rows that do not say where they are; what keeps the ratio believable is noise.
    const noise = `<!--${randomBytes(60_000).toString('hex')}-->`;
    expect(await codeOf(last(`${noise}${'<row/>'.repeat(300_000)}`))).toBe('REVIEW_SHEET_TOO_LARGE');
    expect(await codeOf(Buffer.from('\n'.repeat(2_000_000)))).toBe('REVIEW_SHEET_TOO_LARGE');
    // An entry that the list of the ZIP file does not name, but that lies among its bytes: not read.
    const other = Buffer.from(sheet.replace(/<sheetData>.*<\/sheetData>/s, '<sheetData/>'));
    const bytes = withHidden(pack({}), zipSync({ [name]: other }));
    expect(read(await readSheetFile(bytes, 'a')).rows).toEqual(DECIDED);
    expect(await codeOf(Buffer.from(zipSync({ 'a.txt': Buffer.from('x') })))).toBe('REVIEW_SHEET_UNREADABLE');
    expect(await codeOf(Buffer.from('\u0000\u0001'))).toBe('REVIEW_SHEET_UNREADABLE');
    expect(await codeOf(Buffer.from('"a'))).toBe('REVIEW_SHEET_UNREADABLE');
    expect(await codeOf(Buffer.alloc(17 * 1024 * 1024, 'a'))).toBe('REVIEW_SHEET_TOO_LARGE');
    expect(await codeOf(Buffer.from(`${','.repeat(200)}\n`))).toBe('REVIEW_SHEET_TOO_LARGE');
  });
});
