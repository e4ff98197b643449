import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { outDir } from '../setup/paths.ts';

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program of ours that a test starts many times: bundled once, because reading the sources takes a second each time. */
export interface BundledProcess {
  run(...args: readonly string[]): Promise<ProcessEnd>;
  /** What is run, for whoever starts it otherwise, with what its environment has besides. */
  command(...args: readonly string[]): readonly string[];
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

export async function bundleProcess(entry: string): Promise<BundledProcess> {
  mkdirSync(outDir, { recursive: true });
  // Below the project, so that the native module is found.
  const folder = mkdtempSync(join(outDir, 'test-process-'));
  const file = join(folder, 'process.mjs');
  await build({
    entryPoints: [entry],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // Half of the time that a process takes to start goes into reading its text.
    minify: true,
    logLevel: 'warning',
    external: ['better-sqlite3', 'cpu-features', '*.node'],
    // CommonJS packages inside an ES module still ask for Node's modules by `require`, and for their folder.
    banner: {
      js: [
        'import { createRequire as makeRequire } from "node:module";',
        'const require = makeRequire(import.meta.url);',
        'const __dirname = import.meta.dirname;',
      ].join(' '),
    },
  });
  const command = (...args: readonly string[]): readonly string[] => [process.execPath, file, ...args];
  const ownEnv = { NODE_COMPILE_CACHE: join(folder, 'cache') };
  return {
    command,
    env: ownEnv,
    run: (...args) =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [file, ...args], {
          stdio: ['ignore', 'pipe', 'pipe'],
          env: { ...process.env, ...ownEnv },
        });
        let stdout = '';
        let stderr = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
        child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
        child.once('error', reject);
        child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
