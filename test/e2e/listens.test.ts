import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { build } from '../setup/build.ts';
import { ensureElectron } from '../setup/electron-runtime.ts';
import { projectRoot } from '../setup/paths.ts';
import { electronSwitches } from '../setup/start-window.ts';

/** A network namespace of its own needs root; without it nobody could tell our sockets from everybody else's. */
const alone = process.platform === 'linux' && process.getuid?.() === 0 && canUnshare();
const suite = alone ? describe : describe.skip;

function canUnshare(): boolean {
  return spawnSync('unshare', ['-n', 'true']).status === 0 && spawnSync('ss', ['-V']).status === 0;
}

suite(
  alone
    ? 'the window, started as a person starts it,'
    : 'the window, started as a person starts it, [skipped: needs root, unshare(1) and ss(8) for a network of its own]',
  () => {
    let child: ChildProcess | undefined;
    let scratch = '';

    afterEach(async () => {
      if (child !== undefined && child.exitCode === null) {
        const gone = new Promise((resolve) => child?.once('exit', resolve));
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
        await gone;
      }
      // Its children go after it, and write while they go.
      rmSync(scratch, { recursive: true, force: true, maxRetries: 40, retryDelay: 250 });
    });

    test('listens on no port and tries to reach nobody', async () => {
      await build();
      const runtime = await ensureElectron();
      scratch = mkdtempSync(join(tmpdir(), 'sallyport-listens-'));
      const dataDir = join(scratch, 'site');
      const started = spawn(
        'unshare',
        [
          ...['-n', '--', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', runtime.executable],
          ...[...electronSwitches(true), `--user-data-dir=${join(scratch, 'preferences')}`, projectRoot],
        ],
        { env: { ...process.env, SALLYPORT_DATA: dataDir }, stdio: 'ignore', detached: true },
      );
      child = started;
      // The engine has opened the site: the whole application is up.
      await until(() => existsSync(join(dataDir, 'site.db')), 60_000);
      const seen = new Set<string>();
      for (let look = 0; look < 20; look += 1) {
        const sockets = spawnSync('nsenter', ['-t', String(started.pid), '-n', '--', 'ss', '-H', '-lntup'], {
          encoding: 'utf8',
        });
        expect(sockets.status).toBe(0);
        for (const line of sockets.stdout.split('\n')) if (line.trim() !== '') seen.add(line.trim());
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      expect(started.exitCode).toBeNull();
      expect([...seen]).toEqual([]);
      expect(countAttempts(started.pid ?? 0)).toBe(0);
    });
  },
);

/** Attempts to send that the kernel refused for want of a route (IpOutNoRoutes): this network has none. */
function countAttempts(pid: number): number {
  const [names, values] = readFileSync(`/proc/${String(pid)}/net/snmp`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Ip: '))
    .map((line) => line.split(' '));
  return Number(values?.[names?.indexOf('OutNoRoutes') ?? -1]);
}

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
