import { fork } from 'node:child_process';
import { join } from 'node:path';
import { engineEnvironment, type EngineProcess, type EngineStart } from './engine-process.ts';

/**
 * Starts the engine with the project's own Node, for an unpackaged shell on an Electron whose Node is too old to load
 * better-sqlite3. The build for a package leaves this file out.
 *
 * @param checkout folder that holds node_modules
 */
export function startForkedEngine(checkout: string, { file, dataDir }: EngineStart): EngineProcess {
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const child = fork(file, [], {
    execPath: join(checkout, 'node_modules', 'node', 'bin', program),
    execArgv: [],
    env: engineEnvironment(dataDir),
    // Keeps Uint8Array what it is.
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  // `error` comes instead of `exit` when the program could not be started, and may come beside it.
  const ended = new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
    child.on('error', () => resolve(null));
  });
  return {
    port: {
      send: (message) => child.connected && child.send(message, undefined, {}, () => undefined),
      onMessage: (listener) => void child.on('message', listener),
      onClose: (listener) => void child.on('disconnect', listener),
    },
    onExit: (listener) => void ended.then(listener),
    kill: () => void child.kill('SIGKILL'),
  };
}
