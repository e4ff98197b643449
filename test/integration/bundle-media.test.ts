import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identifyMedium, listMedia } from '../../main/bundle/media-detection.ts';
import { writeTestBundle, type TestPackage } from '../support/bundle-builder.ts';
import { codedFailure } from '../support/coded.ts';
import { InterruptedContent } from '../support/interrupted-content.ts';
import { openTestSite, type TestSite } from '../support/test-site.ts';
import { ensureDebianPackages } from '../setup/debian-packages.ts';

/** How each file system of media is made and mounted here: by FUSE, for this needs no module of the kernel. */
const FORMATS = {
  exfat: {
    make: ['mkfs.exfat', '-L', 'PATCH-07'],
    mount: ['mount.exfat-fuse'],
    packages: ['exfatprogs', 'exfat-fuse'],
  },
  ntfs: { make: ['mkfs.ntfs', '-F', '-Q', '-L', 'PATCH-07'], mount: ['ntfs-3g'], packages: ['ntfs-3g'] },
  vfat: {
    make: ['mkfs.vfat', '-F', '32', '-n', 'PATCH-07'],
    mount: ['fusefat', '-o', 'rw+'],
    packages: ['dosfstools', 'fusefat'],
  },
} as const;

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/dev/fuse');
const because = canMount ? '' : ' [skipped: needs root and /dev/fuse]';

const PACKAGES: readonly TestPackage[] = Array.from({ length: 8 }, (_, index) => ({
  name: `large${index}`,
  version: '1',
  content: new Uint8Array(1_500_000).fill(index + 1),
}));

let site: TestSite;
let work: string;
let point: string;
let device = '';
beforeEach(() => {
  site = openTestSite();
  work = mkdtempSync(join(tmpdir(), 'sallyport-medium-'));
  point = join(work, 'mounted');
  mkdirSync(point);
});
afterEach(() => {
  spawnSync('umount', ['-l', point]);
  if (device !== '') spawnSync('losetup', ['-d', device]);
  device = '';
  site.close();
  rmSync(work, { recursive: true, force: true });
});

function mount(format: keyof typeof FORMATS): void {
  const [program, ...options] = FORMATS[format].mount;
  // fusefat reads a file, the others a block device.
  const source = format === 'vfat' ? join(work, 'image') : device;
  execFileSync(program, [...options, source, point], { stdio: 'ignore' });
}

function format(name: keyof typeof FORMATS): void {
  ensureDebianPackages('media of other systems', [...FORMATS[name].packages]);
  const image = join(work, 'image');
  writeFileSync(image, '');
  truncateSync(image, 64 * 1024 * 1024);
  device = execFileSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).trim();
  const [program, ...options] = FORMATS[name].make;
  execFileSync(program, [...options, device], { stdio: 'ignore' });
  if (name === 'vfat') execFileSync('sync');
}

describe.skipIf(!canMount)(`media of other systems${because}`, () => {
  it.each(['exfat', 'ntfs', 'vfat'] as const)(
    'a bundle comes from %s as it is',
    { timeout: 600_000 },
    async (name) => {
      format(name);
      mount(name);
      // In a folder of its own: systems put theirs at the top of a medium, and nothing else may lie beside a bundle.
      const folder = join(point, 'bundle');
      // fusefat is slow.
      const packages = name === 'vfat' ? PACKAGES.slice(0, 2) : PACKAGES;
      writeTestBundle(folder, { packages, partBytes: 1_000_000 });
      expect(await site.import({ mediaDir: folder })).toMatchObject({
        outcome: 'imported',
        packages: packages.length,
      });
      expect(identifyMedium(folder).fileSystem).toMatch(/fuse|^vfat$|^exfat$|^ntfs$/);
    },
  );

  it(
    'a medium whose file system dies in the middle of a read is named as lost, and goes on later',
    { timeout: 600_000 },
    async () => {
      format('exfat');
      mount('exfat');
      writeTestBundle(point, { packages: PACKAGES, partBytes: 1_000_000 });
      const server = execFileSync('pgrep', ['-f', `mount.exfat-fuse ${device} ${point}`], {
        encoding: 'utf8',
      })
        .trim()
        .split('\n')[0];
      const content = new InterruptedContent(join(site.dir, 'content'), 7_300_000, () => {
        process.kill(Number(server), 'SIGKILL');
      });
      const failure = await codedFailure(site.import({ content, mediaDir: point }));
      expect(failure.code).toBe('BUNDLE_MEDIUM_LOST');
      spawnSync('umount', ['-l', point]);
      mount('exfat');
      let kept = -1;
      await site.import({
        mediaDir: point,
        onProgress: ({ phase, done, total }) => {
          if (phase === 'copying' && kept === -1 && total > 0) kept = done;
        },
      });
      expect(kept).toBeGreaterThanOrEqual(7_300_000 - 1_300_000);
    },
  );
});

describe('what the system says of media', () => {
  /** A tree as Linux has it: a USB stick with one partition, and a disk inside the machine. */
  function describeSystem(): Parameters<typeof listMedia>[0] {
    const sys = join(work, 'sys');
    const stick = join(sys, 'devices/pci0000:00/usb1/1-2/1-2:1.0/host6/block/sdb');
    const disk = join(sys, 'devices/virtio1/block/vda');
    const udev = join(work, 'udev');
    for (const folder of [join(stick, 'sdb1'), disk, join(sys, 'dev/block'), udev])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(stick, 'removable'), '1\n');
    writeFileSync(join(stick, 'sdb1/partition'), '1\n');
    writeFileSync(join(sys, 'devices/pci0000:00/usb1/1-2/serial'), '4C5300012307\n');
    writeFileSync(join(disk, 'removable'), '0\n');
    writeFileSync(join(disk, 'serial'), 'inside\n');
    execFileSync('ln', ['-s', join(stick, 'sdb1'), join(sys, 'dev/block/8:17')]);
    execFileSync('ln', ['-s', disk, join(sys, 'dev/block/254:0')]);
    writeFileSync(
      join(udev, 'b8:17'),
      'S:disk/by-label/PATCH\nE:ID_FS_LABEL=PATCH-07\u0007\nE:ID_FS_TYPE=exfat\n',
    );
    const mounts = join(work, 'mountinfo');
    const spaced = point.replaceAll(' ', String.raw`\040`);
    writeFileSync(
      mounts,
      [
        '22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw',
        `23 22 0:21 / ${join(work, 'udev')} rw - tmpfs tmpfs rw`,
        `36 22 8:17 / ${spaced} ro,nosuid,nodev shared:5 - exfat /dev/sdb1 ro`,
      ].join('\n'),
    );
    return { mounts, sys, udev };
  }

  it('is read without starting a program: label, serial, file system, and what bundle lies on it', () => {
    if (process.platform !== 'linux') return;
    writeTestBundle(join(point, 'for the site'), { seq: 7 });
    const [medium, ...others] = listMedia(describeSystem());
    expect(others).toEqual([]);
    expect(medium).toMatchObject({
      folder: join(point, 'for the site'),
      mountPoint: point,
      label: 'PATCH-07',
      serial: '4C5300012307',
      serialFrom: 'system',
      fileSystem: 'exfat',
      readOnly: true,
      bundle: { id: 'main/7', volume: 1, volumes: 1 },
    });
    const identity = identifyMedium(join(point, 'for the site'), describeSystemAgain());
    expect(identity).toEqual({
      label: 'PATCH-07',
      serial: '4C5300012307',
      serialFrom: 'system',
      fileSystem: 'exfat',
    });
  });

  const describeSystemAgain = (): Parameters<typeof listMedia>[0] => ({
    mounts: join(work, 'mountinfo'),
    sys: join(work, 'sys'),
    udev: join(work, 'udev'),
  });

  it('is nothing where there is nothing', () => {
    if (process.platform !== 'linux') return;
    const nowhere = { mounts: join(work, 'none'), sys: work, udev: work };
    expect(listMedia(nowhere)).toEqual([]);
    expect(identifyMedium('/no/such/folder').serial).toBeNull();
  });
});
