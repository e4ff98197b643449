import { readFileSync } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Engine } from './engine.ts';
import { EXIT } from './exit-codes.ts';
import { askOn, askSecretOn } from './terminal.ts';
import type { World } from './world.ts';

/** Variables that hold a secret: read once, then taken out of the environment of whatever this process starts. */
const SECRET_VARIABLES = ['SALLYPORT_PASSPHRASE', 'SALLYPORT_NEW_PASSPHRASE', 'SALLYPORT_KEYS_PASSPHRASE'];

/** The real process, terminal and disk. */
export function makeNodeWorld(openEngine: (dataDir: string) => Promise<Engine>): World {
  const { stdin, stdout, stderr } = process;
  const env = { ...process.env };
  for (const name of SECRET_VARIABLES) delete process.env[name];

  // A reader that has gone (`| head`) is no failure of the command; nobody is left to be told about it.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }

  const writeErr = (text: string): void => void stderr.write(text);
  return {
    env,
    platform: process.platform,
    home: homedir(),
    folder: process.cwd(),
    terminal: {
      canAsk: stdin.isTTY && stderr.isTTY,
      canRewrite: stderr.isTTY && env['TERM'] !== 'dumb',
      columns: stderr.columns ?? 80,
    },
    writeOut: (text) =>
      new Promise((done) => {
        stdout.write(text, () => done());
      }),
    writeErr,
    readFile: (path) => (path === '-' ? Promise.resolve(readFileSync(0)) : readFile(resolve(path))),
    exists: (path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    isReadableByOthers: async (path) => {
      if (path === '-' || process.platform === 'win32') return false;
      const found = await stat(resolve(path));
      return found.isFile() && (found.mode & 0o044) !== 0;
    },
    ask: (question) => askOn(stdin, stderr, question),
    askSecret: (question) => askSecretOn(stdin, writeErr, question),
    onInterrupt: listenForInterrupts(writeErr),
    now: () => new Date().toISOString(),
    openEngine,
  };
}

/**
 * Without a listener a signal ends the process at once, which the journal survives. With one, the first signal is the
 * listener's and a second one ends the process.
 */
function listenForInterrupts(writeErr: (text: string) => void): World['onInterrupt'] {
  const listeners = new Set<() => void>();
  let interrupted = false;
  const take = (): void => {
    if (interrupted || listeners.size === 0) process.exit(EXIT.cancelled);
    interrupted = true;
    writeErr('\n');
    for (const listener of listeners) listener();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, take);
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}
