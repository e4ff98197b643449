import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InputOf } from '../../contract/channels.ts';
import { openEngine, type Engine } from '../../main/app/compose.ts';
import { readOfferedRoot } from '../../main/bundle/inspect-bundle.ts';
import { CatalogueStore } from '../../main/catalogue/catalogue-store.ts';
import { openDatabase } from '../../main/catalogue/database.ts';
import type { Advisory } from '../../main/core/advisory.ts';
import { writeTestBundle, type TestBundleOptions } from '../support/bundle-builder.ts';
import { addPerson, Caller } from '../support/caller.ts';

/** What a person at a site sees and does: through the same dispatch as window and command line. */

const NOW = '2026-11-25T00:00:00Z';
const OLD = { name: 'openssl', version: '3.0.9-1', content: 'the old one, which is longer' };
const NEW = { name: 'openssl', version: '3.0.20-1', content: 'the new one' };
const RSYNC = { name: 'rsync', version: '3.2.7-1', content: 'rsync' };

const advisory = (source: string, fixedVersion: string, cves: string[]): Advisory => ({
  id: `dsa:bookworm/${source}/${fixedVersion}`,
  advisory: `DSA-${source}`,
  type: 'security',
  ecosystem: 'deb',
  distribution: 'debian',
  codename: 'bookworm',
  source,
  of: 'source',
  fixedVersion,
  urgency: null,
  severity: 'high',
  cves,
  title: `${source}: security update`,
  body: '',
  publishedAt: '2026-11-19T00:00:00.000Z',
  provenance: { kind: 'dsa', document: 'DSA-list', sha256: 'b'.repeat(64) },
});

let folder: string;
let engine: Engine;
let asha: Caller;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-risk-'));
  engine = await openEngine({
    dataDir: join(folder, 'site'),
    lease: 'hold',
    kdfCost: { N: 1024, r: 8, p: 1 },
    now: () => NOW,
  });
  asha = new Caller(engine);
  await asha.call('site.create', {
    name: 'Ward 9',
    person: { name: 'Asha', roles: ['engineer'], passphrase: 'tin kettle river stone' },
  });
});
afterEach(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

async function bring(options: TestBundleOptions): Promise<void> {
  const media = join(folder, `media-${options.seq ?? 1}`);
  writeTestBundle(media, options);
  if ((options.seq ?? 1) === 1)
    await asha.call('trust.pinRoot', { folder: media, fingerprint: readOfferedRoot(media).fingerprint });
  await asha.finish(await asha.call('bundles.import', { folder: media }));
}

const search = async (text: string) =>
  (await asha.call('catalogue.search', { search: text, onlyCarried: false })).patches;
const fileOf = (sha256: string): string => join(folder, 'site', 'content', sha256.slice(0, 2), sha256);

describe('garbage collection', () => {
  it('takes the older version only when the newer one is here, and then nobody lists it as carried', async () => {
    await bring({ packages: [OLD, { ...NEW, isLeftOut: true }, RSYNC] });
    expect((await asha.call('catalogue.garbage', {})).objects).toEqual([]);

    await bring({ seq: 2, packages: [OLD, NEW, RSYNC] });
    const planned = await asha.call('catalogue.garbage', {});
    const [old] = (await search('openssl')).filter((patch) => patch.version === OLD.version);
    expect(old).toMatchObject({ carried: true, superseded: true });
    const packages = planned.objects.filter((object) => object.class === 'package');
    expect(packages).toEqual([
      { sha256: old?.sha256, class: 'package', name: `openssl ${OLD.version}`, size: OLD.content.length },
    ]);
    // The dry run is a question: nothing went.
    expect((await search('openssl')).every((patch) => patch.carried)).toBe(true);

    const gone = await asha.call('catalogue.collectGarbage', {});
    expect(gone).toEqual(planned);
    const after = await search('openssl');
    expect(after.map((patch) => [patch.version, patch.carried])).toEqual([
      [NEW.version, true],
      [OLD.version, false],
    ]);
    expect(existsSync(fileOf(old?.sha256 ?? ''))).toBe(false);
    expect((await asha.call('catalogue.garbage', {})).objects).toEqual([]);
    const [entry] = (await asha.call('audit.list', {})).filter(
      (row) => row.action === 'catalogue.collectGarbage',
    );
    expect(entry).toMatchObject({ actor: 'Asha', subject: { bytes: String(planned.bytes) } });
  });

  it('leaves the objects of a needs-list to what is really here', async () => {
    await bring({ packages: [OLD, NEW] });
    await asha.call('catalogue.collectGarbage', {});
    const [old] = (await search('openssl')).filter((patch) => patch.version === OLD.version);
    const db = openDatabase(join(folder, 'site', 'site.db'));
    const held = new CatalogueStore(db).loadHoldings()?.objects ?? [];
    db.close();
    expect(held.length).toBeGreaterThan(0);
    expect(held).not.toContain(old?.sha256);
  });

  it('can bring back what was taken, by a bundle that has it', async () => {
    await bring({ packages: [OLD, NEW] });
    await asha.call('catalogue.collectGarbage', {});
    await bring({ seq: 2, packages: [OLD] });
    expect((await search('openssl')).map((patch) => [patch.version, patch.carried])).toEqual([
      [OLD.version, true],
    ]);
  });

  it('takes an engineer', async () => {
    const bilal = await addPerson(engine, asha, {
      name: 'Bilal',
      roles: ['approver'],
      passphrase: 'quiet marble lantern nine',
    });
    expect(await bilal.codeOf('catalogue.collectGarbage', {})).toBe('CONTRACT_FORBIDDEN');
  });
});

describe('two bundles', () => {
  it('are compared by what they carried', async () => {
    await bring({ packages: [OLD, RSYNC], advisories: [advisory('openssl', '3.0.9-1', ['CVE-2026-0001'])] });
    await bring({
      seq: 2,
      packages: [NEW],
      advisories: [advisory('openssl', '3.0.20-1', ['CVE-2026-0002'])],
    });
    const diff = await asha.call('bundles.diff', { from: 'main/1', to: 'main/2' });
    expect(diff.changed.map(({ from, to }) => [from.version, to.version])).toEqual([
      [OLD.version, NEW.version],
    ]);
    expect(diff.gone?.map((patch) => patch.package)).toEqual(['rsync']);
    expect(diff.advisories).toMatchObject([{ advisory: 'DSA-openssl', cves: ['CVE-2026-0002'] }]);
    expect(diff.cves).toEqual(['CVE-2026-0002']);
    expect(await asha.codeOf('bundles.diff', { from: 'main/1', to: 'main/9' })).toBe('CONTRACT_NOT_FOUND');
  });
});

describe('searching by risk', () => {
  it('shows the gravest first, counts what there is of each kind, and narrows to it', async () => {
    const kev = { dateAdded: '2026-10-14', dueDate: null, ransomware: false };
    const feed = {
      feed: 'cisa-kev',
      version: '1',
      date: '2026-11-20T00:00:00.000Z',
      document: 'kev.json',
      sha256: 'a'.repeat(64),
      retrievedAt: '2026-11-24T00:00:00Z',
    } as const;
    await bring({
      packages: [NEW, OLD, RSYNC, { name: 'bind9', version: '1', content: 'b' }],
      advisories: [
        { ...advisory('openssl', '3.0.20-1', ['CVE-2026-0002']), severity: 'critical' },
        {
          ...advisory('rsync', '3.2.7-1', ['CVE-2026-0001']),
          severity: 'low',
          publishedAt: '2026-01-01T00:00:00.000Z',
        },
      ],
      risk: { feeds: [feed], rows: [{ cve: 'CVE-2026-0001', kev }] },
    });
    const names = async (filter: InputOf<'catalogue.search'>): Promise<string[]> =>
      (await asha.call('catalogue.search', { onlyCarried: false, sort: 'risk', ...filter })).patches.map(
        (patch) => `${patch.package} ${patch.version}`,
      );
    // Exploited before critical; the two that nothing more is known of follow by name.
    const all = [`rsync ${RSYNC.version}`, `openssl ${NEW.version}`, 'bind9 1', `openssl ${OLD.version}`];
    expect(await names({})).toEqual(all);
    for (let offset = 0; offset < all.length; offset += 1)
      expect(await names({ limit: 1, offset })).toEqual([all[offset]]);
    expect(await asha.call('catalogue.facets', { onlyCarried: false })).toEqual({
      total: 4,
      security: 4,
      exploited: 1,
      superseded: 1,
      carried: 4,
      ecosystems: { deb: 4 },
      severities: { critical: 1, low: 1, 'not stated': 2 },
    });
    expect(await names({ onlyExploited: true })).toEqual([`rsync ${RSYNC.version}`]);
    expect(await names({ severities: ['critical', 'low'] })).toEqual(all.slice(0, 2));
    expect(await names({ hideSuperseded: true, search: 'openssl' })).toEqual([`openssl ${NEW.version}`]);
    expect(await names({ ecosystems: ['rpm'] })).toEqual([]);
    expect(await names({ releasedWithinDays: 14 })).toEqual([`openssl ${NEW.version}`]);
    expect((await asha.call('catalogue.facets', { onlyCarried: false, onlyExploited: true })).total).toBe(1);
  });
});

describe('a patch', () => {
  it('is shown with its advisories, its CVEs and who says what', async () => {
    await bring({
      packages: [OLD, NEW],
      advisories: [advisory('openssl', '3.0.20-1', ['CVE-2026-0001', 'CVE-2026-0002'])],
      risk: {
        feeds: [
          {
            feed: 'cisa-kev',
            version: '2026.10.15',
            date: '2026-10-15T00:00:00.000Z',
            document: 'kev.json',
            sha256: 'a'.repeat(64),
            retrievedAt: '2026-11-24T00:00:00Z',
          },
        ],
        rows: [
          {
            cve: 'CVE-2026-0001',
            kev: { dateAdded: '2026-10-14', dueDate: '2026-11-04', ransomware: false },
            cvss: [
              {
                version: '3.1',
                base: 9.8,
                vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
                source: 'Red Hat',
              },
            ],
          },
        ],
      },
    });
    const rows = await search('openssl');
    const [row] = rows.filter((patch) => patch.version === NEW.version);
    expect(row?.risk).toEqual({
      rule: 'exploited',
      kev: 'listed',
      kevDue: '2026-11-04',
      exploited: null,
      epss: null,
      cvss: { base: 9.8, version: '3.1', source: 'Red Hat' },
    });
    const detail = await asha.call('catalogue.get', { id: row?.id ?? 0 });
    expect(detail.advisories).toMatchObject([
      { advisory: 'DSA-openssl', severity: 'high', provenance: { kind: 'dsa', document: 'DSA-list' } },
    ]);
    expect(detail.cves.map((cve) => [cve.cve, cve.kev !== null, cve.cvss.length])).toEqual([
      ['CVE-2026-0001', true, 1],
      ['CVE-2026-0002', false, 0],
    ]);
    expect(detail.supersedes).toMatchObject([{ version: OLD.version }]);

    const clocks = await asha.call('clocks.get', {});
    expect(clocks.feeds).toMatchObject([
      { feed: 'cisa-kev', ageDays: 41, bundle: 'main/1' },
      { feed: 'first-epss', date: null, ageDays: null },
    ]);
    expect(clocks.currency).toMatchObject([
      { distribution: 'debian', codename: 'bookworm', rhythm: 'continuous', state: 'running' },
    ]);
    expect(clocks.fixes.first).toEqual([]);
  });
});
