import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/catalogue/database.ts';
import { Journal } from '../../main/runs/journal.ts';
import { embeddedFaults } from '../lab/embedded/faults.ts';
import type { LabEndpoint } from '../lab/embedded/embedded-lab.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { bundleProcess, type BundledProcess } from '../support/bundled-process.ts';
import type { CrashReport } from '../support/crash-engine.ts';

const OUTCOMES = { 'web-1': 'succeeded', 'db-1': 'restored', 'app-1': 'refused' } as const;
/** Sites that are crashed at the same time: a child that starts leaves a core to one that waits. */
const LANES = 2;
/** More processes than this for one run mean that it goes round in circles. */
const MOST_PROCESSES = 200;

/**
 * Safety rule 5: kills the engine after every single commit to the journal of a run with three endings, starts another, and
 * finds what it would have found without. The endpoints live in this process and so survive; dpkg's work is counted
 * where no restore takes it back.
 */
describe('an engine that dies', () => {
  let child: BundledProcess;
  const lanes: Lane[] = [];
  let entriesOfARun = 0;
  let saidOfARun: readonly string[] = [];

  beforeAll(async () => {
    child = await bundleProcess(fileURLToPath(new URL('../support/crash-engine.ts', import.meta.url)));
    lanes.push(...(await Promise.all(Array.from({ length: LANES }, () => openLane(child)))));
  });
  afterAll(async () => {
    await Promise.all(lanes.map((lane) => lane.close()));
    child.remove();
  });

  it('without dying: the three endings that all others must equal', async () => {
    const [lane] = lanes;
    if (lane === undefined) throw new Error('there is no site');
    const { report, deaths } = await lane.run(() => ['0']);
    expect(deaths).toBe(0);
    entriesOfARun = report.entries;
    saidOfARun = report.notices;
    expect(saidOfARun).toContain('I Bilal A snapshot of web-1 was taken before patching.');
    // Created, ten steps begun and finished at most, ended: on three endpoints.
    expect(entriesOfARun).toBeGreaterThan(40);
  });

  it('after each commit in turn: the same end, one install each', { timeout: 1_200_000 }, async () => {
    expect(entriesOfARun, 'the run without a crash').toBeGreaterThan(0);
    const queue = Array.from({ length: entriesOfARun }, (_, index) => index + 1);
    let died = 0;
    const work = async (lane: Lane): Promise<void> => {
      for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
        const dieAfter = at;
        const { deaths, report } = await lane.run((process) => [process === 0 ? String(dieAfter) : '0']);
        died += deaths;
        // Nobody is told less, more, or twice.
        expect([dieAfter, report.notices]).toEqual([dieAfter, saidOfARun]);
      }
    };
    await Promise.all(lanes.map(work));
    // The last commits of one run may be the last but one of another: sessions that come and go are entered too.
    expect(died).toBeGreaterThan(entriesOfARun - 5);
  });

  it('after every commit, one after another, in one run', { timeout: 900_000 }, async () => {
    const [lane] = lanes;
    if (lane === undefined) throw new Error('there is no site');
    expect(entriesOfARun, 'the run without a crash').toBeGreaterThan(0);
    const { deaths, report } = await lane.run((_process, folder) => ['each', join(folder, 'deaths')]);
    expect(report.notices).toEqual(saidOfARun);
    expect(deaths).toBeGreaterThan(entriesOfARun - 5);
  });
});

interface Lane {
  /** @param when after which entries the process of that number (from 0) dies, as arguments of crash-engine.ts */
  run(
    when: (process: number, folder: string) => readonly string[],
  ): Promise<{ report: CrashReport; deaths: number }>;
  close(): Promise<void>;
}

/** A site with an approved plan for three endpoints, of which each run works on a copy. */
async function openLane(child: BundledProcess): Promise<Lane> {
  const site = await SimulatedSite.prepare({ endpoints: 3 });
  const { lab } = site;
  const open = await site.open();
  const { planId } = await open.engineer.finish(await open.engineer.call('plans.make', {}));
  const approval = await open.engineer.call('approvals.request', { planId: String(planId) });
  await open.approver.call('approvals.grant', { id: approval.id, planDigest: approval.planDigest });
  await open.engine.close();
  const approved = open.dataDir;
  let runs = 0;
  return {
    run: async (when) => {
      lab.reset();
      const faults = embeddedFaults(lab);
      await faults.failHealthCheck('db-1', 'libssl3');
      await faults.breakSnapshots('app-1');
      runs += 1;
      const dataDir = join(site.folder, `crash-${String(runs)}`);
      cpSync(approved, dataDir, { recursive: true });
      let deaths = 0;
      for (let process = 0; process < MOST_PROCESSES; process += 1) {
        const end = await child.run(dataDir, ...when(process, dataDir));
        if (end.signal === 'SIGKILL') {
          deaths += 1;
          continue;
        }
        expect([end.code, end.stderr]).toEqual([0, '']);
        const report = JSON.parse(end.stdout) as CrashReport;
        expectTheEnd(site, dataDir, report);
        rmSync(dataDir, { recursive: true, force: true });
        return { report, deaths };
      }
      throw new Error(`the run did not come to its end in ${String(MOST_PROCESSES)} processes`);
    },
    close: () => site.close(),
  };
}

function expectTheEnd({ lab }: SimulatedSite, dataDir: string, report: CrashReport): void {
  expect(lab.unexpected()).toEqual([]);
  expect(report.outcomes).toEqual(OUTCOMES);
  expect(report.auditIntact).toBe(true);
  expectWholeJournal(dataDir, report.runId);
  const [web, db, app] = ['web-1', 'db-1', 'app-1'].map((name) => lab.endpoint(name));
  if (web === undefined || db === undefined || app === undefined) throw new Error('the lab is not whole');

  expect(web.machine.installs).toHaveLength(1);
  const changed = changesOf(web);
  expect(changed.map(({ name }) => name).sort()).toEqual(web.machine.installs[0]?.packages.toSorted());
  for (const { name, from, to } of changed) {
    expect(to).toBe(`${from}+sim1`);
    expect(web.machine.disk.countUpgrades(name, to)).toBe(1);
  }
  // Put back once, after one install: the counter is not on the disk that was restored.
  expect(db.machine.installs).toHaveLength(1);
  expect(changesOf(db)).toEqual([]);
  expect(app.machine.installs).toHaveLength(0);
  expect(changesOf(app)).toEqual([]);

  expect(['web-1', 'db-1', 'app-1'].map((name) => lab.host.snapshotsOf(name).length)).toEqual([1, 1, 0]);
  expect(lab.host.leftovers()).toEqual([]);
}

function changesOf({ machine, pristine }: LabEndpoint): { name: string; from: string; to: string }[] {
  return [...machine.disk.packages].flatMap(([key, item]) => {
    const from = pristine.packages.get(key);
    const isSame = from?.version === item.version && from.status === item.status;
    return isSame ? [] : [{ name: item.name, from: from?.version ?? 'none', to: item.version }];
  });
}

/** Folds every task's journal with its hashes, which fails on the first entry that does not follow. */
function expectWholeJournal(dataDir: string, runId: string): void {
  const db = openDatabase(join(dataDir, 'site.db'));
  try {
    const journal = new Journal(
      db,
      () => '',
      () => undefined,
    );
    const states = [...journal.statesOf(runId).values()];
    expect(states.map((state) => state.kind)).toEqual(['ended', 'ended', 'ended']);
  } finally {
    db.close();
  }
}
