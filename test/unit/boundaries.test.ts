import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

/**
 * The tools that guard the boundaries, run for real over a small tree with our configuration, harmless files that use
 * what each folder may use, and one planted violation per rule. Each must be found, by exactly the rules named here.
 */
const checkout = join(import.meta.dirname, '..', '..');
const CONFIG = [
  '.dependency-cruiser.mjs',
  'eslint.config.js',
  'package.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'contract/tsconfig.json',
  'main/tsconfig.json',
  'main/core/tsconfig.json',
  'preload/tsconfig.json',
  'renderer/tsconfig.json',
  'test/tsconfig.json',
];

/** What is allowed: the targets that the violations aim at, and imports that no rule may object to. */
const HARMLESS: Readonly<Record<string, string>> = {
  'contract/vocabulary.ts': `import { z } from 'zod';\nexport const Id = z.string();\n`,
  'contract/channels.ts': `import { Id } from './vocabulary.ts';\nexport const CHANNELS = { 'a.b': Id };\nexport type Name = string;\n`,
  'main/core/pure.ts': `import { Id } from '../../contract/vocabulary.ts';\nexport const pure = Id;\n`,
  'main/core/review/rule.ts': `export const rule = 1;\n`,
  'renderer/page/page.ts': `import { rule } from '../../main/core/review/rule.ts';\nexport const page = rule;\n`,
  'main/remote/remote-shell.ts': `export interface RemoteShell { readonly run: () => void }\n`,
  'main/remote/ssh/shell.ts': `import { pure } from '../../core/pure.ts';\nexport const run = (ssh: { execCommand(text: string): void }) => { ssh.execCommand(pure.parse('id')); };\n`,
  'main/hypervisor/btrfs/adapter.ts': `import type { RemoteShell } from '../../remote/remote-shell.ts';\nexport const adapter = (shell: RemoteShell) => { shell.run(); };\n`,
  'main/catalogue/database.ts': `import { readFileSync } from 'node:fs';\nexport const open = () => readFileSync('x');\nexport type Db = string;\n`,
  'main/runs/journal.ts': `import type { Db } from '../catalogue/database.ts';\nexport const journal = (db: Db) => db;\n`,
  'main/app/dispatch.ts': `import type { Db } from '../catalogue/database.ts';\nexport const dispatch = (db: Db) => db;\n`,
  'main/app/compose.ts': `import { adapter } from '../hypervisor/btrfs/adapter.ts';\nexport const compose = adapter;\n`,
  'main/app/handlers.ts': `export const handlers = 1;\n`,
  'main/engine/index.ts': `import { compose } from '../app/compose.ts';\nexport const engine = compose;\n`,
  'main/engine/messages.ts': `export const VERSION = 1;\n`,
  'main/desktop/index.ts': `import { app } from 'electron';\nimport { VERSION } from '../engine/messages.ts';\nexport const shell = [app, VERSION];\n`,
  'main/desktop/ipc.ts': `import { ipcMain } from 'electron';\nexport const ipc = ipcMain;\n`,
  'main/cli/sallyport.ts': `import { compose } from '../app/compose.ts';\nexport const cli = compose;\n`,
  'preload/bridge.ts': `import type { Name } from '../contract/channels.ts';\nexport type Bridge = Name;\n`,
  'renderer/main.tsx': `import type { Bridge } from '../preload/bridge.ts';\nexport const bridge = (b: Bridge) => b + document.title;\n`,
  'renderer/screens/runs/runs.tsx': `export const Runs = 1;\n`,
  'test/support/builder.ts': `import { spawn } from 'node:child_process';\nexport const anEndpoint = spawn;\n`,
};

type Planted = readonly [file: string, code: string, rules: readonly string[]];

const IMPORTS: readonly Planted[] = [
  ['contract/p1.ts', `import '../main/core/pure.ts';`, ['contract-imports']],
  ['contract/p2.ts', `import 'node:fs';`, ['contract-imports']],
  ['main/core/p1.ts', `import 'node:crypto';`, ['core-imports']],
  ['main/core/p2.ts', `import '../../contract/channels.ts';`, ['core-imports']],
  [
    'main/core/p3.ts',
    `import type { RemoteShell } from '../remote/remote-shell.ts';\nexport type X = RemoteShell;`,
    ['core-imports'],
  ],
  ['main/core/p4.ts', `import 'electron';`, ['core-imports', 'electron-only-in-shell']],
  ...['catalogue', 'remote', 'patching', 'bundle', 'audit', 'secrets', 'collect', 'review'].map(
    (folder): Planted => [
      `main/${folder}/p1.ts`,
      `import '../hypervisor/btrfs/adapter.ts';`,
      [`${folder}-imports`],
    ],
  ),
  ['main/hypervisor/p1.ts', `import '../remote/ssh/shell.ts';`, ['hypervisor-imports']],
  ['main/runs/p1.ts', `import '../hypervisor/btrfs/adapter.ts';`, ['runs-imports']],
  ['main/runs/p2.ts', `import { open } from '../catalogue/database.ts';\nopen();`, ['database-handle']],
  ['main/app/p1.ts', `import { run } from '../remote/ssh/shell.ts';\nexport const x = run;`, ['app-imports']],
  ['main/engine/p1.ts', `import '../app/handlers.ts';`, ['engine-imports']],
  ['main/desktop/p1.ts', `import '../core/pure.ts';`, ['desktop-imports']],
  ['main/desktop/p2.ts', `import '../app/compose.ts';`, ['desktop-imports']],
  ['main/cli/p1.ts', `import '../catalogue/database.ts';`, ['cli-imports']],
  ['main/cli/p2.ts', `import 'electron';`, ['electron-only-in-shell']],
  ['preload/p1.ts', `import 'node:fs';`, ['preload-imports']],
  [
    'preload/p2.ts',
    `import { CHANNELS } from '../contract/channels.ts';\nexport const x = CHANNELS;`,
    ['preload-contract-types-only'],
  ],
  ['renderer/p1.ts', `import '../main/core/pure.ts';`, ['renderer-imports']],
  ['renderer/page/p1.ts', `import '../../main/core/pure.ts';`, ['renderer-page-imports']],
  ['renderer/page/p2.ts', `import '../../main/remote/ssh/shell.ts';`, ['renderer-page-imports']],
  ['renderer/p4.ts', `import './page/page.ts';`, ['window-not-to-page']],
  ['renderer/p2.ts', `import 'node:path';`, ['renderer-no-node']],
  ['renderer/p3.ts', `import 'electron';`, ['electron-only-in-shell']],
  ['renderer/screens/approvals/p1.tsx', `import '../runs/runs.tsx';`, ['screens-apart']],
  ['main/core/p5.ts', `import '../../test/support/builder.ts';`, ['core-imports', 'not-to-test']],
  ['main/app/p2.ts', `import '../cli/sallyport.ts';`, ['app-imports', 'not-to-shells']],
  ['main/runs/p3.ts', `import './p4.ts';\nexport const a = 1;`, ['no-circular']],
  ['main/runs/p4.ts', `import './p3.ts';\nexport const b = 1;`, []],
  ['main/remote/p2.ts', `import './nowhere.ts';`, ['not-resolvable']],
];

const LINT: readonly Planted[] = [
  ['main/core/l1.ts', `export const x = () => Date.now();`, ['no-restricted-properties']],
  ['main/core/l2.ts', `export const x = () => new Date();`, ['no-restricted-syntax']],
  ['main/core/l3.ts', `export const x = () => Math.random();`, ['no-restricted-properties']],
  // As this folder has no types of the world either, the name means nothing to the compiler.
  ['main/core/l4.ts', `export const x = () => void performance;`, ['no-restricted-globals']],
  [
    'main/core/l5.ts',
    `export async function x(y: Promise<void>) {\n  await y;\n}`,
    ['no-restricted-syntax', 'no-restricted-syntax'],
  ],
  [
    'main/app/l1.ts',
    `import { exec } from 'node:child_process';\nexport const x = exec;`,
    ['no-restricted-imports'],
  ],
  [
    'main/desktop/l1.ts',
    `import { spawn } from 'child_process';\nexport const x = spawn;`,
    ['no-restricted-imports'],
  ],
  [
    'main/desktop/l2.ts',
    `import { ipcMain } from 'electron';\nexport const x = ipcMain;`,
    ['no-restricted-imports'],
  ],
  [
    'main/desktop/l3.ts',
    `import * as electron from 'electron';\nexport const x = () => electron.ipcMain;`,
    ['no-restricted-imports', 'no-restricted-syntax'],
  ],
  [
    'main/app/l2.ts',
    `export const x = (ssh: { execCommand(text: string): void }) => {\n  ssh.execCommand('a');\n};`,
    ['no-restricted-syntax'],
  ],
  [
    'main/app/l3.ts',
    `export const x = (y: Promise<void>) => {\n  y;\n};`,
    ['@typescript-eslint/no-floating-promises', '@typescript-eslint/no-unused-expressions'],
  ],
  [
    'main/app/l4.ts',
    `export const x = (y: Promise<boolean>) => (y ? 1 : 2);`,
    ['@typescript-eslint/no-misused-promises'],
  ],
  [
    'main/app/l5.ts',
    `export function x(y: 'a' | 'b') {\n  switch (y) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}`,
    ['@typescript-eslint/switch-exhaustiveness-check'],
  ],
  [
    'main/app/l6.ts',
    `export const x = () => {\n  throw 'text';\n};`,
    ['@typescript-eslint/only-throw-error'],
  ],
  [
    'main/app/l7.ts',
    `import { Db } from '../catalogue/database.ts';\nexport type X = Db;`,
    ['@typescript-eslint/consistent-type-imports'],
  ],
  [
    'main/app/l8.ts',
    `export const x = 1;\n`.repeat(1) + '// line\n'.repeat(501),
    ['max-lines', 'size/max-lines'],
  ],
  ['main/app/l9.ts', `export const x = () => console.log('a');`, ['no-console']],
];

/** Code of the compiler: 2304 = no such name, 2580/2591 = a name that Node's types would bring, 2584 = one of the DOM's. */
const TYPES: readonly Planted[] = [
  ['contract/t1.ts', `export const x = () => process.pid;`, ['TS2591']],
  ['main/core/t1.ts', `export const x = () => document.title;`, ['TS2584']],
  ['main/core/t2.ts', `export const x = () => process.pid;`, ['TS2591']],
  ['main/app/t1.ts', `export const x = () => document.title;`, ['TS2584']],
  ['renderer/t1.ts', `export const x = () => process.pid;`, ['TS2591']],
];

let tree: string;

function write(files: Iterable<readonly [string, string]>): void {
  for (const [file, code] of files) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), code);
  }
}

/** Runs a tool of node_modules in the tree; resolves to what it printed, whatever its exit code. */
function run(tool: string, args: readonly string[]): Promise<string> {
  const program = join(checkout, 'node_modules', '.bin', tool);
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout === '') reject(new Error(`${tool} printed nothing: ${stderr} ${error?.message ?? ''}`));
      else resolve(stdout);
    });
  });
}

function group(found: readonly (readonly [string, string])[]): Record<string, string[]> {
  const byFile: Record<string, string[]> = {};
  for (const [file, rule] of found) (byFile[file] ??= []).push(rule);
  for (const rules of Object.values(byFile)) rules.sort();
  return byFile;
}

function expected(planted: readonly Planted[]): Record<string, readonly string[]> {
  return Object.fromEntries(
    planted.flatMap(([file, , rules]) => (rules.length === 0 ? [] : [[file, [...rules].sort()] as const])),
  );
}

let plantedNow: readonly Planted[] = [];

function plant(planted: readonly Planted[]): void {
  plantedNow = planted;
  write(planted.map(([file, code]) => [file, `${code}\n`]));
}

afterEach(() => {
  for (const [file] of plantedNow) rmSync(join(tree, file), { force: true });
});

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'sallyport-boundaries-'));
  for (const file of CONFIG) {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    copyFileSync(join(checkout, file), join(tree, file));
  }
  symlinkSync(join(checkout, 'node_modules'), join(tree, 'node_modules'), 'junction');
  write(Object.entries(HARMLESS));
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

describe('a planted violation of a boundary is found', () => {
  test('imports: each row of the table, by dependency-cruiser', { timeout: 300_000 }, async () => {
    plant(IMPORTS);
    const folders = ['contract', 'main', 'preload', 'renderer', 'test'];
    const printed = await run('depcruise', [
      '--config',
      '.dependency-cruiser.mjs',
      '--output-type',
      'json',
      ...folders,
    ]);
    const { summary } = JSON.parse(printed) as {
      summary: { violations: { from: string; rule: { name: string } }[] };
    };
    expect(group(summary.violations.map(({ from, rule }) => [from, rule.name]))).toEqual(expected(IMPORTS));
  });

  test('calls and promises: by eslint', { timeout: 300_000 }, async () => {
    plant(LINT);
    const printed = await run('eslint', ['--format', 'json', '.']);
    const results = JSON.parse(printed) as { filePath: string; messages: { ruleId: string }[] }[];
    const found = results.flatMap(({ filePath, messages }) =>
      messages.map(({ ruleId }) => [relative(tree, filePath).replaceAll('\\', '/'), ruleId] as const),
    );
    expect(group(found)).toEqual(expected(LINT));
  });

  test(
    'environments: a name that the folder does not have, by the compiler',
    { timeout: 300_000 },
    async () => {
      plant(TYPES);
      const printed = await run('tsc', ['-b', '--pretty', 'false']);
      const found = [...printed.matchAll(/^(.+?)\(\d+,\d+\): error (TS\d+)/gm)].map(
        ([, file = '', code = '']) => [file, code] as const,
      );
      expect(group(found)).toEqual(expected(TYPES));
    },
  );
});
