import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/catalogue/database.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import type { OpenSite } from '../support/prepared-site.ts';

/**
 * What somebody still counts on stays, even when everything that is here has been superseded: by an approval that was asked
 * for or granted, by a run that goes on, by a snapshot that a restore may go back to.
 */

const PACKAGE = 'libexpat1';
let prepared: SimulatedSite;

beforeAll(async () => {
  prepared = await SimulatedSite.prepare({ endpoints: 1 });
});
afterAll(async () => {
  await prepared.close();
});

/** The worst that a bundle can do: for every package that is here there is a newer one, which is here too. */
function supersedeEverything(site: OpenSite): void {
  const db = openDatabase(join(site.dataDir, 'site.db'));
  db.exec(`DELETE FROM patch_superseded;
    INSERT INTO patch_superseded (patch_id, by_patch_id)
    SELECT p.id, (SELECT max(n.id) FROM patches n JOIN content_objects h ON h.sha256 = n.sha256)
    FROM patches p JOIN content_objects c ON c.sha256 = p.sha256`);
  db.close();
}

const isOnDisk = (site: OpenSite, sha256: string): boolean =>
  existsSync(join(site.dataDir, 'content', sha256.slice(0, 2), sha256));

/** Hashes of the packages that are kept for a reason. */
async function keptFor(site: OpenSite, reason: string): Promise<string[]> {
  const { kept } = await site.engineer.call('catalogue.garbage', {});
  return kept.filter((item) => item.reason === reason).map((item) => item.object.sha256);
}

async function plan(site: OpenSite): Promise<{ id: string; hashes: string[] }> {
  const { planId } = await site.engineer.finish(
    await site.engineer.call('plans.make', { endpointIds: [...site.ids.values()], packages: [PACKAGE] }),
  );
  const found = await site.engineer.call('plans.get', { id: String(planId) });
  const packages = found.endpoints.flatMap((endpoint) => endpoint.packages);
  const { patches } = await site.engineer.call('catalogue.search', { search: PACKAGE, onlyCarried: true });
  const hashes = patches
    .filter((patch) => packages.some((item) => item.name === patch.package && item.to === patch.version))
    .map((patch) => patch.sha256);
  expect(hashes.length).toBeGreaterThan(0);
  return { id: found.id, hashes };
}

describe('garbage collection never takes what open work needs', () => {
  it('while an approval is asked for, and once it is granted', async () => {
    const site = await prepared.open();
    try {
      const { id, hashes } = await plan(site);
      supersedeEverything(site);
      expect(await keptFor(site, 'plan')).toEqual(expect.arrayContaining(hashes));
      const approval = await site.engineer.call('approvals.request', { planId: id });
      expect(await keptFor(site, 'approval')).toEqual(expect.arrayContaining(hashes));
      await site.approver.call('approvals.grant', { id: approval.id, planDigest: approval.planDigest });
      await site.engineer.call('catalogue.collectGarbage', {});
      expect(await keptFor(site, 'approval')).toEqual(expect.arrayContaining(hashes));
      expect(hashes.every((sha256) => isOnDisk(site, sha256))).toBe(true);

      // The approval still is worth something: what it names can be installed.
      const run = await site.engineer.call('runs.start', { approvalId: approval.id });
      const view = await site.engineer.call('runs.wait', { id: run.id });
      expect(view.tasks.map((task) => task.status)).toEqual(['succeeded']);
    } finally {
      await site.engine.close();
    }
  });

  it('while a run goes on, and then while its snapshot can be restored; after that it goes', async () => {
    const site = await prepared.open();
    try {
      const { id, hashes } = await plan(site);
      supersedeEverything(site);
      const approval = await site.engineer.call('approvals.request', { planId: id });
      await site.approver.call('approvals.grant', { id: approval.id, planDigest: approval.planDigest });
      const { id: runId } = await site.engineer.call('runs.start', { approvalId: approval.id });
      expect(await keptFor(site, 'run')).toEqual(expect.arrayContaining(hashes));
      await site.engineer.call('catalogue.collectGarbage', {});
      const view = await site.engineer.call('runs.wait', { id: runId });
      expect(view.tasks.map((task) => task.status)).toEqual(['succeeded']);

      expect(await keptFor(site, 'restore')).toEqual(expect.arrayContaining(hashes));
      await site.engineer.call('catalogue.collectGarbage', {});
      expect(hashes.every((sha256) => isOnDisk(site, sha256))).toBe(true);

      for (const snapshot of await site.engineer.call('snapshots.list', {}))
        await site.engineer.call('snapshots.delete', { id: snapshot.id, confirmName: snapshot.endpointName });
      const { objects } = await site.engineer.call('catalogue.collectGarbage', {});
      expect(objects.map((object) => object.sha256)).toEqual(expect.arrayContaining(hashes));
      expect(hashes.some((sha256) => isOnDisk(site, sha256))).toBe(false);
    } finally {
      await site.engine.close();
    }
  });
});
