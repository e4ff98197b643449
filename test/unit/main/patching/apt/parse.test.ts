import { describe, expect, it } from 'vitest';
import { diffInventories } from '../../../../../main/core/inventory.ts';
import {
  freeText,
  linesOf,
  logTail,
  parseInstallStatus,
  parseInventory,
  parseLocks,
  parsePackages,
  parseSections,
  parseSimulation,
  parseSpace,
  parseUris,
} from '../../../../../main/patching/apt/parse.ts';
import { parseWitness } from '../../../../../main/patching/apt/parse-witness.ts';
import { readTranscript } from '../../../../support/transcripts.ts';

const sections = (name: string) => parseSections(readTranscript('bookworm', name));

describe('what an endpoint answers', () => {
  it('is parted by headings that no tool can print, since its lines begin with a blank', () => {
    const parts = parseSections('#sallyport log\n #sallyport state\n \n#sallyport state\nabsent\n');
    expect(parts).toEqual([
      { name: 'log', lines: [' #sallyport state', ' '] },
      { name: 'state', lines: ['absent'] },
    ]);
    expect(freeText(parts, 'log')).toBe('#sallyport state\n');
  });

  it('is refused when a part is missing', () => {
    expect(() => linesOf([], 'state')).toThrowError(
      expect.objectContaining({ code: 'PATCHING_OUTPUT_UNREADABLE' }),
    );
  });
});

describe('an inventory', () => {
  it('is read whole', () => {
    const inventory = parseInventory(sections('inventory'));
    expect(inventory).toMatchObject({
      platform: 'apt',
      distribution: 'debian',
      codename: 'bookworm',
      prettyName: 'Debian GNU/Linux 12 (bookworm)',
      arch: 'amd64',
      held: [],
      rebootRequired: false,
      rebootReasons: [],
    });
    expect(inventory.bootMarker).toMatch(/^[0-9a-f-]{36}\/[0-9]+$/);
    expect(inventory.packages.find((item) => item.name === 'bash')).toEqual({
      name: 'bash',
      version: '5.2.15-2+b13',
      arch: 'amd64',
      source: 'bash',
      sourceVersion: '5.2.15-2',
      status: 'install ok installed',
    });
  });

  it('shows a package that dpkg left half done as a change, though its version is right', () => {
    const before = parseInventory(sections('inventory'));
    const after = parseInventory(sections('preflight-dpkg-interrupted'));
    expect(diffInventories(before, after)).toEqual([
      expect.objectContaining({ name: 'tar', to: expect.stringContaining('half-configured') as string }),
    ]);
  });

  it('knows holds, and leaves out what is not on disk', () => {
    const line = (name: string, status: string) => `${name}\t1-1\tamd64\t${name}\t1-1\t${status}`;
    const { packages, held } = parsePackages([
      line('held', 'hold ok installed'),
      line('removed', 'deinstall ok config-files'),
      line('broken', 'install reinstreq half-installed'),
      line('selected', 'install ok not-installed'),
    ]);
    expect(packages.map((item) => item.name)).toEqual(['broken', 'held']);
    expect(held).toEqual(['held']);
  });

  it('is refused when a line is cut', () => {
    expect(() => parsePackages(['bash\t5.2\tamd64'])).toThrowError(
      expect.objectContaining({ code: 'PATCHING_OUTPUT_UNREADABLE' }),
    );
  });
});

describe('a preflight', () => {
  it('finds nothing in the way', () => {
    const ready = sections('preflight-ready');
    expect(parseLocks(ready)).toEqual([]);
    expect(freeText(ready, 'unfinished').trim()).toBe('');
  });

  it('names who holds the lock', () => {
    expect(parseLocks(sections('preflight-lock-held'))).toEqual([
      { lock: '/var/lib/dpkg/lock-frontend', pid: expect.any(Number) as number, program: 'perl' },
    ]);
  });

  it.each(['preflight-dpkg-interrupted', 'preflight-dpkg-killed'])('sees unfinished business: %s', (name) => {
    expect(freeText(sections(name), 'unfinished').trim()).not.toBe('');
  });

  it('reads free space, also where a file system counts no inodes', () => {
    const [first] = parseSpace(sections('preflight-ready'));
    expect(first).toMatchObject({ path: '/', mountPoint: '/', available: expect.any(Number) as number });
    const text = '#sallyport space\n/var /dev/loop0 123 0 0 /mnt with blank\n/usr none 5 - - /usr\n';
    expect(parseSpace(parseSections(text))).toEqual([
      { path: '/var', source: '/dev/loop0', mountPoint: '/mnt with blank', available: 123, inodes: null },
      { path: '/usr', source: 'none', mountPoint: '/usr', available: 5, inodes: null },
    ]);
  });
});

describe('a simulation', () => {
  it('is read as exact changes, and the files that the index names for them', () => {
    const whole = sections('resolve-whole');
    const { changes, leftovers } = parseSimulation(linesOf(whole, 'transaction'), 'amd64');
    expect(leftovers).toEqual([]);
    expect(changes).toEqual([
      {
        name: 'libsasl2-2',
        arch: 'amd64',
        from: '2.1.28+dfsg-10',
        to: '2.1.28+dfsg-10+deb12u1',
      },
      {
        name: 'libsasl2-modules-db',
        arch: 'amd64',
        from: '2.1.28+dfsg-10',
        to: '2.1.28+dfsg-10+deb12u1',
      },
    ]);
    expect(parseUris(linesOf(whole, 'uris'))).toHaveLength(changes.length);
  });

  it('knows new and removed packages, foreign architectures, and several origins', () => {
    const lines = [
      'Inst libperl5.36 [5.36.0-7+deb12u3] (5.36.0-7+deb12u4 Debian-Security:12/oldstable-security [amd64]) [perl:amd64 ]',
      'Inst libc6:i386 [2.36-9] (2.36-9+deb12u14 Debian:12.15/oldstable, Debian-Security:12/oldstable-security [i386])',
      'Inst linux-image-6.1.0-56-amd64 (6.1.192-2 Debian-Security:12/oldstable-security [amd64])',
      'Inst tzdata [2026b-0+deb12u1] (2026f-0+deb12u1 Debian-Security:12/oldstable-security [all])',
      'Remv exim4 [4.96-15]',
      'Remv libfoo:i386 [1-1] [bar:i386 ]',
      'Conf tzdata (2026f-0+deb12u1 Debian-Security:12/oldstable-security [all])',
      'Conf nginx (1.22.1-9 Debian:12.15/oldstable [amd64])',
    ];
    expect(parseSimulation(lines, 'amd64')).toEqual({
      changes: [
        { name: 'exim4', arch: 'amd64', from: '4.96-15', to: null },
        { name: 'libc6', arch: 'i386', from: '2.36-9', to: '2.36-9+deb12u14' },
        { name: 'libfoo', arch: 'i386', from: '1-1', to: null },
        { name: 'libperl5.36', arch: 'amd64', from: '5.36.0-7+deb12u3', to: '5.36.0-7+deb12u4' },
        { name: 'linux-image-6.1.0-56-amd64', arch: 'amd64', from: null, to: '6.1.192-2' },
        { name: 'tzdata', arch: 'all', from: '2026b-0+deb12u1', to: '2026f-0+deb12u1' },
      ],
      leftovers: ['nginx:amd64'],
    });
  });

  it('is refused when a line is of an unknown form', () => {
    expect(() => parseSimulation(['Inst mystery'], 'amd64')).toThrowError(
      expect.objectContaining({ code: 'PATCHING_OUTPUT_UNREADABLE' }),
    );
  });
});

describe('an install', () => {
  it.each([
    ['read-install-finished', 'finished', 0],
    ['read-install-running', 'running', undefined],
    ['read-install-vanished', 'vanished', undefined],
    ['read-install-dpkg-killed', 'finished', 100],
    ['read-install-postinst-failed', 'finished', 100],
    ['read-install-content-changed', 'finished', 201],
    ['read-install-transaction-differs', 'finished', 202],
  ])('is told truly: %s', (name, kind, exitCode) => {
    const status = parseInstallStatus(sections(name));
    expect(status.kind).toBe(kind);
    expect(status.kind === 'finished' ? status.exitCode : undefined).toBe(exitCode);
  });

  it('is absent when nothing was started', () => {
    expect(parseInstallStatus(parseSections('#sallyport state\nabsent\n'))).toEqual({ kind: 'absent' });
  });

  it('is refused when its state is no state', () => {
    const damaged = parseSections('#sallyport state\nfinished pending\n#sallyport log\n');
    expect(() => parseInstallStatus(damaged)).toThrowError(
      expect.objectContaining({ code: 'PATCHING_OUTPUT_UNREADABLE' }),
    );
  });

  it('has a log without control characters, bounded', () => {
    expect(logTail('\u001b[31mred\u001b[0m\r\nbell\u0007')).toBe('red\nbell');
    expect(logTail('x'.repeat(100_000)).length).toBeLessThanOrEqual(8_000);
  });
});

describe('a witness', () => {
  const versions = new Map([
    ['libexpat1:amd64', '2.5.0-1+deb12u5'],
    ['libsasl2-2:amd64', '2.1.28+dfsg-10+deb12u1'],
    ['libsasl2-modules-db:amd64', '2.1.28+dfsg-10+deb12u1'],
  ]);

  it('agrees when the files are those of the vendor', () => {
    const report = parseWitness(sections('witness-agrees'), versions);
    expect(report).toMatchObject({ disagreements: [], absent: [] });
    expect(report.filesChecked).toBeGreaterThan(5);
  });

  it('names files that differ or are missing, and no folder that is a link on a merged /usr', () => {
    const { disagreements } = parseWitness(sections('witness-file-spoiled'), versions);
    expect(disagreements.toSorted()).toEqual([
      'libexpat1:amd64: /usr/share/doc/libexpat1/AUTHORS (size differs)',
      'libexpat1:amd64: /usr/share/doc/libexpat1/copyright is missing',
    ]);
  });

  it('disagrees when the staged package is of another version', () => {
    const { disagreements } = parseWitness(
      sections('witness-file-spoiled'),
      new Map([['libexpat1:amd64', '1-1']]),
    );
    expect(disagreements[0]).toContain('calls itself');
  });

  it('excuses what the administrator left out or moved, and what another package took over', () => {
    const own = (differences: string) => `#sallyport excludes
 path-exclude /usr/share/doc/*
 path-include /usr/share/doc/*/copyright
#sallyport diversions
 diversion of /usr/bin/moved to /usr/bin/moved.real by other
 diversion of /usr/bin/own to /usr/bin/theirs by it
 local diversion of /usr/bin/local to /usr/bin/local.real
#sallyport package it amd64
 Package: it
 Version: 1-1
 Architecture: amd64
#sallyport conffiles
 /etc/it.conf
#sallyport elsewhere
 /usr/bin/taken
#sallyport files
7
#sallyport folders
 ./lib
#sallyport differences
${differences}
#sallyport unreadable
`;
    const read = (line: string) =>
      parseWitness(parseSections(own(` ./${line}`)), new Map([['it:amd64', '1-1']])).disagreements.length;
    expect(read('etc/it.conf: Contents differ')).toBe(0);
    expect(read('lib: File type differs')).toBe(0);
    expect(read('usr/share/doc/it/changelog.gz: Missing')).toBe(0);
    expect(read('usr/bin/moved: Contents differ')).toBe(0);
    expect(read('usr/bin/local: Contents differ')).toBe(0);
    expect(read('usr/bin/taken: Contents differ')).toBe(0);
    expect(read('usr/share/doc/it/copyright: Missing')).toBe(1);
    expect(read('usr/share/doc/it/changelog.gz: Contents differ')).toBe(1);
    expect(read('usr/bin/own: Contents differ')).toBe(1);
    expect(read('usr/bin/it: Missing')).toBe(1);
  });
});
