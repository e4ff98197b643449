import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { advisoriesOfFixes, articlesOf } from '../../../../../main/core/windows/msrc.ts';
import { readMsrcDocument } from '../../../../../main/core/windows/recognise-msrc.ts';
import { codeOf } from '../../../../support/coded.ts';

const DOCUMENT = { name: '2024-Feb.xml', sha256: 'a'.repeat(64) };
const CVRF = readFileSync(join(import.meta.dirname, '../../../../fixtures/msrc/cvrf-2024-Feb.xml'), 'utf8');
const read = (value: unknown) => readMsrcDocument(JSON.stringify(value), DOCUMENT);

describe('Microsoft’s monthly release in CVRF', () => {
  const reading = readMsrcDocument(CVRF, DOCUMENT);

  it('tells which article brings which product to which build, and what it replaces', () => {
    expect(
      reading.fixes.map((fix) => [fix.cve, fix.kb, fix.arch, fix.fixedBuild, fix.severity, fix.supersedes]),
    ).toEqual([
      ['CVE-2024-21351', 'KB5034763', 'x64', '10.0.19045.4046', 'medium', ['KB5034122']],
      ['CVE-2024-21351', 'KB5034763', 'arm64', '10.0.19045.4046', 'not stated', ['KB5034122']],
      ['CVE-2024-21351', 'KB5034763', 'x64', '10.0.19044.4046', 'not stated', ['KB5034122']],
      ['CVE-2024-21351', 'KB5034768', 'all', '10.0.17763.5458', 'high', ['KB5034127', 'KB5033371']],
      ['CVE-2024-21338', 'KB5034763', 'x64', '10.0.19045.4046', 'high', []],
    ]);
    expect(reading.fixes[0]).toMatchObject({
      product: 'Windows 10 Version 22H2 for x64-based Systems',
      releasedAt: '2024-02-13T08:00:00Z',
    });
  });

  it('tells of attacks and scores', () => {
    expect(reading.statements).toEqual([
      {
        cve: 'CVE-2024-21351',
        cvss: [
          {
            version: '3.1',
            base: 7.6,
            vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:L/I:L/A:H/E:F/RL:O/RC:C',
            source: 'Microsoft',
          },
        ],
        vendor: [{ source: 'Microsoft', exploited: true, disclosed: false }],
      },
      { cve: 'CVE-2024-21338', vendor: [{ source: 'Microsoft', exploited: false, disclosed: false }] },
    ]);
  });

  it('becomes one statement an article', () => {
    const advisories = advisoriesOfFixes(reading.fixes, DOCUMENT);
    expect(advisories.map((item) => [item.advisory, item.cves, item.severity])).toEqual([
      ['KB5034763', ['CVE-2024-21338', 'CVE-2024-21351'], 'high'],
      ['KB5034768', ['CVE-2024-21351'], 'high'],
    ]);
    expect(advisories[1]).toMatchObject({
      ecosystem: 'windows',
      of: 'binary',
      source: 'KB5034768',
      title: 'Windows SmartScreen Security Feature Bypass Vulnerability',
      body: 'Windows Server 2019',
      publishedAt: '2024-02-13T08:00:00Z',
    });
  });
});

describe('Microsoft’s update guide', () => {
  it('tells of updates, with the CVE or without', () => {
    const { fixes } = read({
      value: [
        {
          articleName: '3147461',
          product: 'Windows 10 for 32-bit Systems',
          severity: 'Critical',
          supercedence: '3140745, KB3140768;3140745',
          releaseDate: '2016-04-12T07:00:00Z',
          downloadName: 'Security Update',
        },
        {
          articleName: '5051979',
          cveNumber: 'CVE-2025-21418',
          product: 'Windows Server 2022',
          fixedBuildNumber: '10.0.20348.3207',
        },
        { articleName: 'Release Notes', product: 'Microsoft Edge' },
      ],
    });
    expect(fixes).toEqual([
      {
        cve: null,
        kb: 'KB3147461',
        product: 'Windows 10 for 32-bit Systems',
        arch: 'x86',
        fixedBuild: null,
        severity: 'critical',
        supersedes: ['KB3140745', 'KB3140768'],
        title: 'Security Update',
        releasedAt: '2016-04-12T07:00:00Z',
      },
      expect.objectContaining({ cve: 'CVE-2025-21418', kb: 'KB5051979', fixedBuild: '10.0.20348.3207' }),
    ]);
  });

  it('tells of attacks and scores of CVEs', () => {
    const row = {
      cveNumber: 'CVE-2025-21384',
      exploited: 'No',
      publiclyDisclosed: 'Yes',
      vectorString: 'CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:L/E:U/RL:O/RC:C',
    };
    const { statements } = read({ value: [row, { ...row, cveNumber: 'ADV990001' }, { other: 1 }] });
    expect(statements).toEqual([
      {
        cve: 'CVE-2025-21384',
        cvss: [{ version: '3.1', base: 8.3, vector: row.vectorString, source: 'Microsoft' }],
        vendor: [{ source: 'Microsoft', exploited: false, disclosed: true }],
      },
    ]);
  });
});

describe('Microsoft’s advisories in CSAF', () => {
  const csaf = {
    document: {
      publisher: { name: 'Microsoft Security Response Center' },
      aggregate_severity: { text: 'Important' },
      tracking: { initial_release_date: '2025-02-11T08:00:00.000Z' },
    },
    product_tree: {
      branches: [
        {
          category: 'product_name',
          name: 'Windows Server 2022',
          branches: [
            {
              category: 'product_version_range',
              name: '<10.0.20348.3207',
              product: { name: 'x', product_id: '1' },
            },
          ],
        },
      ],
    },
    vulnerabilities: [
      {
        cve: 'CVE-2025-21418',
        title: 'A vulnerability',
        threats: [
          {
            category: 'exploit_status',
            details: 'Publicly Disclosed:No;Exploited:Yes;Latest Software Release:Exploitation Detected',
          },
        ],
        scores: [{ cvss_v3: { vectorString: 'CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H' } }],
        remediations: [
          {
            category: 'vendor_fix',
            date: '2025-02-11T08:00:00.000Z',
            details: '10.0.20348.3207:Security Update:https://support.microsoft.com/help/5051979',
            product_ids: ['1'],
          },
          {
            category: 'vendor_fix',
            details: '1.3.195.45:Security Update:https://docs.microsoft.com/en-us/x',
            product_ids: ['1'],
          },
        ],
      },
    ],
  };

  it('tells of the update, its build, attacks and scores', () => {
    const { fixes, statements } = read(csaf);
    expect(fixes).toEqual([
      expect.objectContaining({
        cve: 'CVE-2025-21418',
        kb: 'KB5051979',
        product: 'Windows Server 2022',
        fixedBuild: '10.0.20348.3207',
        severity: 'high',
      }),
    ]);
    expect(statements[0]).toMatchObject({ vendor: [{ exploited: true }], cvss: [{ base: 7.8 }] });
  });
});

describe('a document of Microsoft’s that is none', () => {
  it.each([
    ['nothing', ''],
    ['another XML', '<a/>'],
    ['XML that is cut off', CVRF.slice(0, 3_000)],
    ['a document type', CVRF.replace('<cvrf:cvrfdoc', '<!DOCTYPE a><cvrf:cvrfdoc')],
    ['another JSON', '{}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a page without rows', '{"value":1}'],
    ['CSAF without its head', '{"document":{}}'],
  ])('is refused: %s', (_what, text) => {
    expect(codeOf(() => readMsrcDocument(text, DOCUMENT))).toBe('COLLECT_ADVISORIES_INVALID');
  });
});

it.each([
  ['5034122', ['KB5034122']],
  ['5034122; 5033372', ['KB5034122', 'KB5033372']],
  ['KB5034122,kb5034122', ['KB5034122']],
  ['10.0.19045.3930', []],
  ['Release Notes', []],
  ['', []],
])('articles in %j', (text, articles) => {
  expect(articlesOf(text)).toEqual(articles);
});
