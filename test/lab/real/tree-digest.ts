import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';

/**
 * Paths that a machine changes by being booted, logged in to and looked at, without anyone patching it. They are compared too, and
 * told apart from the rest, so that a reader sees what was set aside.
 */
export const VOLATILE_PATHS: readonly { readonly path: string; readonly why: string }[] = [
  { path: '/dev', why: 'made at each boot' },
  { path: '/proc', why: 'made at each boot' },
  { path: '/run', why: 'made at each boot' },
  { path: '/sys', why: 'made at each boot' },
  { path: '/tmp', why: 'emptied at each boot' },
  { path: '/var/tmp', why: 'scratch space' },
  { path: '/var/log', why: 'logs, logins' },
  { path: '/var/lib/sudo', why: 'who has seen the lecture of sudo' },
  { path: '/home/ops/.bash_history', why: 'shell history' },
];

/** One line per path: type, mode (octal), owner, size, and content hash, link target or device number. */
export type Tree = ReadonlyMap<string, string>;

export type TreeDifference = { readonly path: string; readonly kind: 'added' | 'removed' | 'changed' };

/** `differences` outside the volatile paths; `volatile` inside them. Both sorted by path. */
export type TreeComparison = {
  readonly differences: readonly TreeDifference[];
  readonly volatile: readonly TreeDifference[];
};

/** Reads a whole tree. Times are left out: a restore gives back contents, and reading must not count as a change. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>();
  const visit = (path: string): void => {
    const real = `${root}${path}`;
    const stats = lstatSync(real);
    if (path !== '') tree.set(path, describeEntry(real, stats));
    if (!stats.isDirectory()) return;
    for (const name of readdirSync(real).sort()) visit(`${path}/${name}`);
  };
  visit('');
  return tree;
}

function describeEntry(path: string, stats: Stats): string {
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  const owner = `${stats.uid}:${stats.gid}`;
  if (stats.isDirectory()) return `directory ${mode} ${owner}`;
  if (stats.isSymbolicLink()) return `link ${owner} ${readlinkSync(path)}`;
  if (stats.isFile()) {
    const content = createHash('sha256').update(readFileSync(path)).digest('hex');
    return `file ${mode} ${owner} ${stats.size} ${content}`;
  }
  return `special ${stats.mode.toString(8)} ${owner} ${stats.rdev}`;
}

export function isVolatile(path: string): boolean {
  return VOLATILE_PATHS.some((one) => path === one.path || path.startsWith(`${one.path}/`));
}

/** sha256 over everything that is not volatile: equal digests mean equal trees. */
export function digestTree(tree: Tree): string {
  const hash = createHash('sha256');
  for (const [path, entry] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isVolatile(path)) hash.update(`${path}\0${entry}\n`);
  }
  return hash.digest('hex');
}

export function compareTrees(before: Tree, after: Tree): TreeComparison {
  const differences: TreeDifference[] = [];
  const volatile: TreeDifference[] = [];
  for (const path of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [old, fresh] = [before.get(path), after.get(path)];
    if (old === fresh) continue;
    const kind = old === undefined ? 'added' : fresh === undefined ? 'removed' : 'changed';
    (isVolatile(path) ? volatile : differences).push({ path, kind });
  }
  return { differences, volatile };
}
