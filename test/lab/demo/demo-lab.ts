/** One endpoint as the story adds it to the site. */
export interface DemoEndpoint {
  readonly name: string;
  readonly group: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly login:
    | { readonly kind: 'key'; readonly privateKey: string }
    | { readonly kind: 'password'; readonly password: string };
  /** `null`: sudo asks for none. */
  readonly sudoPassword: string | null;
  readonly vm: string;
  /** `name=command` */
  readonly healthCheck: string;
}

export interface DemoHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly privateKey: string;
  readonly disksRoot: string;
  readonly snapshotsRoot: string;
  readonly powerCommand: string;
}

/** Packages by `name:arch` to version and state, read without the product and without SSH. */
export type PackageList = ReadonlyMap<string, string>;

export interface DiskComparison {
  /** Paths that differ, other than the volatile ones. */
  readonly differing: readonly string[];
  /** Number of paths that differ where a running system always writes: logs, /run, /tmp. */
  readonly volatile: number;
}

export interface Traffic {
  /** Packets sent, by name and address of each machine of the inventory. */
  readonly toInventory: Readonly<Record<string, number>>;
  /** Packets from or to anything else. */
  readonly elsewhere: number;
  /** Attempts that the kernel refused because there is no route. */
  readonly withoutRoute: number;
}

export interface Listener {
  readonly local: string;
  readonly process: string;
}

/** What the story needs of a lab, real or simulated. */
export interface DemoLab {
  readonly simulated: boolean;
  readonly kind: string;
  /** Words before a command that put it inside the lab's network. */
  readonly inside: readonly string[];
  readonly endpoints: readonly DemoEndpoint[];
  readonly host: DemoHost;
  /** Which endpoint is made to end how. */
  readonly cast: { readonly succeeded: string; readonly restored: string; readonly refused: string };
  /** Makes one endpoint's health check fail once it is patched, and every snapshot of another fail. */
  arm(): Promise<void>;
  /** On the connected side. @returns what the person at the site is told by telephone, and a line for people */
  collect(
    needsList: string,
    mediaDir: string,
    onLine: (line: string) => void,
  ): Promise<{ readonly fingerprint: string; readonly text: string }>;
  readPackages(endpoint: string): PackageList;
  /** Keeps a picture of the endpoint's disk to compare with later. */
  rememberDisk(endpoint: string): void;
  compareDisk(endpoint: string): DiskComparison;
  startWatching(): Promise<void>;
  readTraffic(): Promise<Traffic | null>;
  /** Sockets that wait for somebody in the controller's network now; `null` where nobody can tell. */
  listListeners(): Promise<readonly Listener[] | null>;
  close(): Promise<void>;
}
