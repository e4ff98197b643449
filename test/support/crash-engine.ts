import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { openEngine } from '../../main/app/compose.ts';
import type { StoredEvent } from '../../main/runs/journal.ts';
import { PERSONS, QUICK } from '../lab/embedded/persons.ts';
import { Caller } from './caller.ts';

/*
 * A child process of the crash tests: opens the engine on a site, goes on with its run or starts the one that was approved, and
 * kills itself right after a journal entry: after that of a number, or (`each FILE`) after the first of every kind on every
 * endpoint, which are written down in the file so that the next process lives on. What it prints at the end is a
 * {@link CrashReport}.
 */

export interface CrashReport {
  readonly runId: string;
  /** Journal entries that this process wrote. */
  readonly entries: number;
  /** Outcome by endpoint. */
  readonly outcomes: Readonly<Record<string, string>>;
  readonly auditIntact: boolean;
  /** Who was asked and told of what, sorted. */
  readonly notices: readonly string[];
}

const [dataDir = '', dieAfter = '0', deathsFile = ''] = process.argv.slice(2);
const deaths = new Set(existsSync(deathsFile) ? readFileSync(deathsFile, 'utf8').split('\n') : []);
let entries = 0;

function isTheEnd({ endpointId, event }: StoredEvent): boolean {
  if (dieAfter !== 'each') return entries === Number(dieAfter);
  const step = event.kind === 'step-finished' ? event.result.step : 'step' in event ? event.step : '';
  const key = `${endpointId} ${event.kind} ${step}`;
  if (deaths.has(key)) return false;
  appendFileSync(deathsFile, `${key}\n`);
  return true;
}

const engine = await openEngine({
  ...QUICK,
  dataDir,
  lease: 'hold',
  afterJournal: (stored) => {
    entries += 1;
    if (isTheEnd(stored)) process.kill(process.pid, 'SIGKILL');
  },
});
const engineer = new Caller(engine);
const { name, passphrase } = PERSONS.engineer;
// Signing in opens the vault, and the engine goes on by itself with what another one left behind.
await engineer.call('session.signIn', { person: name, passphrase });
const runId = (await engineer.call('runs.list', {}))[0]?.id ?? (await startApproved());
const view = await engineer.call('runs.wait', { id: runId });
const { intact } = await engineer.call('audit.verify', {});
const notices = await engineer.call('notices.list', { limit: 5_000 });
const report: CrashReport = {
  runId,
  entries,
  outcomes: Object.fromEntries(view.tasks.map((task) => [task.endpointName, task.status])),
  auditIntact: intact,
  notices: notices.map((item) => `${item.letter} ${String(item.person)} ${item.text}`).toSorted(),
};
await engine.close();
process.stdout.write(`${JSON.stringify(report)}\n`);

async function startApproved(): Promise<string> {
  const granted = (await engineer.call('approvals.list', {})).find((item) => item.status === 'granted');
  if (granted === undefined) throw new Error('there is no approved plan to start');
  return (await engineer.call('runs.start', { approvalId: granted.id })).id;
}
