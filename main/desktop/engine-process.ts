import type { ToEngine } from '../engine/messages.ts';
import type { MessagePort } from '../engine/port.ts';

/** A running engine process, however it was started. */
export interface EngineProcess {
  readonly port: MessagePort<ToEngine>;
  /** Called once, with the exit code (null when a signal ended it). */
  onExit(listener: (code: number | null) => void): void;
  /** Ends it at once. A run survives that: it resumes from its journal. */
  kill(): void;
}

export interface EngineStart {
  /** The engine's bundle. */
  readonly file: string;
  /** Folder of the site. */
  readonly dataDir: string;
}

/** better-sqlite3 13 needs Node-API 10, which came with Node 22.14. */
export function canHostEngine(nodeVersion: string): boolean {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 14);
}

export function engineEnvironment(dataDir: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, SALLYPORT_DATA: dataDir };
  // A debugger or a flag meant for the shell is not meant for the process that holds the secrets.
  delete env['NODE_OPTIONS'];
  delete env['ELECTRON_RUN_AS_NODE'];
  return env;
}
