/** One endpoint as the story adds it to the site. */
export interface DemoEndpoint {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  /** Files with the secrets, as the command line wants them. */
  readonly keyFile: string | null;
  readonly passwordFile: string | null;
  readonly sudoPasswordFile: string | null;
  readonly vm: string;
  /** `name=command` */
  readonly healthChecks: readonly string[];
}

export interface DemoHost {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: string;
  readonly keyFile: string;
  readonly disksRoot: string;
  readonly snapshotsRoot: string;
  readonly powerCommand: string;
}

/** Packages by `name:arch` to `version (status)`, read from the disk itself: not by the product, not over SSH. */
export type PackageList = Readonly<Record<string, string>>;

export interface DiskComparison {
  /** Paths that differ, other than the volatile ones. */
  readonly differing: readonly string[];
  /** Paths that differ and lie where a running system always writes. */
  readonly volatile: readonly string[];
}

export interface TrafficReport {
  /** Packets sent to each address and port of the inventory. */
  readonly toInventory: Readonly<Record<string, number>>;
  /** Packets to or from anything else. */
  readonly elsewhere: number;
  /** Sockets that listened at any time they were looked at. */
  readonly listeners: readonly string[];
}

/** What the story needs of a lab, real or simulated. */
export interface DemoLab {
  readonly simulated: boolean;
  /** Words that put a process inside the lab's network; empty where there is none. */
  readonly inside: readonly string[];
  readonly endpoints: readonly DemoEndpoint[];
  readonly host: DemoHost;
  /** Names of the endpoints for the three endings. */
  readonly cast: { readonly succeeds: string; readonly restores: string; readonly refuses: string };
  /** Makes the health check of one endpoint fail once it is patched, and the snapshot of another fail. */
  arm(): Promise<void>;
  /** The media: builds a bundle for the needs-list, on the connected side. */
  readonly collect: readonly string[];
  readPackages(endpoint: string): Promise<PackageList>;
  /** Keeps a picture of the endpoint's disk to compare with. */
  rememberDisk(endpoint: string): Promise<void>;
  compareDisk(endpoint: string): Promise<DiskComparison>;
  startWatching(): Promise<void>;
  stopWatching(): Promise<TrafficReport | null>;
  close(): Promise<void>;
}
