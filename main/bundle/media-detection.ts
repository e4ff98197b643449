import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BundleError } from '../../contract/errors.ts';
import { UNKNOWN_MEDIUM, type MediumIdentity } from '../core/bundle/custody.ts';
import { MediaReader } from './media-reader.ts';
import { readVolume } from './volume.ts';

/**
 * What the system knows of mounted media, from files alone (proc(5), sysfs, udev's database): no program is started
 * and no device is opened.
 */

/** Where Linux says it; tests have a tree of their own. */
export interface SystemPaths {
  readonly mounts: string;
  readonly sys: string;
  readonly udev: string;
}

const LINUX: SystemPaths = { mounts: '/proc/self/mountinfo', sys: '/sys', udev: '/run/udev/data' };

export interface DetectedMedium extends MediumIdentity {
  /** Folder to give to an import; the mount point when there is no bundle. */
  readonly folder: string;
  readonly mountPoint: string;
  /** Bytes, all and those that are free. */
  readonly size: number;
  readonly free: number;
  readonly readOnly: boolean;
  /** What it says of itself: nothing of it is verified. */
  readonly bundle: { readonly id: string; readonly volume: number; readonly volumes: number } | null;
}

interface Mount {
  readonly point: string;
  /** `8:17` */
  readonly device: string;
  readonly fileSystem: string;
  readonly readOnly: boolean;
}

/** Folders of a medium that are looked into for a bundle. */
const MAX_FOLDERS = 100;

/** Media that are mounted now: removable ones, and whatever lies where systems mount those. */
export function listMedia(paths: SystemPaths = LINUX): DetectedMedium[] {
  if (process.platform !== 'linux')
    return listPlaces().flatMap((point) => describe(point, UNKNOWN_MEDIUM, false));
  // Major 0 is no device: proc, tmpfs, network file systems.
  return readMounts(paths)
    .filter((mount) => !mount.device.startsWith('0:') && isRemovable(mount, paths))
    .flatMap((mount) => describe(mount.point, identityOf(mount, paths), mount.readOnly));
}

/** The medium that a folder lies on, as far as the system knows it. */
export function identifyMedium(folder: string, paths: SystemPaths = LINUX): MediumIdentity {
  if (process.platform === 'win32') {
    // Node reports the volume's serial number as the device of its files.
    const serial = statSync(folder, { throwIfNoEntry: false })
      ?.dev.toString(16)
      .toUpperCase()
      .padStart(8, '0');
    return serial === undefined ? UNKNOWN_MEDIUM : { ...UNKNOWN_MEDIUM, serial, serialFrom: 'system' };
  }
  if (process.platform !== 'linux' || !existsSync(folder)) return UNKNOWN_MEDIUM;
  const place = realpathSync(folder);
  const mount = readMounts(paths)
    .filter(({ point }) => place === point || place.startsWith(point.endsWith('/') ? point : `${point}/`))
    .toSorted((a, b) => a.point.length - b.point.length)
    .at(-1);
  return mount === undefined ? UNKNOWN_MEDIUM : identityOf(mount, paths);
}

/** Mount points by convention, where there is no list of mounts. */
function listPlaces(): string[] {
  if (process.platform === 'win32')
    return [...'DEFGHIJKLMNOPQRSTUVWXYZ']
      .map((letter) => `${letter}:\\`)
      .filter((drive) => existsSync(drive));
  return namesIn('/Volumes').map((name) => join('/Volumes', name));
}

/** Lines of mountinfo: `36 35 8:17 / /media/usb rw,noatime - vfat /dev/sdb1 rw`; blanks in paths are `\040`. */
function readMounts(paths: SystemPaths): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of read(paths.mounts).split('\n')) {
    const [front = '', back = ''] = line.split(' - ');
    const [, , device, , point, options] = front.split(' ');
    const [fileSystem] = back.split(' ');
    if (device === undefined || point === undefined || options === undefined || fileSystem === undefined)
      continue;
    // Later lines lie over earlier ones.
    mounts.set(point, {
      point: point.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8))),
      device,
      fileSystem,
      readOnly: options.split(',').includes('ro'),
    });
  }
  return [...mounts.values()];
}

/** The folder in sysfs of the disk that a mount lies on. */
function diskOf(mount: Mount, { sys }: SystemPaths): string | null {
  const link = join(sys, 'dev/block', mount.device);
  if (!existsSync(link)) return null;
  const own = realpathSync(link);
  return existsSync(join(own, 'partition')) ? dirname(own) : own;
}

function isRemovable(mount: Mount, paths: SystemPaths): boolean {
  if (/^\/(?:media|run\/media|mnt)\//.test(mount.point)) return true;
  const disk = diskOf(mount, paths);
  if (disk === null || mount.point === '/') return false;
  return read(join(disk, 'removable')).trim() === '1' || /\/(?:usb|mmc)\d/.test(disk);
}

function identityOf(mount: Mount, paths: SystemPaths): MediumIdentity {
  const known = readUdev(paths, mount.device);
  const disk = diskOf(mount, paths);
  const serial = known.get('ID_SERIAL_SHORT') ?? (disk === null ? null : findSerial(disk, paths.sys));
  return {
    label: known.get('ID_FS_LABEL') ?? null,
    serial,
    serialFrom: serial === null ? null : 'system',
    fileSystem: known.get('ID_FS_TYPE') ?? mount.fileSystem,
  };
}

/** A disk's serial: its own file, or that of the USB device above it. */
function findSerial(disk: string, sys: string): string | null {
  for (const place of [join(disk, 'serial'), join(disk, 'device/serial')]) {
    const serial = printable(read(place));
    if (serial !== '') return serial;
  }
  const root = realpathSync(sys);
  for (let folder = dirname(disk); folder.startsWith(root) && folder !== root; folder = dirname(folder)) {
    const serial = printable(read(join(folder, 'serial')));
    if (serial !== '') return serial;
  }
  return null;
}

/** Properties of a block device: lines `E:NAME=value` of udev's database. */
function readUdev({ udev }: SystemPaths, device: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of read(join(udev, `b${device}`)).split('\n')) {
    const [, name, value] = /^E:([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && value !== '') properties.set(name, printable(value));
  }
  return properties;
}

/** @returns nothing for a medium that can't be looked at any more */
function describe(point: string, identity: MediumIdentity, readOnly: boolean): DetectedMedium[] {
  try {
    const { blocks, bavail, bsize } = statfsSync(point);
    const folder = findBundle(point);
    return [
      {
        ...identity,
        folder: folder ?? point,
        mountPoint: point,
        size: blocks * bsize,
        free: bavail * bsize,
        readOnly,
        bundle: folder === null ? null : claimOf(folder),
      },
    ];
  } catch {
    return [];
  }
}

/** The first bundle on a medium: at its top, or in a folder there. */
function findBundle(point: string): string | null {
  const places = [
    point,
    ...namesIn(point)
      .slice(0, MAX_FOLDERS)
      .map((name) => join(point, name)),
  ];
  return places.find((place) => isPlain(join(place, 'metadata/timestamp.json'))) ?? null;
}

function isPlain(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    return false;
  }
}

function claimOf(folder: string): DetectedMedium['bundle'] {
  try {
    const volume = readVolume(new MediaReader(folder));
    if (volume !== null) return { id: volume.bundle, volume: volume.volume, volumes: volume.volumes };
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
  }
  const [stream = ''] = namesIn(join(folder, 'bundles'));
  const [seq = ''] = namesIn(join(folder, 'bundles', stream));
  return /^[a-z0-9-]{1,32}$/.test(stream) && /^\d{1,9}$/.test(seq)
    ? { id: `${stream}/${seq}`, volume: 1, volumes: 1 }
    : null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** Labels and serials come from the medium: one line of printable text, no more. */
const printable = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 200);
