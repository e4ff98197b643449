import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundle, type BuildOptions, type BuildResult } from '../../main/collect/build-bundle.ts';
import { checkVendorSignatures } from '../../main/bundle/check-vendor-signatures.ts';
import { parseKeyring } from '../../main/bundle/openpgp-keys.ts';
import type { PinnedVendorKey } from '../../main/core/bundle/checks.ts';
import { createSigningKeys } from '../../main/collect/signing-keys.ts';
import { SiteRegister } from '../../main/collect/site-register.ts';
import { parseBaseline } from '../../main/core/baseline.ts';
import { assessInventory, type Finding } from '../../main/core/assessment.ts';
import type { Inventory } from '../../main/core/inventory.ts';
import {
  formatNeedsList,
  makeNeedsList,
  parseNeedsList,
  type NeedsList,
} from '../../main/core/needs-list.ts';
import { makeRpmInventory } from '../../main/core/rpm/inventory.ts';
import { codedFailure, codeOf } from '../support/coded.ts';
import { reasonWithoutTools, skipNote } from '../support/debian-tools.ts';
import { RPM_TOOLS, RpmLab, runTool } from '../support/rpm-lab.ts';
import { BASE_SUITE, MODULE_FILES, STREAM_SUITE, tellRpmStory, type RpmStory } from '../support/rpm-story.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';

/**
 * Repositories that rpmbuild, rpmsign and createrepo_c made, from the mirror to the catalogue; dnf has the last word on
 * what an endpoint lacks.
 */

const PASSPHRASE = 'correct horse battery';
const NOW = '2026-11-24T00:00:00.000Z';
const reason = reasonWithoutTools(RPM_TOOLS);

describe.skipIf(reason !== null)(
  `repositories of RPM packages${skipNote(reason)}`,
  { timeout: 600_000 },
  () => {
    let story: RpmStory;
    let site: TestSite;
    let inventory: Inventory;
    let options: BuildOptions;
    let result: BuildResult;
    let rootBytes: Uint8Array;

    const needs = (holdings: NeedsList['holdings'] = null): NeedsList =>
      parseNeedsList(
        formatNeedsList(makeNeedsList({ createdAt: NOW, inventories: [inventory], holdings }).list),
      );
    const findings = (): Finding[] =>
      assessInventory(
        inventory,
        site.catalogue.loadAssessmentCatalogue(
          inventory,
          inventory.packages.map((item) => item.name),
        ),
      );
    const found = (name: string): Finding | undefined => findings().find((item) => item.name === name);

    beforeAll(async () => {
      story = tellRpmStory();
      inventory = makeRpmInventory(
        {
          osRelease: 'ID="almalinux"\nVERSION_ID="9.4"\nPRETTY_NAME="AlmaLinux 9.4 (lab)"\n',
          packages: story.query,
          modules: Object.values(MODULE_FILES).join('\n'),
        },
        {
          arch: 'x86_64',
          kernel: '',
          held: [],
          rebootRequired: false,
          rebootReasons: [],
          clock: 0,
          bootMarker: '',
        },
      );
      const keys = await createSigningKeys({
        dir: join(story.lab.dir, 'keys'),
        passphrase: PASSPHRASE,
        now: NOW,
        scrypt: { N: 1_024, r: 8, p: 1 },
      });
      options = {
        needs: needs(),
        outDir: join(story.lab.dir, 'media'),
        keysDir: join(story.lab.dir, 'keys'),
        passphrase: PASSPHRASE,
        now: NOW,
        mirrors: { almalinux: `file://${story.mirror}` },
        vendorKeys: [story.lab.keyFile],
        download: { retries: 0 },
      };
      ({ rootBytes } = keys);
      site = openTestSite(rootBytes);
      result = await buildBundle(options);
    }, 600_000);
    afterAll(() => {
      site.close();
      story.lab.close();
    });

    it('carries what is newer, what that newly needs, and says what nothing meets', () => {
      expect(result).toMatchObject({ seq: 1, base: 0, missing: [], unmet: ['app 2-1.el9: nowhere'] });
      expect(result.repositories.map((item) => [item.suite, item.signedBy.length])).toEqual([
        [BASE_SUITE, 1],
        [STREAM_SUITE, 1],
      ]);
      const manifest = readFileSync(join(options.outDir, 'bundles', 'main', '1', 'manifest.tsv'), 'utf8');
      const packages = [...manifest.matchAll(/ package \S*\/Packages\/(\S+)\.rpm$/gm)].map(
        ([, name]) => name,
      );
      expect(packages.sort()).toEqual(
        [
          'app-2-1.el9.x86_64',
          'docs-2-1.el9.x86_64',
          'epoch-3.0.7-25.el9_3.x86_64',
          'kernel-lab-5.14.0-3.el9.x86_64',
          'libboth-1.0-2.el9.i686',
          'libboth-1.0-2.el9.x86_64',
          'newlib-2.1-1.el9.x86_64',
          'newname-2-1.el9.x86_64',
          // Carried though dnf hides it: an endpoint of the platform might not have enabled the stream.
          'nodejs-18.2-1.module_el9+2.x86_64',
          'nodejs-99-1.el9.x86_64',
          'perl-lab-1-2.el9.x86_64',
          'provider-1-1.el9.x86_64',
          'ruby-3.1-1.module_el9+2.x86_64',
          'ruby-9-1.el9.x86_64',
          'tilde-1.0-1.el9.x86_64',
          'banned-2-1.module_el9+2.x86_64',
        ].sort(),
      );
    });

    it('imports, and finds by it what dnf check-update finds by the same repositories', async () => {
      const report = await site.import({ mediaDir: options.outDir, now: NOW });
      expect(report.advisories).toBe(5);
      const ours = findings().map((item) => `${item.name}.${item.arch} ${item.candidate.version}`);
      const theirs = story.lab.checkUpdate(story.root, { base: story.base, stream: story.stream });
      expect(theirs.length).toBeGreaterThan(8);
      expect(ours.sort()).toEqual(theirs);
    });

    it('shows what the vendor says of it, of enabled streams only', () => {
      expect(found('epoch')).toMatchObject({
        installed: '1:3.0.7-18.el9',
        carried: true,
        security: true,
        severity: 'high',
        cves: ['CVE-2024-0001', 'CVE-2024-0002'],
        advisories: [{ advisory: 'ALSA-2024:0001', rebootSuggested: true }],
      });
      expect(found('tilde')).toMatchObject({ security: false, advisories: [{ advisory: 'ALBA-2024:0002' }] });
      expect(found('app')).toMatchObject({ advisories: [], severity: 'not stated' });
      expect(found('nodejs')).toMatchObject({ cves: ['CVE-2024-0018'], severity: 'medium' });
      const { patches } = site.catalogue.listPatches({ search: 'CVE-2024-0001', limit: 10, offset: 0 });
      expect(patches).toMatchObject([
        {
          package: 'epoch',
          version: '1:3.0.7-25.el9_3',
          repository: `almalinux ${BASE_SUITE}`,
          security: true,
          severity: 'critical',
          advisories: ['ALSA-2024:0001', 'ALSA-2023:0009'],
        },
      ]);
    });

    it('next time leaves out what the site has, and reads nothing twice', async () => {
      const outDir = join(story.lab.dir, 'media-2');
      const next = await buildBundle({ ...options, outDir, needs: needs(site.catalogue.loadHoldings()) });
      expect(next).toMatchObject({ seq: 2, base: 1, alreadyHeld: 16 });
      expect(next.bytes).toBeLessThan(20_000);
      const before = findings();
      const report = await site.import({ mediaDir: outDir, now: NOW });
      expect(report.advisories).toBe(0);
      expect(findings()).toEqual(before);
    });

    describe('a mirror that lies', () => {
      const build = async (mirror: string, more: Partial<BuildOptions> = {}) => {
        const outDir = join(story.lab.dir, `media-${mirror.replace(/^.*\//, '')}`);
        rmSync(outDir, { recursive: true, force: true });
        return buildBundle({ ...options, outDir, mirrors: { almalinux: `file://${mirror}` }, ...more });
      };
      const copy = (name: string): { mirror: string; base: string } => {
        const mirror = join(story.lab.dir, name);
        cpSync(story.mirror, mirror, { recursive: true });
        return { mirror, base: join(mirror, BASE_SUITE) };
      };

      it('is refused when its repomd.xml is not what the vendor signed', async () => {
        const { mirror, base } = copy('changed');
        const file = join(base, 'repodata', 'repomd.xml');
        writeFileSync(file, readFileSync(file, 'utf8').replace('</repomd>', '<!-- --></repomd>'));
        expect((await codedFailure(build(mirror))).code).toBe('COLLECT_RELEASE_UNVERIFIED');
      });

      it('is refused when an index is not the one that repomd.xml names', async () => {
        const { mirror, base } = copy('index');
        for (const name of readdirSync(join(base, 'repodata')).filter((item) => item.includes('primary')))
          writeFileSync(join(base, 'repodata', name), 'other bytes');
        const downloadDir = join(story.lab.dir, 'downloads-index');
        expect((await codedFailure(build(mirror, { downloadDir }))).code).toBe('COLLECT_DOWNLOAD_FAILED');
      });

      it('is refused without keys, unless a person takes it on trust', async () => {
        expect((await codedFailure(build(story.mirror, { vendorKeys: [] }))).code).toBe(
          'COLLECT_RELEASE_UNVERIFIED',
        );
        const taken = await build(story.mirror, { vendorKeys: [], unsignedRoots: ['almalinux'] });
        expect(taken.repositories.map((item) => item.signedBy)).toEqual([[], []]);
      });

      it('gives no package that the vendor has not signed, also where the metadata says that it belongs', async () => {
        const bare = story.lab.build([{ name: 'tilde', version: '1.0-9.el9' }]);
        const mirror = join(story.lab.dir, 'bare');
        cpSync(story.mirror, mirror, { recursive: true });
        rmSync(join(mirror, BASE_SUITE, 'repodata'), { recursive: true });
        story.lab.makeRepository(`bare/${BASE_SUITE}`, bare.values(), { sign: false });
        const built = await build(mirror);
        expect(built.missing).toMatchObject([
          { path: `almalinux/${BASE_SUITE}/Packages/tilde-1.0-9.el9.x86_64.rpm` },
        ]);
        expect(built.missing[0]?.reason).toContain('signature');
      });
    });

    describe('the vendor’s signature, looked at once more at the site', () => {
      const keyOf = (file: string): PinnedVendorKey => {
        const [key] = parseKeyring(readFileSync(file), file);
        if (key === undefined) throw new Error('no key');
        return { ...key, root: 'almalinux', pinnedBy: 'Ann', pinnedAt: NOW };
      };
      const importFrom = async (mediaDir: string, pinned: readonly PinnedVendorKey[]) => {
        const fresh = openTestSite(rootBytes);
        try {
          await fresh.import({ mediaDir, now: NOW, vendorKeys: { pinned, machineKeyrings: [] } });
          return fresh.catalogue.listBundles()[0]?.vendorChecks;
        } finally {
          fresh.close();
        }
      };
      /** The medium of a builder that verifies nothing, from a mirror whose repomd.xml nobody has signed. */
      const buildBare = async (name: string, extra: ReadonlyMap<string, string>): Promise<string> => {
        const mirror = join(story.lab.dir, name);
        cpSync(story.mirror, mirror, { recursive: true });
        rmSync(join(mirror, BASE_SUITE, 'repodata'), { recursive: true });
        story.lab.makeRepository(`${name}/${BASE_SUITE}`, extra.values(), { sign: false });
        const outDir = join(story.lab.dir, `media-${name}`);
        const mirrors = { almalinux: `file://${mirror}` };
        const trust = { vendorKeys: [], unsignedRoots: ['almalinux'] };
        await buildBundle({ ...options, outDir, mirrors, ...trust, stream: name });
        return outDir;
      };

      it('holds for repomd.xml by a key that a person pinned, and by no other', async () => {
        const key = keyOf(story.lab.keyFile);
        expect(await importFrom(options.outDir, [key])).toEqual(
          [BASE_SUITE, STREAM_SUITE].map((suite) => ({
            name: `almalinux ${suite}`,
            status: 'verified',
            keys: [key.fingerprint],
            note: 'by a key that Ann pinned',
          })),
        );
        const stranger = new RpmLab();
        try {
          const failure = await codedFailure(importFrom(options.outDir, [keyOf(stranger.keyFile)]));
          expect(failure.code).toBe('BUNDLE_VENDOR_SIGNATURE_BAD');
        } finally {
          stranger.close();
        }
        expect(await importFrom(options.outDir, [])).toMatchObject([
          { status: 'not-rechecked', note: 'no key is pinned' },
          { status: 'not-rechecked' },
        ]);
      });

      it('refuses a repomd.xml that was changed after the vendor signed it', async () => {
        const below = join(story.mirror, BASE_SUITE, 'repodata');
        const changed = join(story.lab.dir, 'repomd-changed.xml');
        writeFileSync(changed, `${readFileSync(join(below, 'repomd.xml'), 'utf8')} `);
        const files = new Map([
          ['release', changed],
          ['signature', join(below, 'repomd.xml.asc')],
        ]);
        const repository = {
          ecosystem: 'rpm' as const,
          root: 'almalinux',
          suite: BASE_SUITE,
          release: { path: 'repomd.xml', sha256: 'release', size: 1 },
          files: [{ kind: 'signature' as const, path: 'repomd.xml.asc', sha256: 'signature', size: 1 }],
        };
        const content = { pathOf: (sha256: string) => files.get(sha256) ?? '' };
        const checking = checkVendorSignatures(
          [repository],
          [],
          { content, catalogue: site.imports },
          {
            pinned: [keyOf(story.lab.keyFile)],
            machineKeyrings: [],
          },
        );
        const failure = await codedFailure(checking);
        expect([failure.code, failure.message]).toEqual([
          'BUNDLE_VENDOR_SIGNATURE_BAD',
          expect.stringContaining('changed'),
        ]);
      });

      it('is asked of each package where repomd.xml has none', async () => {
        const media = await buildBare('packages-signed', new Map());
        const checks = await importFrom(media, [keyOf(story.lab.keyFile)]);
        expect(checks?.map((check) => check.status)).toEqual(['verified', 'verified']);
        expect(checks?.at(-1)?.note).toMatch(/^each of its \d+ packages, by keys that Ann pinned/);
        const signedBefore = openTestSite(rootBytes);
        try {
          const vendorKeys = { pinned: [keyOf(story.lab.keyFile)], machineKeyrings: [] };
          await signedBefore.import({ mediaDir: options.outDir, now: NOW, vendorKeys });
          const stripped = signedBefore.import({ mediaDir: media, now: NOW, vendorKeys });
          expect((await codedFailure(stripped)).code).toBe('BUNDLE_VENDOR_SIGNATURE_BAD');
        } finally {
          signedBefore.close();
        }
        const bare = story.lab.build([{ name: 'tilde', version: '1.0-8.el9' }]);
        const failure = await codedFailure(
          importFrom(await buildBare('package-bare', bare), [keyOf(story.lab.keyFile)]),
        );
        expect([failure.code, failure.message]).toEqual([
          'BUNDLE_VENDOR_SIGNATURE_BAD',
          expect.stringContaining('tilde-1.0-8.el9.x86_64.rpm'),
        ]);
      });
    });

    it('says how many packages it leaves out because they are named by no SHA-256', async () => {
      const mirror = join(story.lab.dir, 'sha512');
      cpSync(story.mirror, mirror, { recursive: true });
      rmSync(join(mirror, BASE_SUITE, 'repodata'), { recursive: true });
      story.lab.makeRepository(`sha512/${BASE_SUITE}`, [], {}, ['--checksum=sha512']);
      const outDir = join(story.lab.dir, 'media-sha512');
      const mirrors = { almalinux: `file://${mirror}` };
      const { unmet } = await buildBundle({ ...options, outDir, mirrors, stream: 'sha512' });
      expect(unmet.at(-1)).toMatch(
        new RegExp(`^almalinux ${BASE_SUITE}: [1-9]\\d* packages left out, which it names by no SHA-256`),
      );
    });

    it('is read with indexes in bzip2 that are named by SHA-512', async () => {
      const mirror = join(story.lab.dir, 'bz2');
      cpSync(story.mirror, mirror, { recursive: true });
      rmSync(join(mirror, BASE_SUITE, 'repodata'), { recursive: true });
      const words = ['--general-compress-type=bz2', '--repomd-checksum=sha512'];
      story.lab.makeRepository(`bz2/${BASE_SUITE}`, [], {}, words);
      const repomd = readFileSync(join(mirror, BASE_SUITE, 'repodata', 'repomd.xml'), 'utf8');
      expect(repomd).toContain('primary.xml.bz2');
      expect(repomd).not.toContain('sha256');
      const outDir = join(story.lab.dir, 'media-bz2');
      await buildBundle({ ...options, outDir, mirrors: { almalinux: `file://${mirror}` }, stream: 'bz2' });
      const fresh = openTestSite(rootBytes);
      try {
        await fresh.import({ mediaDir: outDir, now: NOW });
        const { patches } = fresh.catalogue.listPatches({ search: 'epoch', limit: 10, offset: 0 });
        expect(patches.map((patch) => [patch.package, patch.version, patch.carried])).toContainEqual([
          'epoch',
          '1:3.0.7-25.el9_3',
          true,
        ]);
      } finally {
        fresh.close();
      }
    });

    const platform = {
      kind: 'dnf',
      distribution: { id: 'almalinux', codename: '9' },
      architecture: 'x86_64',
      repositories: [
        { root: 'almalinux', suite: BASE_SUITE, components: [] },
        { root: 'almalinux', suite: STREAM_SUITE, components: [] },
      ],
    };
    const baseline = JSON.stringify({ format: 'sallyport-baseline/1', platforms: [platform] });

    it('serves a site that lets nothing out: everything at first, then by the register of what it was given', async () => {
      const mirror = join(story.lab.dir, 'live');
      cpSync(story.mirror, mirror, { recursive: true });
      const silent = openTestSite(rootBytes);
      const give = async (name: string): Promise<BuildResult> =>
        buildBundle({
          ...options,
          needs: parseBaseline(baseline, NOW),
          site: 'north',
          stream: 'silent',
          mirrors: { almalinux: `file://${mirror}` },
          outDir: join(story.lab.dir, name),
        });
      try {
        // The newest of each name, architecture and stream: 13 of the one repository and 8 of the other.
        expect(await give('full')).toMatchObject({ seq: 1, base: 0, upgrades: 21, alreadyHeld: 0 });
        await silent.import({ mediaDir: join(story.lab.dir, 'full'), now: NOW });
        const more = story.lab.build([{ name: 'current', version: '5.2.5-9.el9' }]);
        story.lab.sign(more.values());
        for (const file of more.values()) cpSync(file, join(mirror, BASE_SUITE, 'Packages', basename(file)));
        story.lab.makeRepository(`live/${BASE_SUITE}`, []);
        expect(await give('lost')).toMatchObject({ seq: 2, base: 1, upgrades: 21, alreadyHeld: 20 });
        expect(await give('after')).toMatchObject({ seq: 3, base: 2, alreadyHeld: 21 });
        const refused = silent.import({ mediaDir: join(story.lab.dir, 'after'), now: NOW });
        expect((await codedFailure(refused)).code).toMatch(/^BUNDLE_/);
        const register = new SiteRegister(options.keysDir, 'north');
        expect(register.takeBack('silent', 2).map((bundle) => bundle.seq)).toEqual([2, 3]);
        expect(await give('increment')).toMatchObject({ seq: 4, base: 1, alreadyHeld: 20 });
        await silent.import({ mediaDir: join(story.lab.dir, 'increment'), now: NOW });
        const { patches } = silent.catalogue.listPatches({
          search: 'current',
          onlyCarried: true,
          limit: 10,
          offset: 0,
        });
        expect(patches.map((patch) => patch.version)).toContain('5.2.5-9.el9');
        expect(codeOf(() => register.takeBack('silent', 9))).toBe('COLLECT_REGISTER_INVALID');
        expect(codeOf(() => new SiteRegister(options.keysDir, '../north'))).toBe('COLLECT_REGISTER_INVALID');
      } finally {
        silent.close();
      }
    });

    it('goes by command from the mirror to what the catalogue shows', { timeout: 900_000 }, () => {
      const { dir } = story.lab;
      const env = {
        SALLYPORT_DATA: join(dir, 'site'),
        SALLYPORT_PERSON: 'Ann',
        SALLYPORT_PASSPHRASE: 'thirteen blue kettles',
        SALLYPORT_KEYS_PASSPHRASE: PASSPHRASE,
      };
      const sallyport = (...args: string[]): unknown =>
        JSON.parse(runTool(process.execPath, ['main/cli/sallyport.ts', ...args, '--quiet', '--json'], env));
      const file = join(dir, 'baseline.json');
      writeFileSync(file, baseline);
      const medium = join(dir, 'by-command');
      sallyport(
        ...['bundle', 'build', medium, '--baseline', file, '--site', 'south', '--keys', options.keysDir],
        ...['--mirror', `almalinux=file://${story.mirror}`, '--vendor-keys', story.lab.keyFile],
      );
      const register = ['bundle', 'register', '--keys', options.keysDir, '--site', 'south'];
      expect(sallyport(...register)).toMatchObject({ sites: [{ site: 'south', bundles: [{ base: 0 }] }] });
      sallyport('site', 'create', 'South', '--person', 'Ann', '--role', 'engineer');
      sallyport('trust', 'pin', medium, '--fingerprint', result.fingerprint);
      sallyport('bundle', 'import', medium);
      expect(sallyport('catalogue', 'search', 'epoch')).toMatchObject({
        patches: [
          {
            package: 'epoch',
            version: '1:3.0.7-25.el9_3',
            carried: true,
            security: true,
            severity: 'critical',
            advisories: ['ALSA-2024:0001', 'ALSA-2023:0009'],
          },
        ],
      });
    });

    it('is a site’s right to refuse an older state of a repository', async () => {
      const old = join(story.lab.dir, 'old');
      cpSync(story.mirror, old, { recursive: true });
      const file = join(old, BASE_SUITE, 'repodata', 'repomd.xml');
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replaceAll(/<timestamp>\d+</g, '<timestamp>1600000000<'),
      );
      story.lab.signRepository(join(old, BASE_SUITE));
      const outDir = join(story.lab.dir, 'media-old');
      await buildBundle({ ...options, outDir, mirrors: { almalinux: `file://${old}` } });
      expect((await codedFailure(site.import({ mediaDir: outDir, now: NOW }))).code).toBe('BUNDLE_ROLLBACK');
    });
  },
);
