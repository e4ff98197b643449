import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import { formatPage } from '../../main/core/raci/notice-words.ts';
import { sheetOf } from '../../main/core/review/sheet.ts';
import { readMe } from '../../main/review/pack-zip.ts';
import { makeKey, PACK } from '../support/review-site.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Calls by which something leaves the product as a file or on paper. */
const LEAVES = /\b(?:writeNewFile|writeFileSync|writeFile|window\.print|printToPDF|writeOut)\(/;

/** The band stands on every print of the window: renderer/frame/top-bar.tsx. */
const BAND = 'the band of the window';
/**
 * Everything that writes for somebody outside, and why a site with one operator is declared on it or need not be. A new one has to be
 * entered here, with its check below or its reason.
 */
const EXPORTS: Readonly<Record<string, string>> = {
  'main/app/notice-handlers.ts': 'checked: notices',
  'main/app/export-pack.ts': 'checked: pack, with list, page and read-me',
  'main/cli/main.ts': 'checked: whatever the command line says of a site',
  'renderer/screens/settings/raci-matrix.tsx': BAND,
  'renderer/screens/settings/reviewers.tsx': BAND,
  'renderer/screens/today/notice-pages.tsx': BAND,
  'renderer/page/sign.tsx':
    'enrolment sheet of a customer, who is no site; the list beside it declares the site',
  'renderer/screens/review/my-key.tsx': 'enrolment sheet of a customer, who is no site',
  'renderer/screens/collect/key-card.tsx': 'keys of the connected side, where nothing is asked or approved',
  'main/desktop/shell-channels.ts': BAND,
  'main/app/catalogue-handlers.ts': 'needs-list: names no site, no person and no decision',
  'main/app/desk-packs.ts': 'decision file of a customer, bound to a pack that declares it',
  'main/app/desk-keys.ts': 'enrolment file of a customer, who is no site',
  'main/app/desk-statements.ts': 'statement of a customer, who is no site',
  'main/cli/commands/statement-side.ts': 'statement of a customer, who is no site',
  'main/cli/commands/review-side.ts': 'decision and enrolment of a customer, who is no site',
  'main/review/review-files.ts': 'the writer itself',
  'main/review/reviewer-key.ts': 'a sealed key, no report',
  'main/cli/node-world.ts': 'the writer itself',
  'main/cli/world.ts': 'the writer itself',
};

const sources = globSync('{main,renderer}/**/*.{ts,tsx}', { cwd: ROOT })
  // The connected side builds content, and reads no decision.
  .filter((file) => !file.startsWith('main/collect/') && !file.startsWith('main/bundle/'));

describe('a site with one operator says so', () => {
  test('on everything that leaves: no export is unknown to this list, and none of the list is gone', () => {
    const found = sources.filter((file) => LEAVES.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(found.filter((file) => EXPORTS[file] === undefined)).toEqual([]);
    expect(Object.keys(EXPORTS).filter((file) => !sources.includes(file))).toEqual([]);
  });

  const single = { ...PACK, singleOperator: true };

  test('on the spreadsheets of a list', () => {
    const text = (pack: typeof PACK): string => JSON.stringify(sheetOf(pack, 'a'.repeat(64)));
    expect(text(single)).toContain(SINGLE_OPERATOR);
    expect(text(PACK)).not.toContain(SINGLE_OPERATOR);
  });

  test('in the read-me of a pack', () => {
    const { publicKey } = makeKey();
    expect(readMe(single, publicKey)).toContain(SINGLE_OPERATOR);
    expect(readMe(PACK, publicKey)).not.toContain(SINGLE_OPERATOR);
  });

  test('on notices', () => {
    const page = {
      ...{ site: 'North', marking: 'OFFICIAL', to: 'Grace', party: 'customer', by: 'Mo', items: [] },
      ...{ made: '2026-11-24T14:05:00.000Z', customer: null },
    };
    expect(formatPage({ ...page, declaration: SINGLE_OPERATOR })).toContain(SINGLE_OPERATOR);
    expect(formatPage({ ...page, declaration: null })).not.toContain(SINGLE_OPERATOR);
  });

  test('on the head of the list in queue, Review and page, and on the band that stands on every print', () => {
    for (const file of ['renderer/decide/decide-head.tsx', 'renderer/frame/top-bar.tsx'])
      expect(readFileSync(join(ROOT, file), 'utf8')).toMatch(/singleOperator[^;]*SINGLE_OPERATOR/s);
  });
});
