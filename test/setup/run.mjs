#!/usr/bin/env node
// The first command after `git clone`: plain JavaScript without dependencies, understood by the Node 20 of Debian's
// users, because at this moment nothing else is installed. It makes sure that the packages of package-lock.json are there,
// then hands over to tasks.ts under the project's own Node (the npm package `node`, version in .node-version).
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const tasksFile = join(root, 'test', 'setup', 'tasks.ts');

/** Exit code of every "this machine lacks something that could not be installed" (EX_UNAVAILABLE of sysexits.h). */
const EXIT_UNAVAILABLE = 69;

function say(text) {
  process.stderr.write(`sallyport: ${text}\n`);
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * True when node_modules holds what package-lock.json says. npm writes what it installed to
 * node_modules/.package-lock.json; an optional package may be missing (it is for another platform).
 */
function arePackagesCurrent() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const installed = readJson(installedFile).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined
      ? entry.optional === true || entry.peer === true
      : found.version === entry.version;
  });
}

function installPackages() {
  say(
    "installing the project's packages from package-lock.json (npm ci; once, it takes a minute or several)",
  );
  const npm = process.env.npm_execpath;
  const [command, args] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []];
  // npm's own progress is noise in a log, its errors are not; stdout belongs to the task, so it all goes to stderr.
  const result = spawnSync(command, [...args, 'ci', '--loglevel=error', '--no-progress'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (result.status !== 0) {
    say('npm ci failed; its message is above. Run `npm ci` by hand in this folder, then this command again.');
    process.exit(EXIT_UNAVAILABLE);
  }
}

function findProjectNode() {
  const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(own)) return own;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  const wanted = readFileSync(join(root, '.node-version'), 'utf8').trim();
  say(
    `the npm package "node" (${wanted}) has no program for ${process.platform}-${process.arch}, or npm was told not to run`,
  );
  say(
    `its install script. Allow it (npm install-scripts approve node) or put Node ${wanted} on the PATH, then try again.`,
  );
  process.exit(EXIT_UNAVAILABLE);
}

if (!arePackagesCurrent()) installPackages();
const node = findProjectNode();
// `node` in every script and child below means the project's Node, wherever it is started from.
process.env.PATH = [join(root, 'node_modules', '.bin'), dirname(node), process.env.PATH].join(delimiter);

if (realpathSync(node) === realpathSync(process.execPath)) {
  process.argv.splice(1, 1, tasksFile);
  await import('./tasks.ts');
} else {
  const child = spawn(node, [tasksFile, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal !== null) process.removeAllListeners(signal);
    if (signal !== null) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}
