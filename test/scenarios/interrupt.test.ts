import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunView } from '../../contract/runs.ts';
import { PERSONS } from '../lab/embedded/persons.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';

const PROGRAM = resolve(import.meta.dirname, '..', '..', 'main', 'cli', 'sallyport.ts');
const PATIENCE_MS = 200_000;

let site: SimulatedSite;
beforeAll(async () => {
  // Slow enough for a person to press a key in the middle of an installation.
  site = await SimulatedSite.prepare({ endpoints: 1, speed: { packageMs: 400, shutdownMs: 20, bootMs: 50 } });
}, PATIENCE_MS);
afterAll(() => site.close());

interface Ended {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a process, and sends it a signal as soon as its stderr matches. */
function sallyport(dataDir: string, words: readonly string[], interruptAt?: RegExp): Promise<Ended> {
  const child = spawn(process.execPath, [PROGRAM, ...words, '--json', '--data', dataDir], {
    env: {
      PATH: process.env['PATH'],
      SALLYPORT_PERSON: PERSONS.engineer.name,
      SALLYPORT_PASSPHRASE: PERSONS.engineer.passphrase,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let interrupted = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    if (interrupted || interruptAt?.test(stderr) !== true) return;
    interrupted = true;
    child.kill('SIGINT');
  });
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (exit) => done({ exit, stdout, stderr }));
  });
}

it(
  'Ctrl+C in the middle of an installation leaves the run to `run resume`, which installs nothing twice',
  { timeout: PATIENCE_MS },
  async () => {
    const open = await site.open();
    const { planId } = await open.engineer.finish(await open.engineer.call('plans.make', {}));
    const asked = await open.engineer.call('approvals.request', { planId: planId as string });
    await open.approver.call('approvals.grant', { id: asked.id, planDigest: asked.planDigest });
    await open.engine.close();

    const stopped = await sallyport(
      open.dataDir,
      ['run', 'start', asked.id],
      /web-1: (Unpacking|Setting up)/,
    );
    expect(stopped.exit).toBe(130);
    expect(stopped.stderr).toContain('sallyport run resume');
    const left = JSON.parse(stopped.stdout) as RunView;
    expect(left.run.status).toBe('running');

    const resumed = await sallyport(open.dataDir, ['run', 'resume']);
    expect(resumed.exit).toBe(0);
    const answer = JSON.parse(resumed.stdout) as { resumed: string[]; runs: RunView[] };
    expect(answer.resumed).toEqual([left.run.id]);
    expect(answer.runs[0]?.run.outcomes).toEqual({ succeeded: 1 });
    expect(site.lab.endpoint('web-1').machine.installs.length).toBe(1);
    expect(site.lab.unexpected()).toEqual([]);
  },
);
