import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callInProcess, type Ended } from '../scenarios/programs.ts';
import {
  makeAptRepository,
  needsListFor,
  whyNoAptRepository,
  type AptRepository,
} from '../support/apt-repository.ts';
import { skipNote } from '../support/debian-tools.ts';

/** `bundle build --kev --epss --advisories`, by command, from the documents to what the site's catalogue shows. */

const reason = whyNoAptRepository();
// The changelogs of the repository's packages name these.
const OPENSSL = 'CVE-2026-11800';
const RSYNC = 'CVE-2026-19000';

/** Each in its publisher's form, with the few rows that the story is about. */
const DOCUMENTS: Readonly<Record<string, string | Buffer>> = {
  'kev.json': JSON.stringify({
    title: 'CISA Catalog of Known Exploited Vulnerabilities',
    catalogVersion: '2026.11.20',
    dateReleased: '2026-11-20T17:04:19.9796Z',
    count: 2,
    vulnerabilities: [
      {
        cveID: OPENSSL,
        vendorProject: 'OpenSSL',
        product: 'OpenSSL',
        vulnerabilityName: 'OpenSSL flaw',
        dateAdded: '2026-11-19',
        shortDescription: 'A flaw.',
        requiredAction: 'Apply mitigations.',
        dueDate: '2026-12-10',
        knownRansomwareCampaignUse: 'Known',
        notes: '',
      },
      { cveID: 'CVE-2020-0001', dateAdded: '2021-11-03', dueDate: '2022-05-03' },
    ],
  }),
  'epss_scores-2026-11-23.csv.gz': gzipSync(
    `#model_version:v2025.03.14,score_date:2026-11-23T00:00:00+0000\ncve,epss,percentile\nCVE-2020-0001,0.5,0.9\n${OPENSSL},0.97567,0.99995\n${RSYNC},0.00043,0.08\n`,
  ),
  'old-model-2026-11-22.csv': `cve,epss\n${OPENSSL},0.6\n`,
  'undated.csv': `cve,epss\n${OPENSSL},0.6\n`,
  'dsa.txt': [
    '[20 Nov 2026] DSA-6100-1 openssl - security update',
    `\t{${OPENSSL}}`,
    '\t[bookworm] - openssl 3.0.20-1~deb12u2',
    // Installed already.
    '[01 Jan 2020] DSA-4000-1 rsync - security update',
    '\t{CVE-2019-0001}',
    '\t[bookworm] - rsync 0.9-1',
    // On no endpoint.
    '[21 Nov 2026] DSA-6101-1 vlc - security update',
    '\t[bookworm] - vlc 3.0.20-0+deb12u1',
    '',
  ].join('\n'),
  'osv.json': JSON.stringify({
    id: 'DSA-6102-1',
    modified: '2026-11-22T00:00:00Z',
    published: '2026-11-22T00:00:00Z',
    summary: 'rsync - security update',
    upstream: [RSYNC],
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [
      {
        package: { ecosystem: 'Debian:12', name: 'rsync' },
        ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '3.2.7-1+deb12u3' }] }],
      },
    ],
  }),
  'damaged.csv.gz': gzipSync('cve,epss\n').subarray(0, 14),
  'not-kev.json': '{"vulnerabilities": []}',
};

interface Built {
  readonly fingerprint: string;
  readonly advisories: number;
  readonly feeds: readonly { feed: string; version: string; date: string; document: string }[];
}

describe.skipIf(reason !== null)(`risk data on the connected side${skipNote(reason)}`, () => {
  let dir: string;
  let repository: AptRepository;
  let server: Server;
  let address: string;
  const env = {
    SALLYPORT_KEYS_PASSPHRASE: 'a key of nine words',
    SALLYPORT_PERSON: 'Ann',
    SALLYPORT_PASSPHRASE: 'thirteen blue kettles',
  };
  const sallyport = async (words: readonly string[], exit = 0): Promise<Ended> => {
    const ended = await callInProcess({ words: [...words, '--json'], folder: dir, env, stdin: '' });
    expect([ended.exit, ended.exit === exit ? '' : ended.stderr + ended.stdout]).toEqual([exit, '']);
    return ended;
  };
  const answer = async (...words: string[]): Promise<unknown> => JSON.parse((await sallyport(words)).stdout);
  const buildWords = (out: string, ...more: string[]): string[] => [
    ...['bundle', 'build', out, '--needs', 'needs.json', '--keys', 'keys', '--keyring', repository.keyring],
    ...['--mirror', `${repository.root}=${repository.address}`, ...more],
  ];
  const build = async (out: string, ...more: string[]): Promise<Built> =>
    (await answer(...buildWords(out, ...more))) as Built;
  const refused = async (...more: string[]): Promise<string> => {
    const { stdout } = await sallyport(buildWords('refused', ...more), 1);
    rmSync(join(dir, 'refused'), { recursive: true, force: true });
    return (JSON.parse(stdout) as { failure: { code: string } }).failure.code;
  };
  const manifestOf = (out: string, seq: number): string =>
    readFileSync(join(dir, out, 'bundles', 'main', String(seq), 'manifest.tsv'), 'utf8');
  /** An object of a bundle, by its logical path. */
  const objectOf = (out: string, seq: number, path: string): string => {
    const lines = manifestOf(out, seq).split('\n');
    const line = lines.find((text) => text.endsWith(` ${path}`)) ?? '';
    return readFileSync(join(dir, out, 'blobs', line.slice(0, 2), line.slice(0, 64)), 'utf8');
  };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sp-risk-'));
    mkdirSync(join(dir, 'vendor'));
    repository = makeAptRepository(join(dir, 'vendor'));
    writeFileSync(join(dir, 'needs.json'), needsListFor(repository));
    mkdirSync(join(dir, 'documents'));
    for (const [name, content] of Object.entries(DOCUMENTS))
      writeFileSync(join(dir, 'documents', name), content);
    server = createServer((request, response) => {
      const content = DOCUMENTS[(request.url ?? '').slice(1)];
      if (content === undefined) response.writeHead(404).end();
      else response.end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await sallyport(['keys', 'create', 'keys', '--single']);
  });
  afterAll(() => {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('goes from a folder of documents to what the site shows of a patch', async () => {
    const at = (name: string): string => join('documents', name);
    const built = await build(
      'out',
      ...['--kev', at('kev.json'), '--epss', at('epss_scores-2026-11-23.csv.gz')],
      ...['--advisories', at('dsa.txt'), '--advisories', at('osv.json')],
    );
    expect(built.feeds).toMatchObject([
      { feed: 'cisa-kev', version: '2026.11.20', date: '2026-11-20T17:04:19.979Z', document: 'kev.json' },
      { feed: 'first-epss', version: 'v2025.03.14', date: '2026-11-23T00:00:00.000Z' },
    ]);
    const advisories = objectOf('out', 1, 'sallyport/advisories.json');
    expect(advisories).toContain('DSA-6100-1');
    expect(advisories).toContain('DSA-6102-1');
    // What is installed already, and what is on no endpoint, is no news.
    expect(advisories).not.toMatch(/DSA-4000-1|DSA-6101-1/);

    await sallyport(['site', 'create', 'North', '--person', 'Ann', '--role', 'engineer']);
    await sallyport(['trust', 'pin', 'out', '--fingerprint', built.fingerprint]);
    await sallyport(['bundle', 'import', 'out']);
    const { patches } = (await answer('catalogue', 'search', OPENSSL)) as { patches: { id: number }[] };
    expect(await answer('catalogue', 'show', String(patches[0]?.id))).toMatchObject({
      advisories: expect.arrayContaining([
        expect.objectContaining({ advisory: 'DSA-6100-1' }) as unknown,
      ]) as unknown,
      cves: [
        {
          cve: OPENSSL,
          kev: { dateAdded: '2026-11-19', dueDate: '2026-12-10', ransomware: true },
          epss: { score: 0.97567, percentile: 0.99995 },
        },
      ],
    });
    const ranked = (await answer('catalogue', 'search')) as { patches: { package: string }[] };
    expect(ranked.patches[0]?.package).toBe('openssl');
    expect(await answer('clocks', 'show')).toMatchObject({
      feeds: [
        { feed: 'cisa-kev', date: '2026-11-20T17:04:19.979Z', bundle: 'main/1' },
        { feed: 'first-epss', date: '2026-11-23T00:00:00.000Z', bundle: 'main/1' },
      ],
    });
  });

  it('reads the same from addresses', async () => {
    const built = await build(
      'by-address',
      ...['--kev', `${address}/kev.json`, '--epss', `${address}/epss_scores-2026-11-23.csv.gz`],
      ...['--advisories', `${address}/dsa.txt`, '--advisories', `${address}/osv.json`],
    );
    expect(built.feeds.map(({ feed }) => feed)).toEqual(['cisa-kev', 'first-epss']);
    const rows = (out: string, seq: number): unknown =>
      (JSON.parse(objectOf(out, seq, 'sallyport/risk.json')) as { rows: unknown }).rows;
    expect(rows('by-address', 2)).toEqual(rows('out', 1));
    expect(objectOf('by-address', 2, 'sallyport/advisories.json')).toBe(
      objectOf('out', 1, 'sallyport/advisories.json'),
    );
  });

  it('brings later scores of what earlier bundles spoke of, by the day in the name where the file states none', async () => {
    const built = await build('scores', '--epss', 'documents/old-model-2026-11-22.csv');
    expect(built.feeds).toMatchObject([
      { feed: 'first-epss', version: 'v1', date: '2026-11-22T00:00:00.000Z' },
    ]);
    expect(JSON.parse(objectOf('scores', 3, 'sallyport/risk.json'))).toMatchObject({
      rows: [{ cve: OPENSSL, epss: { score: 0.6, percentile: null } }],
    });
    const without = await build('nothing');
    expect(without.feeds).toEqual([]);
    expect(manifestOf('nothing', 4)).toContain(' sallyport/advisories.json');
    expect(manifestOf('nothing', 4)).not.toContain(' sallyport/risk.json');
  });

  it('removes from the download folder what no build has used for long, and says so', async () => {
    const old = join(dir, 'keys', 'downloads', 'ab', 'ab'.repeat(32));
    mkdirSync(join(old, '..'), { recursive: true });
    writeFileSync(old, 'of a bundle of the spring');
    utimesSync(old, new Date('2020-04-01'), new Date('2020-04-01'));
    expect(await build('pruned', '--keep-downloads', '30')).toMatchObject({
      pruned: { files: 1, bytes: 25 },
    });
    expect(existsSync(old)).toBe(false);
    // What the bundles are made of is there: nothing is fetched again.
    expect(await build('after', '--keep-downloads', '0', '--downloads-size', '1K')).toMatchObject({
      pruned: { leftBytes: expect.any(Number) as number },
      downloaded: { packages: 0 },
    });
    await sallyport(buildWords('refused', '--downloads-size', 'much'), 2);
  });

  it('refuses documents that are not what they should be, by code, and writes no bundle', async () => {
    expect(await refused('--kev', 'documents/not-kev.json')).toBe('COLLECT_ADVISORIES_INVALID');
    expect(await refused('--epss', 'documents/undated.csv')).toBe('COLLECT_ADVISORIES_INVALID');
    expect(await refused('--epss', 'documents/damaged.csv.gz')).toBe('COLLECT_ADVISORIES_INVALID');
    expect(await refused('--advisories', 'documents/not-kev.json')).toBe('COLLECT_ADVISORIES_INVALID');
    expect(await refused('--kev', 'documents/nowhere.json')).toBe('COLLECT_DOWNLOAD_FAILED');
    expect(await refused('--kev', `${address}/nowhere.json`)).toBe('COLLECT_DOWNLOAD_FAILED');
  });
});
