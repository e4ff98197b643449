import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCveRisks, readFeeds, readNotAffected } from '../../main/catalogue/risk-rows.ts';
import type { Advisory } from '../../main/core/advisory.ts';
import type { RiskFeed, RiskList, RiskRow } from '../../main/core/risk/risk-list.ts';
import { PACKAGES, writeTestBundle, type TestBundleOptions } from '../support/bundle-builder.ts';
import { expectRefusal } from '../support/bundle-refusal.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

const KEV: RiskFeed = {
  feed: 'cisa-kev',
  version: '2026.11.20',
  date: '2026-11-20T00:00:00.000Z',
  document: 'kev.json',
  sha256: 'a'.repeat(64),
  retrievedAt: '2026-11-24T00:00:00Z',
};
const EPSS: RiskFeed = { ...KEV, feed: 'first-epss', version: 'v2025.03.14', document: 'epss.csv.gz' };
const kev = { dateAdded: '2026-11-19', dueDate: '2026-12-10', ransomware: true };

const risk = (rows: readonly RiskRow[], feeds: readonly RiskFeed[] = [KEV, EPSS]): RiskList => ({
  feeds,
  rows,
});

function advisory(
  source: string,
  fixedVersion: string,
  cves: string[],
  change: Partial<Advisory> = {},
): Advisory {
  return {
    id: `dsa:bookworm/${source}/${fixedVersion}`,
    advisory: 'DSA-6001-1',
    type: 'security',
    ecosystem: 'deb',
    distribution: 'debian',
    codename: 'bookworm',
    source,
    of: 'source',
    fixedVersion,
    urgency: null,
    severity: 'not stated',
    cves,
    title: source,
    body: '',
    publishedAt: '2026-11-19T00:00:00.000Z',
    provenance: { kind: 'dsa', document: 'list', sha256: 'b'.repeat(64) },
    ...change,
  };
}

let site: TestSite;
beforeEach(() => {
  site = openTestSite();
});
afterEach(() => {
  site.close();
});

async function bring(options: TestBundleOptions): Promise<void> {
  writeTestBundle(`${site.dir}/media-${options.seq ?? 1}`, options);
  await site.import({ mediaDir: `${site.dir}/media-${options.seq ?? 1}` });
}

/** Names of the patches, gravest first. */
const byRisk = (): string[] =>
  site.db.prepare('SELECT name FROM patches ORDER BY risk_rank DESC, name').pluck().all() as string[];

describe('risk data of a bundle', () => {
  it('ranks the patches that fix what it speaks of', async () => {
    await bring({
      packages: [...PACKAGES, { name: 'bind9', version: '9.18', content: 'x' }],
      advisories: [
        advisory('bind9', '9.17', ['CVE-2026-0001']),
        advisory('openssl', '3.0.20-1~deb12u2', ['CVE-2026-0002'], { severity: 'critical' }),
        advisory('rsync', '3.2.9', ['CVE-2026-0003']),
      ],
      risk: risk([
        { cve: 'CVE-2026-0001', kev },
        { cve: 'CVE-2026-0003', kev, epss: { score: 0.9, percentile: 0.99 } },
      ]),
    });
    // rsync's statement is about a version that this patch has not reached.
    expect(byRisk()).toEqual(['bind9', 'openssl', 'rsync']);
    expect(site.db.prepare('SELECT kev FROM patch_risk ORDER BY kev DESC').pluck().all()).toEqual([2, 0, 0]);
  });

  it('says of each CVE who said what, and of when', async () => {
    const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';
    await bring({
      risk: risk([
        {
          cve: 'CVE-2026-0001',
          kev,
          epss: { score: 0.5, percentile: 0.9 },
          cvss: [{ version: '3.1', base: 9.8, vector, source: 'Red Hat' }],
          vendor: [{ source: 'Microsoft', exploited: true, disclosed: null }],
          notAffected: [
            { source: 'Red Hat', ecosystem: 'rpm', distribution: 'rhel', codename: '9', package: 'zlib' },
          ],
        },
      ]),
    });
    expect(readCveRisks(site.db, ['CVE-2026-0001', 'CVE-2026-9999'])).toEqual(
      new Map([
        [
          'CVE-2026-0001',
          {
            cve: 'CVE-2026-0001',
            kev,
            epss: { score: 0.5, percentile: 0.9, model: 'v2025.03.14', date: EPSS.date },
            cvss: [{ version: '3.1', base: 9.8, vector, source: 'Red Hat' }],
            vendor: [{ source: 'Microsoft', exploited: true, disclosed: null }],
          },
        ],
      ]),
    );
    expect(readNotAffected(site.db, { distribution: 'rhel', codename: '9', package: 'zlib' })).toEqual(
      new Map([['CVE-2026-0001', ['Red Hat']]]),
    );
    expect(readFeeds(site.db)).toEqual([
      { ...KEV, bundle: 'main/1' },
      { ...EPSS, bundle: 'main/1' },
    ]);
  });

  it('is replaced by a newer list, and not by an older one; a bundle without any changes nothing', async () => {
    await bring({ risk: risk([{ cve: 'CVE-2026-0001', kev }], [KEV]) });
    await bring({ seq: 2 });
    expect([...readCveRisks(site.db, null).keys()]).toEqual(['CVE-2026-0001']);
    const older = { ...KEV, date: '2026-10-01T00:00:00.000Z', version: '2026.10.01' };
    await bring({ seq: 3, risk: risk([{ cve: 'CVE-2026-0002', kev }], [older]) });
    expect([...readCveRisks(site.db, null).keys()]).toEqual(['CVE-2026-0001']);
    const newer = { ...KEV, date: '2026-11-21T00:00:00.000Z', version: '2026.11.21' };
    await bring({ seq: 4, risk: risk([{ cve: 'CVE-2026-0002', kev }], [newer]) });
    expect([...readCveRisks(site.db, null).keys()]).toEqual(['CVE-2026-0002']);
  });

  it('does not let a likelihood of an older model outrank one of the newest', async () => {
    const advisories = [
      advisory('openssl', '3.0.20-1~deb12u2', ['CVE-2026-0001']),
      advisory('rsync', '3.2.7-1+deb12u3', ['CVE-2026-0002']),
    ];
    const epss = (score: number) => ({ score, percentile: null });
    await bring({
      advisories,
      risk: risk(
        [{ cve: 'CVE-2026-0001', epss: epss(0.9) }],
        [{ ...EPSS, version: 'v1', date: '2021-04-14T00:00:00.000Z' }],
      ),
    });
    expect(byRisk()).toEqual(['openssl', 'rsync']);
    await bring({ seq: 2, advisories, risk: risk([{ cve: 'CVE-2026-0002', epss: epss(0.2) }], [EPSS]) });
    expect(byRisk()).toEqual(['rsync', 'openssl']);
  });

  it('is refused as malformed before anything is switched', async () => {
    writeTestBundle(site.mediaDir, {
      changeObjects: (objects) => {
        objects.set('sallyport/risk.json', {
          class: 'risk',
          bytes: new TextEncoder().encode('{"format":"sallyport-risk/1","feeds":[],"rows":[{"cve":"1"}]}'),
        });
      },
    });
    await expectRefusal(site, 'BUNDLE_CONTENT_UNREADABLE', 'risk.json');
  });

  it('is refused when there are two', async () => {
    const bytes = new TextEncoder().encode('{"format":"sallyport-risk/1","feeds":[],"rows":[]}');
    writeTestBundle(site.mediaDir, {
      changeObjects: (objects) => {
        objects.set('sallyport/risk.json', { class: 'risk', bytes });
        objects.set('sallyport/risk2.json', { class: 'risk', bytes });
      },
    });
    await expectRefusal(site, 'BUNDLE_METADATA_INVALID', null);
  });
});

describe('what a newer version supersedes', () => {
  it('is marked, with what takes its place', async () => {
    await bring({
      packages: [
        { name: 'openssl', version: '3.0.20-1~deb12u2', content: 'new' },
        { name: 'openssl', version: '3.0.9-1', content: 'old' },
        { name: 'rsync', version: '3.2.7-1', content: 'only' },
      ],
    });
    expect(
      site.db
        .prepare(
          `SELECT old.version, new.version FROM patch_superseded s
           JOIN patches old ON old.id = s.patch_id JOIN patches new ON new.id = s.by_patch_id`,
        )
        .raw()
        .all(),
    ).toEqual([['3.0.9-1', '3.0.20-1~deb12u2']]);
  });
});
