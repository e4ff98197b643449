import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDebControl } from '../../../../../main/bundle/deb-archive.ts';
import { buildAgentPackage } from '../../../../../main/patching/agent/build-package.ts';
import { inventoryCommand } from '../../../../../main/patching/apt/commands.ts';

const VERSION = '1.2.3';
const hasDpkg =
  process.platform === 'linux' && spawnSync('dpkg-deb', ['--version'], { stdio: 'ignore' }).status === 0;
const because = hasDpkg ? '' : ' [skipped: no dpkg on this machine]';

let dir: string;
let file: string;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sallyport-agent-'));
  const { fileName, bytes } = await buildAgentPackage(VERSION);
  file = join(dir, fileName);
  writeFileSync(file, bytes);
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function run(program: string, args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input });
  return { status, stdout, stderr };
}

describe('the package of the agent', () => {
  it('is the same bytes every time, and other bytes for another version', async () => {
    const again = await buildAgentPackage(VERSION);
    expect(Buffer.from(again.bytes).equals(readFileSync(file))).toBe(true);
    const other = await buildAgentPackage('1.2.4');
    expect(other.fileName).toBe('sallyport-agent_1.2.4_all.deb');
    expect(Buffer.from(other.bytes).equals(readFileSync(file))).toBe(false);
  });

  it('is read by the reader of Collect, and has no script that an installation runs', async () => {
    expect(await readDebControl(file)).toEqual({
      name: 'sallyport-agent',
      version: VERSION,
      architecture: 'all',
      parts: ['conffiles', 'control', 'md5sums'],
    });
  });

  it.each(['1:2.0', '', "1'; id #", '1_2', 'one'])('is not made of version %j', async (version) => {
    await expect(buildAgentPackage(version)).rejects.toThrow(RangeError);
  });
});

describe.skipIf(!hasDpkg)(`the package of the agent under dpkg${because}`, () => {
  it('is what dpkg-deb reads: all of root, of one moment, nothing that can be run but the program', () => {
    expect(run('dpkg-deb', ['-f', file, 'Package', 'Version', 'Architecture']).stdout).toBe(
      `Package: sallyport-agent\nVersion: ${VERSION}\nArchitecture: all\n`,
    );
    const lines = run('dpkg-deb', ['-c', file]).stdout.trimEnd().split('\n');
    expect(lines.every((line) => / root\/root .* 2026-01-01 /.test(line))).toBe(true);
    expect(lines.filter((line) => line.startsWith('-rwx')).map((line) => line.split(' ').at(-1))).toEqual([
      './usr/bin/sallyport-agent',
    ]);
  });

  it('installs, says what the pushed script says, and obeys the policy of the owner', () => {
    const root = join(dir, 'root');
    mkdirSync(root);
    // Without the rights to install, unpacking gives the same files.
    const asRoot = process.getuid?.() === 0;
    const installed = asRoot
      ? run('dpkg', [`--root=${root}`, '--force-unsafe-io', '--install', file])
      : run('dpkg-deb', ['-x', file, root]);
    expect([installed.status, installed.stderr]).toEqual([0, '']);
    if (asRoot) expect(run('dpkg', [`--root=${root}`, '--verify', 'sallyport-agent']).stdout).toBe('');
    const agent = join(root, 'usr/bin/sallyport-agent');
    const policy = join(root, 'etc/sallyport-agent/policy.conf');
    const script = readFileSync(join(root, 'usr/lib/sallyport-agent/inventory'), 'utf8');
    const { argv, stdin } = inventoryCommand();
    expect(script).toBe(stdin);

    expect(run(agent, ['version'])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
    expect(run(agent, ['status']).stdout).toBe(
      `version=${VERSION}\nremote-execution=yes\nself-update=no\npolicy=${policy}\n`,
    );
    const [shell = '', ...args] = argv;
    const pushed = run(shell, args, String(stdin));
    const told = run(agent, ['inventory']);
    expect(told.status).toBe(pushed.status);
    expect(withoutClock(told.stdout)).toBe(withoutClock(pushed.stdout));
    expect(told.stdout).toContain('\n#sallyport packages\n');

    const usual = readFileSync(policy, 'utf8');
    const locked = [
      'remote-execution=no\n',
      'remote-execution=maybe\n',
      '',
      'remote-execution=yes\nremote-execution=no\n',
    ];
    for (const text of locked) {
      writeFileSync(policy, text);
      expect(run(agent, ['inventory'])).toEqual({
        status: 77,
        stdout: '',
        stderr: `sallyport-agent: remote execution is locked: ${policy} does not say remote-execution=yes.\n`,
      });
    }
    rmSync(policy);
    expect(run(agent, ['inventory']).status).toBe(77);
    expect(run(agent, ['status']).stdout).toContain('remote-execution=no\nself-update=no\n');
    writeFileSync(policy, ' remote-execution = yes # agreed\nself-update=yes');
    expect(run(agent, ['status']).stdout).toContain('remote-execution=yes\nself-update=yes\n');
    writeFileSync(policy, usual);
    if (!asRoot) return;
    // The lock is the owner's: installing again leaves it as it is.
    appendFileSync(policy, 'remote-execution=no\n');
    expect(run('dpkg', [`--root=${root}`, '--force-unsafe-io', '--install', file]).status).toBe(0);
    expect(run(agent, ['inventory']).status).toBe(77);
    expect(run('dpkg', [`--root=${root}`, '--purge', 'sallyport-agent']).status).toBe(0);
    expect(existsSync(join(root, 'usr/bin/sallyport-agent'))).toBe(false);
  });

  it.each([[[]], [['update']], [['inventory', 'of', 'all']], [['version', '2']]])(
    'refuses %j as wrong use',
    (args) => {
      run('dpkg-deb', ['-x', file, join(dir, 'root')]);
      const { status, stdout } = run(join(dir, 'root/usr/bin/sallyport-agent'), args);
      expect([status, stdout]).toEqual([2, '']);
    },
  );
});

/** The time of day differs between two calls. */
const withoutClock = (text: string): string => text.replace(/(#sallyport clock\n)\d+\n/, '$1');
