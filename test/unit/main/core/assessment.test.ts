import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Advisory } from '../../../../main/core/advisory.ts';
import {
  assessInventory,
  type AssessmentCatalogue,
  type CatalogueOffer,
  type CatalogueRepository,
} from '../../../../main/core/assessment.ts';
import type { Inventory } from '../../../../main/core/inventory.ts';
import { compareDebVersions } from '../../../../main/core/version/deb.ts';

const repository = (id: number, fields: Partial<CatalogueRepository> = {}): CatalogueRepository => ({
  id,
  distribution: 'debian',
  codename: 'bookworm',
  root: 'debian',
  suite: 'bookworm',
  component: 'main',
  arch: 'amd64',
  origin: 'Debian',
  label: 'Debian',
  releaseDate: '2026-01-01T00:00:00Z',
  pin: 500,
  ...fields,
});
const SECURITY = { root: 'debian-security', suite: 'bookworm-security', label: 'Debian-Security' };

let patchId = 0;
const offer = (
  repositoryId: number,
  name: string,
  version: string,
  fields: Partial<CatalogueOffer> = {},
): CatalogueOffer => {
  patchId += 1;
  return {
    patchId,
    sha256: patchId.toString(16).padStart(64, '0'),
    repositoryId,
    name,
    version,
    arch: 'amd64',
    source: `src-${name}`,
    sourceVersion: version,
    size: 1,
    carried: true,
    ...fields,
  };
};
const advisory = (source: string, fixedVersion: string, fields: Partial<Advisory> = {}): Advisory => ({
  id: `changelog:bookworm/${source}/${fixedVersion}`,
  advisory: null,
  type: 'security',
  ecosystem: 'deb',
  distribution: 'debian',
  codename: 'bookworm',
  source,
  of: 'source',
  fixedVersion,
  urgency: 'medium',
  severity: 'not stated',
  cves: [],
  title: '',
  body: '',
  publishedAt: null,
  provenance: { kind: 'changelog', document: 'd', sha256: '0'.repeat(64) },
  ...fields,
});
const inventory = (packages: Record<string, string>, fields: Partial<Inventory> = {}): Inventory => ({
  platform: 'apt',
  distribution: 'debian',
  codename: 'bookworm',
  prettyName: '',
  arch: 'amd64',
  kernel: '',
  packages: Object.entries(packages).map(([name, version]) => ({
    name,
    version,
    arch: 'amd64',
    source: `src-${name}`,
    sourceVersion: version,
    status: 'install ok installed',
  })),
  held: [],
  rebootRequired: false,
  rebootReasons: [],
  clock: 0,
  bootMarker: '',
  ...fields,
});
const catalogue = (fields: Partial<AssessmentCatalogue>): AssessmentCatalogue => ({
  repositories: [repository(1), repository(2, SECURITY)],
  offers: [],
  advisories: [],
  ...fields,
});

describe('the assessment', () => {
  it('finds the newest version of each installed package, in order of names', () => {
    const found = assessInventory(
      inventory({ z: '1', a: '1', current: '5' }),
      catalogue({
        offers: [
          offer(1, 'a', '2'),
          offer(2, 'a', '3', { carried: false }),
          offer(1, 'z', '2'),
          offer(1, 'current', '5'),
          offer(1, 'new', '1'),
        ],
      }),
    );
    expect(found.map((f) => [f.name, f.candidate.version, f.carried, f.security, f.repository.id])).toEqual([
      ['a', '3', false, true, 2],
      ['z', '2', true, false, 1],
    ]);
  });

  it('looks only at repositories of the endpoint’s own release', () => {
    const found = assessInventory(
      inventory({ a: '1' }),
      catalogue({
        repositories: [repository(1, { codename: 'trixie' }), repository(2, { distribution: 'other' })],
        offers: [offer(1, 'a', '2'), offer(2, 'a', '3')],
      }),
    );
    expect(found).toEqual([]);
  });

  it('tells which advisories lie between the installed version and the candidate', () => {
    const statements = [
      advisory('src-a', '1', { cves: ['CVE-2020-1000'] }),
      advisory('src-a', '2', { cves: ['CVE-2021-1000'], urgency: 'high' }),
      advisory('src-a', '3', { cves: ['CVE-2022-1000', 'CVE-2021-1000'], urgency: 'low' }),
      advisory('src-a', '4', { cves: ['CVE-2023-1000'] }),
      advisory('src-a', '2', {
        id: 't',
        severity: 'high',
        urgency: 'high',
        provenance: { kind: 'tracker', document: '', sha256: '' },
      }),
      advisory('src-a', '2', { id: 'other', codename: 'trixie', cves: ['CVE-1999-1000'] }),
    ];
    const [finding] = assessInventory(
      inventory({ a: '1' }),
      catalogue({ offers: [offer(1, 'a', '3')], advisories: statements }),
    );
    expect(finding).toMatchObject({
      cves: ['CVE-2021-1000', 'CVE-2022-1000'],
      severity: 'high',
      urgency: 'high',
      security: true,
    });
    expect(finding?.advisories.map((item) => item.fixedVersion)).toEqual(['3', '2', '2']);
  });

  it('never turns an urgency into a severity', () => {
    const [finding] = assessInventory(
      inventory({ a: '1' }),
      catalogue({
        offers: [offer(1, 'a', '2')],
        advisories: [advisory('src-a', '2', { urgency: 'emergency' })],
      }),
    );
    expect([finding?.severity, finding?.urgency]).toEqual(['not stated', 'emergency']);
  });

  it('counts an upgrade as a security one when a security update lies on its way', () => {
    const [finding] = assessInventory(
      inventory({ a: '1' }),
      catalogue({ offers: [offer(1, 'a', '3'), offer(2, 'a', '2')] }),
    );
    expect([finding?.candidate.version, finding?.security]).toEqual(['3', true]);
  });

  it('keeps held packages in sight, and leaves out removed ones', () => {
    const seen = inventory({ a: '1', b: '1', c: '1' }, { held: ['a'] });
    const states = {
      a: 'install ok installed',
      b: 'deinstall ok config-files',
      c: 'hold ok installed',
    } as Record<string, string>;
    const found = assessInventory(
      { ...seen, packages: seen.packages.map((item) => ({ ...item, status: states[item.name] ?? '' })) },
      catalogue({ offers: [offer(1, 'a', '2'), offer(1, 'b', '2'), offer(1, 'c', '2')] }),
    );
    expect(found.map((f) => [f.name, f.held])).toEqual([
      ['a', true],
      ['c', true],
    ]);
  });

  it('follows a package from one architecture to all and back, but not to a foreign one', () => {
    const found = assessInventory(
      inventory({ a: '1', b: '1' }),
      catalogue({ offers: [offer(1, 'a', '2', { arch: 'all' }), offer(1, 'b', '2', { arch: 'i386' })] }),
    );
    expect(found.map((f) => [f.name, f.candidate.arch])).toEqual([['a', 'all']]);
  });

  it('gives the same findings whatever order the catalogue is in, each newer than what is installed', () => {
    const version = fc.constantFrom('1', '1.1', '1.1~rc1', '2:0', '1.1-1+deb12u1');
    const name = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(
        fc.dictionary(name, version),
        fc.array(fc.tuple(fc.constantFrom(1, 2), name, version), { maxLength: 8 }),
        (installed, entries) => {
          const seen = inventory(installed);
          const offers = entries.map(([id, of, is]) => offer(id, of, is, { sha256: '', patchId: 0 }));
          const found = assessInventory(seen, catalogue({ offers }));
          for (const finding of found)
            expect(compareDebVersions(finding.candidate.version, finding.installed)).toBe(1);
          const reversed = assessInventory(
            { ...seen, packages: seen.packages.toReversed() },
            catalogue({
              offers: offers.toReversed(),
              repositories: [repository(2, SECURITY), repository(1)],
            }),
          );
          const brief = (list: typeof found) =>
            list.map((f) => [f.name, f.repository.id, compareDebVersions(f.candidate.version, f.installed)]);
          expect(brief(reversed)).toEqual(brief(found));
        },
      ),
    );
  });
});
