/** Where the parts of one lab are. Everything derives from the lab's name, so that two labs never meet. */
export type LabLayout = {
  readonly name: string;
  /** Folder for what lives while the lab is up: keys, site description, logs. */
  readonly runDir: string;
  /** Folder that `down` keeps and `down --purge` removes. Labs of other names use it too, each with an image of its own. */
  readonly cacheDir: string;
  /** Sparse btrfs image with the disks of this lab. */
  readonly image: string;
  /** Folder of finished base file systems, one archive each. */
  readonly basesDir: string;
  /** Folder of downloaded packages, one folder per suite. */
  readonly debsDir: string;
  readonly siteFile: string;
  readonly identityDir: string;
  readonly controllerNetns: string;
  readonly hostNetns: string;
};

/** Where the lab host sees the disks. Nobody else does: the mount is in its mount namespace only. */
export const HOST_MOUNT = '/run/vms';
export const DISKS_ROOT = `${HOST_MOUNT}/disks`;
export const SNAPSHOTS_ROOT = `${HOST_MOUNT}/snapshots`;
/** Base file systems, one per suite, read-only. */
export const BASES_ROOT = `${HOST_MOUNT}/bases`;
/** Each endpoint's disk as it was when the lab came up, read-only. */
export const PRISTINE_ROOT = `${HOST_MOUNT}/pristine`;

export const CONTROLLER_ADDRESS = '10.77.0.1';
export const HOST_ADDRESS = '10.77.0.2';
export const PREFIX_LENGTH = 24;
export const IMAGE_BYTES = 16 * 1024 ** 3;

const DEFAULT_NAME = 'sallyport-lab';

/** Reads SALLYPORT_LAB_NAME (default sallyport-lab) and SALLYPORT_LAB_CACHE (default /var/cache/sallyport-lab). */
export function labLayout(env: Readonly<Record<string, string | undefined>> = process.env): LabLayout {
  const name = env['SALLYPORT_LAB_NAME'] ?? DEFAULT_NAME;
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new RangeError(`SALLYPORT_LAB_NAME must be a short name in lower case, not "${name}"`);
  }
  const runDir = `/run/${name}`;
  const cacheDir = env['SALLYPORT_LAB_CACHE'] ?? `/var/cache/${DEFAULT_NAME}`;
  return {
    name,
    runDir,
    cacheDir,
    image: `${cacheDir}/${name}.img`,
    basesDir: `${cacheDir}/bases`,
    debsDir: `${cacheDir}/debs`,
    siteFile: `${runDir}/site.json`,
    identityDir: `${runDir}/identity`,
    controllerNetns: `${name}-controller`,
    hostNetns: `${name}-host`,
  };
}

/** Name of the network namespace of one machine. */
export function machineNetns(layout: LabLayout, vm: string): string {
  return `${layout.name}-${vm}`;
}

/** File through which a network namespace is entered. */
export function netnsFile(netns: string): string {
  return `/run/netns/${netns}`;
}

/** Every network namespace that belongs to this lab, given the names that exist. */
export function netnsOfLab(layout: LabLayout, existing: readonly string[], vms: readonly string[]): string[] {
  const ours = new Set([
    layout.controllerNetns,
    layout.hostNetns,
    ...vms.map((vm) => machineNetns(layout, vm)),
  ]);
  return existing.filter((netns) => ours.has(netns));
}
