import { spawn } from 'node:child_process';
import { access, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ENGINE_VERSION, openEngine, type EngineOptions } from '../../main/app/compose.ts';
import { COMMANDS } from '../../main/cli/commands.ts';
import { runSallyport } from '../../main/cli/main.ts';
import type { World } from '../../main/cli/world.ts';
import { QUICK } from '../lab/embedded/persons.ts';

/** One call of the command line: what it is given ... */
export interface Given {
  readonly words: readonly string[];
  /** Working folder. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** ... and how it ended. */
export interface Ended {
  readonly words: readonly string[];
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Run = (given: Given) => Promise<Ended>;

const PROGRAM = resolve(import.meta.dirname, '..', '..', 'main', 'cli', 'sallyport.ts');
/** A command that does not end in this time is stuck. */
const STUCK_AFTER_MS = 90_000;

/** As a person at a shell runs it. */
export const spawnProcess: Run = ({ words, folder, env, stdin }) => {
  const child = spawn(process.execPath, [PROGRAM, ...words], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: join(folder, 'home'),
      TZ: 'UTC',
      SALLYPORT_DEBUG: '1',
      ...env,
    },
    timeout: STUCK_AFTER_MS,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that never reads its stdin is free to end before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin);
  return new Promise((done, fail) => {
    child.on('error', fail);
    // No code: a signal ended it. No exit code of ours is negative.
    child.on('close', (code) => done({ words, exit: code ?? -1, stdout, stderr }));
  });
};

/** The same command line and the same engine inside this process; only the passphrase hash is cheap and waits are short. */
function inProcess(engineOptions: Omit<EngineOptions, 'dataDir'>): Run {
  return async ({ words, folder, env, stdin }) => {
    let stdout = '';
    let stderr = '';
    const world: World = {
      env: { SALLYPORT_DEBUG: '1', ...env },
      platform: process.platform,
      home: join(folder, 'home'),
      folder,
      terminal: { canAsk: false, canRewrite: false, columns: 80 },
      writeOut: async (text) => void (stdout += text),
      writeErr: (text) => void (stderr += text),
      readFile: async (path) => (path === '-' ? Buffer.from(stdin) : await readFile(resolve(folder, path))),
      exists: (path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      isReadableByOthers: async () => false,
      ask: () => Promise.reject(new Error('nobody is there to ask')),
      askSecret: () => Promise.reject(new Error('nobody is there to ask')),
      onInterrupt: () => () => undefined,
      now: () => new Date().toISOString(),
      openEngine: (dataDir) => openEngine({ ...engineOptions, dataDir }),
      keyCost: { N: 1024, r: 8, p: 1 },
    };
    const exit = await runSallyport(words, COMMANDS, ENGINE_VERSION, world);
    return { words, exit, stdout, stderr };
  };
}

export const callInProcess = inProcess(QUICK);
