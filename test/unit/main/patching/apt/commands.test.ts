import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import * as commands from '../../../../../main/patching/apt/commands.ts';
import { RUN_LINES } from '../../../../../main/patching/apt/scripts/install.ts';
import { shellScript } from '../../../../../main/patching/apt/scripts/shell-script.ts';
import type { RemoteCommand } from '../../../../../main/remote/remote-shell.ts';
import type { RepositorySlice } from '../../../../../main/core/repository-slice.ts';

const slice: RepositorySlice = {
  name: 'debian-security',
  suite: 'bookworm-security',
  components: ['main'],
  arch: 'amd64',
  signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
  metadata: [{ path: 'dists/x/InRelease', file: '/nowhere', sha256: 'a'.repeat(64), size: 1 }],
  packages: [],
};
const files = commands.stagedFiles([slice], 'everything');
const wanted = [{ name: 'libssl3', arch: 'amd64', version: '3.0.22-1~deb12u2' }];
const planned = {
  name: 'libssl3',
  arch: 'amd64',
  from: null,
  to: '1-1',
  sha256: 'b'.repeat(64),
  requested: true,
};
const id = 'run-1';

const everything: readonly RemoteCommand[] = [
  commands.inventoryCommand(),
  commands.bootMarkerCommand(),
  commands.preflightCommand(),
  commands.healthCheckCommand({ name: 'x', argv: ['true'], timeoutMs: 1_000 }),
  commands.listMissingCommand(id, files),
  commands.adoptCommand(id, '/var/tmp/sallyport-run-1.abc', files),
  commands.resolveCommand({ stageId: id, repositories: [slice], files, wanted, pinned: true }),
  commands.sealCommand(id, ['Inst x'], ['x']),
  commands.startInstallCommand(id),
  commands.readInstallCommand(id),
  commands.witnessCommand(id, [planned]),
  commands.rebootCommand(),
  commands.cleanUpCommand(id),
];
const cases = everything.map((command) => [command.argv[3] ?? '', String(command.stdin)] as const);
const hasShell = spawnSync('sh', ['-c', 'true']).status === 0;

describe('the scripts', () => {
  it.runIf(hasShell).each([...cases, ['the detached install', RUN_LINES.join('\n')] as const])(
    '%s is a script that a shell can read',
    (_, script) => {
      expect(spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' })).toMatchObject({
        status: 0,
        stderr: '',
      });
    },
  );

  // Only parsed (`-n`), never run: a shell that finds no end of the group runs no line of it.
  it.runIf(hasShell).each(cases)('%s is no script at all when it is cut short', (_, script) => {
    expect(script.startsWith('{\n')).toBe(true);
    for (const part of [0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      const input = script.slice(0, Math.min(Math.floor(script.length * part), script.length - 3));
      expect(spawnSync('sh', ['-n'], { input }).status).not.toBe(0);
    }
  });

  it.runIf(hasShell)('hand their data to the body as it is, and nothing else on its standard input', () => {
    const data = ['$(reboot) `x` \\ "quoted" \'', ' leading', ''];
    const read = (script: string) =>
      execFileSync('sh', ['-s', '--', 'verb', 'arg'], { input: script, encoding: 'utf8' });
    expect(read(shellScript('echo "$1"; cat', [], data))).toBe(`arg\n${data.join('\n')}\n`);
    expect(read(shellScript('cat; echo "$#"'))).toBe('1\n');
  });

  it('refuse data that would end early', () => {
    expect(() => shellScript('cat', [], ['a\nb'])).toThrow();
    expect(() => shellScript('cat', [], ['SALLYPORT-DATA-END'])).toThrow();
  });

  it('run as root by sh from standard input, told apart by their first argument', () => {
    for (const command of everything) {
      expect(command.argv.slice(0, 3)).toEqual(['sh', '-s', '--']);
      expect(command.asRoot).toBe(true);
    }
    expect(new Set(cases.map(([verb]) => verb)).size).toBe(everything.length);
  });

  it('never let apt off its checks', () => {
    for (const [, script] of cases) {
      expect(script).not.toMatch(/--allow-|--force-yes|trusted=yes|Trusted: yes|AllowUnauthenticated "true"/);
    }
  });
});

describe('names', () => {
  it.each([
    ['../x', 'stage'],
    ['A', 'stage'],
    ['x'.repeat(65), 'stage'],
  ])('refuses the stage id %s', (stageId) => {
    expect(() => commands.readInstallCommand(stageId)).toThrowError(
      expect.objectContaining({ code: 'PATCHING_CONTENT_MISMATCH' }),
    );
  });

  it.each([
    { path: '/etc/passwd' },
    { path: 'a/../b' },
    { path: 'a//b' },
    { path: 'a b' },
    { path: 'a\nb' },
    { path: 'a/./b' },
    { sha256: 'A'.repeat(64) },
    { size: -1 },
  ])('refuses a file %j', (change) => {
    const bad = { ...slice, metadata: slice.metadata.map((file) => ({ ...file, ...change })) };
    expect(() => commands.stagedFiles([bad], 'metadata')).toThrowError(
      expect.objectContaining({ code: 'PATCHING_CONTENT_MISMATCH' }),
    );
  });

  it.each([
    { name: 'Bad' },
    { suite: 'a b' },
    { suite: '../x' },
    { components: [] },
    { components: ['main\nTrusted: yes'] },
    { signedBy: 'relative.gpg' },
    { signedBy: '/usr/../x.gpg' },
    { arch: 'amd64 [x]' },
  ])('refuses a repository %j', (change) => {
    expect(() => commands.stagedFiles([{ ...slice, ...change }], 'metadata')).toThrowError(
      expect.objectContaining({ code: 'PATCHING_CONTENT_MISMATCH' }),
    );
  });

  it('takes every character that Debian uses in names, versions and paths', () => {
    const path = 'pool/updates/main/g/g++/libstdc++6_1%3a12.2.0-14+deb12u1~bpo_amd64.deb';
    const good = { ...slice, packages: slice.metadata.map((file) => ({ ...file, path })) };
    expect(commands.stagedFiles([good], 'everything').at(-1)?.stagedPath).toBe(`debian-security/${path}`);
  });
});
