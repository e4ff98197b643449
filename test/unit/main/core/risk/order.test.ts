import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RISK_RULES } from '../../../../../contract/vocabulary.ts';
import { SEVERITIES } from '../../../../../main/core/advisory.ts';
import { judgeRisk, type CveRisk } from '../../../../../main/core/risk/cve-risk.ts';
import {
  compareRisk,
  decidingRule,
  PLAIN_RANK,
  riskRank,
  type RiskFacts,
} from '../../../../../main/core/risk/order.ts';

const NOTHING: RiskFacts = {
  kev: null,
  exploited: null,
  security: true,
  severity: 'not stated',
  epss: null,
  cvss: null,
  endpoints: 0,
  publishedAt: null,
};
const facts = (change: Partial<RiskFacts>): RiskFacts => ({ ...NOTHING, ...change });
const cvss = (base: number): RiskFacts['cvss'] => ({ base, version: '3.1' });

const anyFacts: fc.Arbitrary<RiskFacts> = fc.record({
  kev: fc.constantFrom('ransomware', 'listed', 'not listed', null),
  exploited: fc.constantFrom(true, false, null),
  security: fc.boolean(),
  severity: fc.constantFrom(...SEVERITIES),
  epss: fc.option(fc.integer({ min: 0, max: 100_000 }).map((value) => value / 100_000)),
  cvss: fc.option(fc.integer({ min: 0, max: 100 }).map((value) => cvss(value / 10))),
  endpoints: fc.integer({ min: 0, max: 20_000 }),
  publishedAt: fc.option(
    fc
      .date({ min: new Date('1999-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  ),
});

describe('the order of risk', () => {
  it('is total: antisymmetric and transitive over any rows', () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, anyFacts, (a, b, c) => {
        expect(Math.sign(compareRisk(a, b))).toBe(-Math.sign(compareRisk(b, a)) + 0);
        expect(compareRisk(a, a)).toBe(0);
        if (compareRisk(a, b) <= 0 && compareRisk(b, c) <= 0)
          expect(compareRisk(a, c)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is monotone: a row that gets graver in one thing never moves down', () => {
    const worsened = anyFacts.chain((row) =>
      fc
        .constantFrom<Partial<RiskFacts>>(
          { kev: 'ransomware' },
          { kev: row.kev === 'ransomware' ? 'ransomware' : 'listed' },
          { exploited: true },
          { security: true },
          { severity: 'critical' },
          { epss: row.epss === null ? 1 : Math.min(1, row.epss + 0.01) },
          { cvss: cvss(row.cvss === null ? 10 : Math.min(10, row.cvss.base + 0.1)) },
          { endpoints: row.endpoints + 1 },
          { publishedAt: row.publishedAt === null ? null : '1998-01-01T00:00:00.000Z' },
        )
        .map((change) => ({ row, worse: { ...row, ...change } })),
    );
    fc.assert(
      fc.property(worsened, ({ row, worse }) => {
        expect(compareRisk(worse, row)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is lexicographic: no sum of lower things outweighs a higher one', () => {
    const least = {
      severity: 'unimportant',
      epss: 0,
      cvss: cvss(0),
      endpoints: 0,
      publishedAt: '2029-01-01T00:00:00.000Z',
    } as const;
    const most = {
      severity: 'critical',
      epss: 1,
      cvss: cvss(10),
      endpoints: 20_000,
      publishedAt: '1999-01-01T00:00:00.000Z',
    } as const;
    const ladder = [
      facts({ kev: 'ransomware', ...least }),
      facts({ kev: 'listed', exploited: true, ...most }),
      facts({ kev: 'listed', ...least }),
      facts({ kev: 'not listed', exploited: true, ...least }),
      facts({ ...most }),
      facts({ ...least, severity: 'critical' }),
      facts({ ...most, severity: 'high' }),
      facts({ ...least, severity: 'high', epss: 1 }),
      facts({ ...most, severity: 'high', epss: 0.99 }),
      facts({ ...most, severity: 'high', epss: 0.99, cvss: cvss(9.9) }),
      facts({ ...most, severity: 'high', epss: 0.99, cvss: cvss(9.9), endpoints: 1 }),
      facts({
        ...most,
        severity: 'high',
        epss: 0.99,
        cvss: cvss(9.9),
        endpoints: 1,
        publishedAt: '2000-01-01T00:00:00.000Z',
      }),
      facts({ ...most, security: false }),
    ];
    expect([...ladder].reverse().sort(compareRisk)).toEqual(ladder);
  });

  it('gives the unknown a place of its own, never that of nothing', () => {
    const order = (items: RiskFacts[]): RiskFacts[] => items.toSorted(compareRisk);
    const [high, unstated, medium] = [facts({ severity: 'high' }), NOTHING, facts({ severity: 'medium' })];
    expect(order([medium, unstated, high])).toEqual([high, unstated, medium]);
    const [likely, unscored, unlikely] = [facts({ epss: 0.4 }), NOTHING, facts({ epss: 0 })];
    expect(order([unlikely, unscored, likely])).toEqual([likely, unscored, unlikely]);
    const [grave, unrated, slight] = [facts({ cvss: cvss(7) }), NOTHING, facts({ cvss: cvss(0) })];
    expect(order([slight, unrated, grave])).toEqual([grave, unrated, slight]);
  });

  it('puts what is no security fix last, and gives it the rank that the catalogue starts with', () => {
    expect(riskRank(facts({ security: false }))).toBe(PLAIN_RANK);
    expect(riskRank(facts({ severity: 'unimportant', epss: 0, cvss: cvss(0) }))).toBeGreaterThan(PLAIN_RANK);
    expect(
      Number.isSafeInteger(
        riskRank(
          facts({ kev: 'ransomware', exploited: true, severity: 'critical', epss: 1, cvss: cvss(10) }),
        ),
      ),
    ).toBe(true);
  });

  it('names the rule that placed a row', () => {
    expect(
      [
        facts({ kev: 'ransomware', severity: 'low' }),
        facts({ kev: 'listed' }),
        facts({ exploited: true }),
        facts({ severity: 'low', epss: 0.9 }),
        facts({ epss: 0.01, cvss: cvss(9) }),
        facts({ cvss: cvss(1) }),
        NOTHING,
        facts({ security: false, severity: 'high' }),
      ].map(decidingRule),
    ).toEqual(RISK_RULES);
  });
});

describe('facts from CVEs', () => {
  const risk = (cve: string, change: Partial<CveRisk>): [string, CveRisk] => [
    cve,
    { cve, kev: null, epss: null, cvss: [], vendor: [], ...change },
  ];
  const epss = (score: number, model: string): CveRisk['epss'] => ({
    score,
    percentile: null,
    model,
    date: '2026-11-20T00:00:00Z',
  });
  const context = { hasKev: true, epssModel: 'v2' };
  const about = { security: false, severity: 'not stated' } as const;

  it('takes the highest EPSS of the newest model only: scores of two models do not compare', () => {
    const known = new Map([
      risk('CVE-1', { epss: epss(0.9, 'v1') }),
      risk('CVE-2', { epss: epss(0.2, 'v2') }),
    ]);
    expect(judgeRisk(['CVE-1', 'CVE-2'], about, known, context).epss).toBe(0.2);
    expect(judgeRisk(['CVE-1'], about, known, context).epss).toBeNull();
  });

  it('never compares CVSS of two versions: version 3 counts where there is one', () => {
    const score = (version: '2.0' | '3.1' | '4.0', base: number) => ({
      version,
      base,
      vector: '',
      source: '',
    });
    const known = new Map([
      risk('CVE-1', { cvss: [score('4.0', 9.3), score('3.1', 5)] }),
      risk('CVE-2', { cvss: [score('2.0', 10), score('4.0', 8)] }),
    ]);
    expect(judgeRisk(['CVE-1', 'CVE-2'], about, known, context).cvss).toMatchObject({
      version: '3.1',
      base: 5,
    });
    expect(judgeRisk(['CVE-2'], about, known, context).cvss).toMatchObject({ version: '4.0', base: 8 });
  });

  it('says "not listed" only where a list was imported and a CVE is named', () => {
    expect(judgeRisk(['CVE-1'], about, new Map(), context).kev).toBe('not listed');
    expect(judgeRisk([], about, new Map(), context).kev).toBeNull();
    expect(judgeRisk(['CVE-1'], about, new Map(), { ...context, hasKev: false }).kev).toBeNull();
  });

  it('lets one exploited CVE of many decide', () => {
    const kev = { dateAdded: '2026-01-01', dueDate: null, ransomware: true };
    const known = new Map([
      risk('CVE-1', { vendor: [{ source: 'Microsoft', exploited: false, disclosed: false }] }),
      risk('CVE-2', { kev, vendor: [{ source: 'Microsoft', exploited: true, disclosed: null }] }),
    ]);
    expect(judgeRisk(['CVE-1', 'CVE-2', 'CVE-3'], about, known, context)).toMatchObject({
      kev: 'ransomware',
      exploited: true,
      security: true,
    });
  });
});
