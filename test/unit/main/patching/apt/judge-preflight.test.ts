import { describe, expect, it } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import type { PlannedPackage } from '../../../../../main/core/plan.ts';
import { judgePreflight, type PreflightEvidence } from '../../../../../main/patching/apt/judge-preflight.ts';
import {
  freeText,
  parseInventory,
  parseLocks,
  parseSections,
  parseSpace,
} from '../../../../../main/patching/apt/parse.ts';
import type { PreflightRequest } from '../../../../../main/patching/patch-driver.ts';
import { readTranscript } from '../../../../support/transcripts.ts';

function evidence(name: string): PreflightEvidence {
  const sections = parseSections(readTranscript('bookworm', name));
  return {
    inventory: parseInventory(sections),
    locks: parseLocks(sections),
    unfinished: freeText(sections, 'unfinished').trim(),
    spaces: parseSpace(sections),
  };
}

const ready = evidence('preflight-ready');

const expat: PlannedPackage = {
  name: 'libexpat1',
  arch: 'amd64',
  from: '2.5.0-1+deb12u2',
  to: '2.5.0-1+deb12u5',
  sha256: 'a'.repeat(64),
  requested: true,
};

function judge(found: PreflightEvidence, change: Partial<PreflightRequest> = {}): string {
  try {
    judgePreflight(
      {
        packages: [expat],
        downloadBytes: 100_000,
        installedBytes: 100_000,
        healthChecks: [],
        clockToleranceS: 30,
        clock: found.inventory.clock,
        ...change,
      },
      found,
    );
    return 'ready';
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}

describe('preflight', () => {
  it('lets an endpoint through that is as planned', () => {
    expect(judge(ready)).toBe('ready');
  });

  it.each([
    ['preflight-lock-held', 'PATCHING_LOCK_HELD'],
    ['preflight-dpkg-interrupted', 'PATCHING_PACKAGES_BROKEN'],
    ['preflight-dpkg-killed', 'PATCHING_PACKAGES_BROKEN'],
  ])('%s', (name, code) => {
    expect(judge(evidence(name))).toBe(code);
  });

  it.each([-31, 31])('refuses a clock that is %i s off', (seconds) => {
    expect(judge(ready, { clock: ready.inventory.clock + seconds })).toBe('PATCHING_CLOCK_WRONG');
  });

  it('takes a clock within the tolerance', () => {
    expect(judge(ready, { clock: ready.inventory.clock - 29 })).toBe('ready');
  });

  it('refuses a plan made for other versions', () => {
    expect(judge(ready, { packages: [{ ...expat, from: '2.5.0-1' }] })).toBe('PATCHING_STALE_PLAN');
    expect(judge(ready, { packages: [{ ...expat, from: null }] })).toBe('PATCHING_STALE_PLAN');
    expect(judge(ready, { packages: [{ ...expat, name: 'libnew1' }] })).toBe('PATCHING_STALE_PLAN');
    expect(judge(ready, { packages: [{ ...expat, name: 'libnew1', from: null }] })).toBe('ready');
  });

  it('refuses a package on hold', () => {
    const held = { ...ready, inventory: { ...ready.inventory, held: ['libexpat1'] } };
    expect(judge(held)).toBe('PATCHING_PACKAGE_HELD');
  });

  it('counts all that lands on one device together', () => {
    const space = (path: string, source: string, available: number) => ({
      path,
      source,
      mountPoint: path,
      available,
      inodes: null,
    });
    const mib = 1024 * 1024;
    const one = {
      ...ready,
      spaces: [space('/usr', '/dev/a', 300 * mib), space('/var', '/dev/a', 300 * mib)],
    };
    const two = {
      ...ready,
      spaces: [space('/usr', '/dev/a', 300 * mib), space('/var', '/dev/b', 301 * mib)],
    };
    const request = { installedBytes: 200 * mib };
    expect(judge(one, request)).toBe('PATCHING_DISK_FULL');
    expect(judge(two, request)).toBe('ready');
    const full = { ...ready, spaces: [{ ...space('/usr', '/dev/a', 1e12), inodes: 10 }] };
    expect(judge(full)).toBe('PATCHING_DISK_FULL');
  });

  it('wants room in /boot for a kernel only', () => {
    const spaces = [
      { path: '/boot', source: '/dev/b', mountPoint: '/boot', available: 50_000_000, inodes: 5_000 },
    ];
    const kernel = { ...expat, name: 'linux-image-6.1.0-56-amd64', from: null };
    expect(judge({ ...ready, spaces })).toBe('ready');
    expect(judge({ ...ready, spaces }, { packages: [kernel] })).toBe('PATCHING_DISK_FULL');
  });
});
