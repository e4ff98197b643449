import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build as bundle, type BuildOptions } from 'esbuild';
import { build as buildRenderer } from 'vite';
import { buildPage } from './build-page.ts';
import { outDir, projectRoot } from './paths.ts';
import { say } from './say.ts';

export interface BuildChoice {
  /** For a package: no way to start another program, no source maps. */
  readonly packaged?: boolean;
  /** Build even when the sources have not changed. */
  readonly force?: boolean;
  /** Folder for the bundles; the default is where the shell looks for them. */
  readonly into?: string;
  /** Another entry for the engine process: a stand-in of the tests. */
  readonly engineEntry?: string;
}

/** Native modules stay outside the bundles; ssh2 looks for its two in a `try` and does without them. */
const NATIVE = ['better-sqlite3', 'cpu-features', '*.node'];

function bundles(into: string, packaged: boolean, engineEntry: string): BuildOptions[] {
  const common: BuildOptions = {
    absWorkingDir: projectRoot,
    bundle: true,
    platform: 'node',
    sourcemap: packaged ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
    define: { SALLYPORT_PACKAGED: String(packaged) },
    // Folds the constant above, so that what it rules out is not in the bundle at all.
    minifySyntax: true,
  };
  return [
    {
      ...common,
      entryPoints: ['main/desktop/index.ts'],
      outfile: join(into, 'desktop', 'index.cjs'),
      format: 'cjs',
      target: 'node18',
      external: ['electron'],
    },
    {
      ...common,
      entryPoints: ['preload/index.ts'],
      outfile: join(into, 'preload', 'index.cjs'),
      format: 'cjs',
      target: 'chrome114',
      external: ['electron'],
    },
    {
      ...common,
      entryPoints: [engineEntry],
      outfile: join(into, 'engine', 'index.cjs'),
      format: 'cjs',
      target: 'node22',
      external: NATIVE,
      // CommonJS has another word for the folder of a file.
      define: { ...common.define, 'import.meta.dirname': '__dirname' },
    },
    {
      ...common,
      entryPoints: ['main/review/pack-thread-body.ts'],
      outfile: join(into, 'engine', 'pack-thread-body.cjs'),
      format: 'cjs',
      target: 'node22',
      define: { ...common.define, 'import.meta.dirname': '__dirname' },
    },
    {
      ...common,
      entryPoints: ['main/cli/sallyport.ts'],
      outfile: join(into, 'cli', 'sallyport.mjs'),
      format: 'esm',
      target: 'node22',
      external: NATIVE,
      // CommonJS packages inside an ES module still ask for Node's modules by `require`.
      banner: {
        js: '#!/usr/bin/env node\nimport { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);',
      },
    },
  ];
}

/** Builds everything that runs, when something has changed. Says nothing when there is nothing to do. */
export async function build(choice: BuildChoice = {}): Promise<void> {
  const { packaged = false, force = false, into = outDir, engineEntry = 'main/engine/index.ts' } = choice;
  const stamp = join(into, '.built');
  if (!force && !packaged && isNewer(stamp)) return;
  const began = performance.now();
  await Promise.all([
    ...bundles(into, packaged, engineEntry).map((options) => bundle(options)),
    buildForProduction(into, packaged),
    buildPage(join(into, 'page', 'review.html')),
  ]);
  // Last, so that a build that failed half-way is not taken for one that is done.
  writeFileSync(stamp, '');
  say(`built the application in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

/** Vite takes the mode of React from NODE_ENV where that is set, and a test runner sets it to something else. */
async function buildForProduction(into: string, packaged: boolean): Promise<void> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await buildRenderer({
      configFile: join(projectRoot, 'vite.config.ts'),
      logLevel: 'warn',
      build: { outDir: join(into, 'renderer'), sourcemap: !packaged },
    });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

/** True when the file is newer than every source it is built from. */
function isNewer(file: string): boolean {
  if (!existsSync(file)) return false;
  const built = statSync(file).mtimeMs;
  const sources = [
    'contract',
    'main',
    'preload',
    'renderer',
    'resources',
    'vite.config.ts',
    'package-lock.json',
  ];
  return sources.every((source) => newestIn(join(projectRoot, source)) < built);
}

function newestIn(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { withFileTypes: true }).reduce(
    (newest, entry) => Math.max(newest, newestIn(join(path, entry.name))),
    stat.mtimeMs,
  );
}
