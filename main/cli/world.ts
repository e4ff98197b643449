import type { Engine } from './engine.ts';

/** Everything outside that the command line touches. Tests pass their own. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly folder: string;
  readonly terminal: {
    /** A person is there to answer. */
    readonly canAsk: boolean;
    /** stderr is a terminal: a line can be written again in place. */
    readonly canRewrite: boolean;
    readonly columns: number;
  };
  /** Resolves when the text has left the process. */
  writeOut(text: string): Promise<void>;
  writeErr(text: string): void;
  /** `-` is the standard input. */
  readFile(path: string): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  /** Whether other users of this machine may read the file; false where the system can't tell. */
  isReadableByOthers(path: string): Promise<boolean>;
  /** Asks on the terminal; what is typed shows. */
  ask(question: string): Promise<string>;
  /** Asks on the terminal without echo. Rejects with CONTRACT_CANCELLED on Ctrl+C. */
  askSecret(question: string): Promise<string>;
  /** Calls back for Ctrl+C and a request to end; the second one ends the process at once. */
  onInterrupt(listener: () => void): () => void;
  /** ISO 8601, UTC. */
  now(): string;
  openEngine(dataDir: string): Promise<Engine>;
  /** Cheaper passphrase hash for keys, in tests. */
  readonly keyCost?: { readonly N: number; readonly r: number; readonly p: number };
}
