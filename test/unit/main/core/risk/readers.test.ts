import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scoreCvss } from '../../../../../main/core/risk/cvss.ts';
import { parseEpss } from '../../../../../main/core/risk/epss.ts';
import { parseKev } from '../../../../../main/core/risk/kev.ts';
import { composeRisk } from '../../../../../main/core/risk/compose-risk.ts';
import { formatRiskList, parseRiskList } from '../../../../../main/core/risk/risk-list.ts';
import { codeOf } from '../../../../support/coded.ts';

const kev = (change: Record<string, unknown> = {}, row: Record<string, unknown> = {}): string =>
  JSON.stringify({
    title: 'CISA Catalog of Known Exploited Vulnerabilities',
    catalogVersion: '2025.08.25',
    dateReleased: '2025-08-25T17:04:19.9796Z',
    count: 2,
    vulnerabilities: [
      {
        cveID: 'CVE-2025-48384',
        vendorProject: 'Git',
        dateAdded: '2025-08-25',
        dueDate: '2025-09-15',
        knownRansomwareCampaignUse: 'Unknown',
        ...row,
      },
      {
        cveID: 'CVE-2017-0144',
        dateAdded: '2022-02-10',
        dueDate: '2022-08-10',
        knownRansomwareCampaignUse: 'Known',
      },
    ],
    ...change,
  });

describe('known exploited vulnerabilities', () => {
  it('keeps dates, and counts only "Known" as ransomware', () => {
    const read = parseKev(kev(), 'kev.json');
    expect(read.version).toBe('2025.08.25');
    expect(read.date).toBe('2025-08-25T17:04:19.979Z');
    expect(read.entries).toEqual([
      { cve: 'CVE-2025-48384', dateAdded: '2025-08-25', dueDate: '2025-09-15', ransomware: false },
      { cve: 'CVE-2017-0144', dateAdded: '2022-02-10', dueDate: '2022-08-10', ransomware: true },
    ]);
  });

  it.each([
    ['no JSON', 'nothing'],
    ['no list', kev({ vulnerabilities: undefined })],
    ['a row without a CVE', kev({}, { cveID: 'GHSA-1234' })],
    ['a date that is none', kev({ dateReleased: 'yesterday' })],
    ['a due date that is none', kev({}, { dueDate: '15/09/2025' })],
  ])('refuses %s', (_what, text) => {
    expect(codeOf(() => parseKev(text, 'kev.json'))).toBe('COLLECT_ADVISORIES_INVALID');
  });
});

describe('EPSS', () => {
  const rows = (columns: string, more: string): string => `${columns}\nCVE-2020-5902,0.65117${more}\n`;

  it.each([
    ['of April 2021', rows('cve,epss', ''), 'v1', null, 0.65117, null],
    [
      'of September 2021',
      rows('cve,epss,percentile', ',0.9981063485700858'),
      'v1',
      null,
      0.65117,
      0.9981063485700858,
    ],
    [
      'of February 2022',
      `#model_version:v2022.01.01,score_date:2022-02-04T00:00:00+0000\n${rows('cve,epss,percentile', ',0.99999')}`,
      'v2022.01.01',
      '2022-02-04T00:00:00.000Z',
      0.65117,
      0.99999,
    ],
    [
      'of today, with the date as an ISO instant and lines ended by CR LF',
      `#model_version:v2025.03.14,score_date:2026-11-20T12:55:00Z\n${rows('cve,epss,percentile', ',0.5')}`.replaceAll(
        '\n',
        '\r\n',
      ),
      'v2025.03.14',
      '2026-11-20T12:55:00.000Z',
      0.65117,
      0.5,
    ],
  ])('reads a file %s', (_what, csv, model, date, score, percentile) => {
    expect(parseEpss(csv, null, 'epss.csv')).toEqual({
      model,
      date,
      scores: [{ cve: 'CVE-2020-5902', score, percentile }],
    });
  });

  it('keeps only the CVEs that are wanted', () => {
    const csv = 'cve,epss,percentile\nCVE-2020-1,bad\nCVE-2020-5902,1e-05,0.1\nCVE-2020-59020,0.2,0.1\n';
    expect(parseEpss(csv, new Set(['CVE-2020-5902']), 'e').scores).toEqual([
      { cve: 'CVE-2020-5902', score: 1e-5, percentile: 0.1 },
    ]);
  });

  it.each([
    '',
    'cve,score\nCVE-2020-5902,0.1\n',
    'cve,epss\nCVE-2020-5902,1.1\n',
    'cve,epss\nCVE-2020-5902,-0.1\n',
    'cve,epss\nCVE-2020-5902,0.1,0.2\n'.replace('0.2', '0.2,0.3'),
    'cve,epss\nnothing\n',
    '#model_version:v1\ncve,epss\n',
  ])('refuses %j', (csv) => {
    expect(codeOf(() => parseEpss(csv, null, 'epss.csv'))).toBe('COLLECT_ADVISORIES_INVALID');
  });
});

describe('CVSS', () => {
  // v2: NVD. v3: vectors of vendors with the scores that those give. v4: FIRST's examples and calculator.
  it.each([
    ['AV:N/AC:L/Au:N/C:C/I:C/A:C', '2.0', 10],
    ['(AV:N/AC:M/Au:N/C:N/I:P/A:N)', '2.0', 4.3],
    ['AV:L/AC:H/Au:N/C:C/I:C/A:C/E:U/RL:OF/RC:C', '2.0', 6.2],
    ['CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', '3.0', 9.8],
    ['CVSS:3.1/AV:L/AC:H/PR:H/UI:R/S:U/C:H/I:H/A:N', '3.1', 5.6],
    ['CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H', '3.1', 10],
    ['CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:L/E:U/RL:O/RC:C', '3.1', 8.3],
    ['CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:C', '3.1', 8.1],
    // Where binary fractions go wrong: a calculator that rounds them naively says 7.46.
    ['CVSS:3.1/AV:L/AC:H/PR:L/UI:N/S:C/C:N/I:H/A:H', '3.1', 7.5],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H', '4.0', 10],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N', '4.0', 9.3],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:H/SI:H/SA:H', '4.0', 7.9],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N', '4.0', 5.3],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N/E:X', '4.0', 5.3],
    ['CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N', '4.0', 0],
  ])('scores %s', (vector, version, base) => {
    expect(scoreCvss(vector)).toMatchObject({ version, base });
  });

  it('counts the base alone: threat and environment do not move the score', () => {
    const base = 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H';
    expect(scoreCvss(`${base}/E:U`)).toEqual({ version: '4.0', base: 10, vector: `${base}/E:U` });
  });

  it.each([
    '',
    'CVSS:3.1/AV:N',
    'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:Z',
    'CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:9.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'CVSS:4.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  ])('takes %j for no vector', (vector) => {
    expect(scoreCvss(vector)).toBeNull();
  });

  it('never fails and never leaves 0 to 10, whatever the text', () => {
    const metric = fc.tuple(
      fc.constantFrom('AV', 'AC', 'PR', 'UI', 'S', 'C', 'I', 'A', 'Au', 'VC', 'E'),
      fc.string({ maxLength: 2 }),
    );
    const vector = fc
      .tuple(fc.constantFrom('', 'CVSS:3.1/', 'CVSS:4.0/', 'CVSS:3.0/'), fc.array(metric, { maxLength: 12 }))
      .map(([prefix, metrics]) => prefix + metrics.map(([name, value]) => `${name}:${value}`).join('/'));
    fc.assert(
      fc.property(fc.oneof(vector, fc.string()), (text) => {
        const score = scoreCvss(text);
        expect(score === null || (score.base >= 0 && score.base <= 10)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the list of risks in a bundle', () => {
  const feed = {
    feed: 'cisa-kev' as const,
    version: '2025.08.25',
    date: '2025-08-25T17:04:19.979Z',
    document: 'kev.json',
    sha256: 'a'.repeat(64),
    retrievedAt: '2026-11-24T00:00:00Z',
  };
  const list = composeRisk({
    feeds: [feed],
    kev: parseKev(kev(), 'kev.json').entries,
    epss: [
      { cve: 'CVE-2025-48384', score: 0.02, percentile: 0.8 },
      { cve: 'CVE-2000-1', score: 0.5, percentile: 0.9 },
    ],
    statements: [
      { cve: 'CVE-2025-48384', cvss: [{ version: '3.1', base: 8.1, vector: 'v', source: 'Red Hat' }] },
      {
        cve: 'CVE-2025-48384',
        cvss: [{ version: '3.1', base: 8.1, vector: 'v', source: 'Red Hat' }],
        vendor: [{ source: 'Microsoft', exploited: true, disclosed: null }],
      },
    ],
    cves: new Set(['CVE-2025-48384']),
  });

  it('comes back as it was written', () => {
    expect(parseRiskList(formatRiskList(list), 'risk.json').rows).toHaveLength(2);
    expect(parseRiskList(formatRiskList(list), 'risk.json')).toEqual({
      format: 'sallyport-risk/1',
      feeds: [feed],
      rows: list.rows.toSorted((a, b) => (a.cve < b.cve ? -1 : 1)),
    });
  });

  it('carries exploitation whole, likelihood only of what advisories name, each opinion once', () => {
    expect(list.rows.map((row) => row.cve).sort()).toEqual(['CVE-2017-0144', 'CVE-2025-48384']);
    const row = list.rows.find((item) => item.cve === 'CVE-2025-48384');
    expect(row?.cvss).toHaveLength(1);
    expect(row?.epss).toEqual({ score: 0.02, percentile: 0.8 });
    expect(row?.vendor).toEqual([{ source: 'Microsoft', exploited: true, disclosed: null }]);
  });

  it.each([
    ['an unknown field', (text: string) => text.replace('"feeds"', '"more":1,"feeds"')],
    ['a likelihood above one', (text: string) => text.replace('0.02', '1.02')],
    ['another format', (text: string) => text.replace('risk/1', 'risk/2')],
    ['half a document', (text: string) => text.slice(0, -20)],
  ])('is refused with %s', (_what, change) => {
    expect(codeOf(() => parseRiskList(change(formatRiskList(list)), 'risk.json'))).toBe(
      'BUNDLE_CONTENT_UNREADABLE',
    );
  });
});
