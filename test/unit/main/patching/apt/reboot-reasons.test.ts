import { describe, expect, it } from 'vitest';
import { rebootReasons, type RebootEvidence } from '../../../../../main/patching/apt/reboot-reasons.ts';

const kernel = (release: string, version: string) => ({
  name: `linux-image-${release}`,
  version,
  arch: 'amd64',
  source: 'linux-signed-amd64',
  sourceVersion: version,
  status: 'install ok installed',
});

const calm: RebootEvidence = {
  flag: false,
  flagPackages: [],
  running: {
    release: '6.1.0-50-cloud-amd64',
    version: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-07-01)',
  },
  packages: [kernel('6.1.0-50-cloud-amd64', '6.1.176-1')],
  images: ['vmlinuz-6.1.0-50-cloud-amd64'],
  needrestart: [],
};

const count = (change: Partial<RebootEvidence>): number => rebootReasons({ ...calm, ...change }).length;

describe('reboot required', () => {
  it('is not, when the newest kernel runs', () => {
    expect(count({})).toBe(0);
  });

  it('is, when the flag is there, and says who set it', () => {
    expect(rebootReasons({ ...calm, flag: true, flagPackages: ['libc6', 'dbus'] })[0]).toContain(
      'libc6, dbus',
    );
    expect(count({ flag: true })).toBe(1);
  });

  it('is, when a newer kernel of the same flavour lies in /boot, though Debian sets no flag', () => {
    const packages = [...calm.packages, kernel('6.1.0-56-cloud-amd64', '6.1.192-2')];
    const images = [...calm.images, 'vmlinuz-6.1.0-56-cloud-amd64'];
    expect(count({ packages, images })).toBe(1);
    expect(count({ packages })).toBe(0);
  });

  it('is, when the running kernel was built anew under its old name', () => {
    expect(count({ packages: [kernel('6.1.0-50-cloud-amd64', '6.1.176-2')] })).toBe(1);
  });

  it('is not concluded from another flavour, nor in a container that shows its host’s kernel', () => {
    const packages = [...calm.packages, kernel('6.1.0-56-rt-amd64', '6.1.192-2')];
    expect(count({ packages, images: [...calm.images, 'vmlinuz-6.1.0-56-rt-amd64'] })).toBe(0);
    expect(count({ running: { release: '6.18.44-fc-v782', version: '#1 SMP' } })).toBe(0);
    expect(count({ packages: [], images: [], running: { release: '5.15.0-generic', version: '' } })).toBe(0);
  });

  it('takes needrestart’s word for kernels of other vendors', () => {
    const other = {
      running: { release: '6.1.21-v8+', version: '#1642' },
      needrestart: ['NEEDRESTART-KCUR: 6.1.21-v8+', 'NEEDRESTART-KEXP: 6.6.51+rpt', 'NEEDRESTART-KSTA: 3'],
    };
    expect(count(other)).toBe(1);
    expect(count({ ...other, needrestart: ['NEEDRESTART-KSTA: 1'] })).toBe(0);
  });
});
