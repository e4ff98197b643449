import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sliceRepositories } from '../../main/catalogue/repository-slice.ts';
import { buildBundle } from '../../main/collect/build-bundle.ts';
import { fetchIndex, fetchRelease } from '../../main/collect/fetch-repository.ts';
import { makeMirrorFinder, readAptTargets } from '../../main/collect/mirrors.ts';
import { createSigningKeys } from '../../main/collect/signing-keys.ts';
import { isHeld, parseDpkgStatus } from '../../main/core/apt/inventory.ts';
import { assessInventory } from '../../main/core/assessment.ts';
import type { Inventory } from '../../main/core/inventory.ts';
import { defaultRepositories, makeNeedsList, type RepositoryRef } from '../../main/core/needs-list.ts';
import { hostPath } from '../lab/real/host.ts';
import { labLayout, PRISTINE_ROOT } from '../lab/real/layout.ts';
import { askApt } from '../support/apt-oracle.ts';
import { findLab } from '../support/lab-targets.ts';
import { openTestSite } from '../support/test-site.ts';

/** What the real lab's endpoints have installed, assessed by us and by apt on the same indexes of the vendor. */
const lab = findLab();
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

async function whyNot(): Promise<string | null> {
  if ('reason' in lab) return lab.reason;
  if (!existsSync(KEYRING)) return 'there is no Debian archive keyring';
  const targets = await readAptTargets();
  return targets.some((target) => target.base.includes('/debian-security'))
    ? null
    : 'this machine’s apt has no Debian mirror';
}
const reason = await whyNot();

describe.skipIf(reason !== null)(
  `the real lab’s endpoints${reason === null ? '' : ` [skipped: ${reason}]`}`,
  () => {
    it('have exactly the findings that apt lists as upgradable', { timeout: 600_000 }, async () => {
      if ('reason' in lab) return;
      const now = new Date().toISOString();
      const dir = mkdtempSync(join(tmpdir(), 'sallyport-lab-assessment-'));
      const keysDir = join(dir, 'keys');
      const keys = await createSigningKeys({
        dir: keysDir,
        passphrase: 'correct horse battery',
        now,
        scrypt: { N: 1_024, r: 8, p: 1 },
      });
      const site = openTestSite(keys.rootBytes);
      try {
        const endpoints = lab.site.endpoints.map((endpoint) => {
          const disk = hostPath(labLayout(), `${PRISTINE_ROOT}/${endpoint.vm}`);
          const status = readFileSync(join(disk, 'var/lib/dpkg/status'), 'utf8');
          return { name: endpoint.name, status, inventory: inventoryOf(status, endpoint.suite) };
        });
        const { list } = makeNeedsList({
          createdAt: now,
          inventories: endpoints.map((item) => item.inventory),
          holdings: null,
        });
        const releases = new Map(
          endpoints.map(({ inventory }) => [
            inventory.codename,
            defaultRepositories({ id: 'debian', codename: inventory.codename }),
          ]),
        );
        const mirrors = await mirrorIndexes(join(dir, 'mirror'), [...releases.values()].flat(), now);
        // Packages are not needed to know what is missing: the bundle says of each that it could not be had.
        const options = {
          needs: list,
          outDir: join(dir, 'media'),
          keysDir,
          passphrase: 'correct horse battery',
          now,
          mirrors,
        };
        await buildBundle(options);
        await site.import({ mediaDir: options.outDir, now });

        for (const { name, status, inventory } of endpoints) {
          const names = inventory.packages.map((item) => item.name);
          const findings = assessInventory(
            inventory,
            site.catalogue.loadAssessmentCatalogue(inventory, names),
          );
          const slices = sliceRepositories(
            site.db,
            site.content,
            { ...inventory, distribution: 'debian' },
            [],
          );
          const upgradable = askApt(join(dir, `apt-${name}`), slices, status);
          expect([
            name,
            findings.map((finding) => `${finding.name} ${finding.candidate.version}`).sort(),
          ]).toEqual([name, upgradable]);
        }
      } finally {
        site.close();
        rmSync(dir, { recursive: true, force: true });
      }
    });
  },
);

function inventoryOf(status: string, codename: string): Inventory {
  const packages = parseDpkgStatus(status);
  return {
    platform: 'apt',
    distribution: 'debian',
    codename,
    prettyName: '',
    arch: 'amd64',
    kernel: '',
    packages,
    held: packages.filter((item) => isHeld(item.status)).map((item) => item.name),
    rebootRequired: false,
    rebootReasons: [],
    clock: 0,
    bootMarker: '',
  };
}

/** A mirror of signed indexes without packages. @returns its addresses by root */
async function mirrorIndexes(
  dir: string,
  repositories: readonly RepositoryRef[],
  now: string,
): Promise<Record<string, string>> {
  const context = {
    findMirror: makeMirrorFinder({}, await readAptTargets()),
    keyring: KEYRING,
    downloadDir: join(dir, 'downloads'),
    now,
    download: {},
  };
  const keep = (path: string, sha256: string): void => {
    mkdirSync(join(dir, path, '..'), { recursive: true });
    writeFileSync(join(dir, path), readFileSync(join(context.downloadDir, sha256.slice(0, 2), sha256)));
  };
  for (const repository of repositories) {
    const release = await fetchRelease(repository, context);
    keep(release.path, release.sha256);
    const index = await fetchIndex(release, 'main', 'amd64', context);
    keep(index.path, index.sha256);
  }
  return Object.fromEntries(repositories.map(({ root }) => [root, `file://${dir}/${root}`]));
}
