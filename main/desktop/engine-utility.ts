import { utilityProcess } from 'electron';
import { engineEnvironment, type EngineProcess, type EngineStart } from './engine-process.ts';

/** Starts the engine inside Electron's own Node: the only way in a packaged application. */
export function startUtilityEngine({ file, dataDir }: EngineStart): EngineProcess {
  const child = utilityProcess.fork(file, [], {
    env: engineEnvironment(dataDir),
    serviceName: 'Sallyport engine',
    stdio: 'inherit',
  });
  return {
    port: {
      send: (message) => child.postMessage(message),
      onMessage: (listener) => void child.on('message', listener),
      onClose: (listener) => void child.on('exit', listener),
    },
    onExit: (listener) => void child.on('exit', listener),
    kill: () => void child.kill(),
  };
}
