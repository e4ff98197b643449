import { packageKey, type BaseSystem, type PackageState } from './base-system.ts';

/** A file below a stage or in an inbox. Bytes are never changed in place, so that copies of a disk share them. */
export type Bytes = Buffer;

/** What lies in /var/lib/sallyport/STAGE/install: the record of an install that was begun. */
export interface InstallRecord {
  /** Boot marker of who began it: another one now means that its processes are gone. */
  readonly boot: string;
  readonly log: string;
  readonly exitStatus: number | null;
}

/** What lies in /var/lib/sallyport/STAGE. */
export interface Stage {
  readonly repo: ReadonlyMap<string, Bytes>;
  /** `sha256  path` lines of the last `resolve`; `null` before it and after `clean-up`. */
  readonly content: readonly string[] | null;
  readonly wanted: readonly string[];
  readonly pins: readonly string[];
  readonly sources: readonly string[];
  /** The one transaction that may be installed; `null` until it is sealed. */
  readonly sealed: readonly string[] | null;
  readonly automatic: readonly string[];
  readonly install: InstallRecord | null;
}

export const NEW_STAGE: Stage = {
  repo: new Map(),
  content: null,
  wanted: [],
  pins: [],
  sources: [],
  sealed: null,
  automatic: [],
  install: null,
};

const GIB = 2 ** 30;

/**
 * Everything of an endpoint that survives a restart, and that a snapshot holds. Values inside are immutable: a copy takes
 * the maps only, so that hundreds of endpoints and their snapshots cost little.
 */
export class Disk {
  readonly packages: Map<string, PackageState>;
  readonly automatic: Set<string>;
  readonly stages: Map<string, Stage>;
  /** Files of uploads by path. */
  readonly uploads: Map<string, Bytes>;
  readonly folders: Set<string>;
  /** Lines of /var/log/dpkg.log. */
  readonly dpkgLog: string[];
  /** Contents of files that health checks and faults leave behind. */
  readonly notes: Set<string>;
  freeBytes: number;

  private constructor(parts: {
    packages: Iterable<readonly [string, PackageState]>;
    automatic: Iterable<string>;
    stages: Iterable<readonly [string, Stage]>;
    uploads: Iterable<readonly [string, Bytes]>;
    folders: Iterable<string>;
    dpkgLog: readonly string[];
    notes: Iterable<string>;
    freeBytes: number;
  }) {
    this.packages = new Map(parts.packages);
    this.automatic = new Set(parts.automatic);
    this.stages = new Map(parts.stages);
    this.uploads = new Map(parts.uploads);
    this.folders = new Set(parts.folders);
    this.dpkgLog = [...parts.dpkgLog];
    this.notes = new Set(parts.notes);
    this.freeBytes = parts.freeBytes;
  }

  static install(base: BaseSystem, packages: ReadonlyMap<string, PackageState>): Disk {
    return new Disk({
      packages,
      automatic: base.automatic,
      stages: [],
      uploads: [],
      folders: [],
      dpkgLog: [],
      notes: [],
      freeBytes: 8 * GIB,
    });
  }

  copy(): Disk {
    return new Disk(this);
  }

  stage(id: string): Stage {
    return this.stages.get(id) ?? NEW_STAGE;
  }

  changeStage(id: string, change: Partial<Stage>): void {
    this.stages.set(id, { ...this.stage(id), ...change });
  }

  put(item: PackageState): void {
    this.packages.set(packageKey(item), item);
  }

  /** dpkg(1) --audit: packages that are half-way. */
  unfinished(): readonly PackageState[] {
    return [...this.packages.values()].filter((item) => !/ (installed|config-files)$/.test(item.status));
  }

  /** How many times dpkg put a package on a version, by its own log. */
  countUpgrades(name: string, to: string): number {
    return this.dpkgLog.filter((line) => {
      const [, , verb, key, , version] = line.split(' ');
      return (verb === 'upgrade' || verb === 'install') && key?.split(':')[0] === name && version === to;
    }).length;
  }
}
