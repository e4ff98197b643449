import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { say, SetupError } from './say.ts';

/** Absolute path of a program on the PATH (and in the sbin folders, which a user's PATH may lack), or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Of the named Debian packages, those that dpkg does not report as installed. */
export function missingPackages(names: readonly string[]): string[] {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  });
  if (query.error) return [...names];
  const installed = new Set(
    query.stdout.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])),
  );
  return names.filter((name) => !installed.has(name));
}

/** The command a person runs to get these packages. */
export function installCommand(names: readonly string[]): string {
  return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names.join(' ')}`;
}

/** What the tests of the page for browsers need: a browser of each engine, and a reader of QR codes. */
export const BROWSER_PACKAGES: readonly string[] = [
  'chromium',
  'firefox-esr',
  'webkit2gtk-driver',
  'zbar-tools',
];

/**
 * Installs Debian packages that are missing, as root; without root, or without apt, stops with the command to run.
 * Quick and quiet when nothing is missing.
 *
 * @param why what they are for, completing the sentence "installing … for <why>"
 */
export function ensureDebianPackages(why: string, names: readonly string[]): void {
  const missing = missingPackages(names);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || findProgram('apt-get') === undefined) {
    throw new SetupError(
      `${why} needs packages that are not installed: ${missing.join(' ')}\n  run: ${installCommand(missing)}`,
    );
  }
  say(`installing Debian packages for ${why}: ${missing.join(' ')}`);
  if (!aptGet('install', missing)) {
    // Package lists may be older than the mirror; refresh them once and try again.
    const updated = aptGet('update', []);
    if (!updated || !aptGet('install', missing)) {
      throw new SetupError(
        `apt-get could not install: ${missing.join(' ')}\n  run: ${installCommand(missing)}`,
      );
    }
  }
}

function aptGet(verb: 'update' | 'install', names: readonly string[]): boolean {
  const options = verb === 'install' ? ['-y', '--no-install-recommends'] : [];
  // Tests run beside one another, and apt-get by itself gives up at once when another holds its lock.
  const settings = ['-q', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=600'];
  const result = spawnSync('apt-get', [...settings, verb, ...options, ...names], {
    // Not shown while it works: hundreds of lines. A failure prints what apt said.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  if (result.status !== 0) process.stderr.write(result.stderr);
  return result.status === 0;
}
