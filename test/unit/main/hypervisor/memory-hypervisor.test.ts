import { describe, expect, it } from 'vitest';
import { HypervisorError } from '../../../../contract/errors.ts';
import { MemoryHypervisor } from '../../../../main/hypervisor/memory/memory-hypervisor.ts';
import { describeHypervisor } from '../../../suites/hypervisor.suite.ts';
import { failureOf } from '../../../suites/remote-shell.suite.ts';

const NOW = '2026-11-24T04:00:00.000Z';

function openMemory() {
  return new MemoryHypervisor({ vms: ['alpha'], now: () => NOW });
}

describeHypervisor('memory', () => {
  const hypervisor = openMemory();
  return Promise.resolve({
    hypervisor,
    vm: 'alpha',
    readDisk: () => Promise.resolve(hypervisor.readDisk('alpha')),
    writeDisk: (content) => Promise.resolve(hypervisor.writeDisk('alpha', content)),
    powerOff: () => Promise.resolve(hypervisor.setPower('alpha', 'stopped')),
    close: () => Promise.resolve(),
  });
});

describe('a hypervisor in memory', () => {
  it('fails the next call as told, and only that', async () => {
    const hypervisor = openMemory();
    hypervisor.failNext('takeSnapshot', new HypervisorError('HYPERVISOR_SPACE_LOW', 'full'));
    expect((await failureOf(hypervisor.takeSnapshot('alpha', 'first')))[0]).toBe('HYPERVISOR_SPACE_LOW');
    expect((await hypervisor.takeSnapshot('alpha', 'first')).name).toBe('first');
    expect(hypervisor.calls).toEqual(['takeSnapshot alpha', 'takeSnapshot alpha']);
  });

  it('is caught by a proof when it lies', async () => {
    const hypervisor = openMemory();
    hypervisor.lies.add('keeps-no-snapshot');
    const claimed = await hypervisor.takeSnapshot('alpha', 'first');
    expect((await failureOf(hypervisor.proveSnapshot(claimed, NOW)))[0]).toBe('HYPERVISOR_SNAPSHOT_UNPROVEN');
    hypervisor.lies.clear();
    const snapshot = await hypervisor.takeSnapshot('alpha', 'first');
    for (const lie of ['restores-nothing', 'stays-off'] as const) {
      hypervisor.lies.add(lie);
      await hypervisor.restoreSnapshot(snapshot);
      expect((await failureOf(hypervisor.proveRestore(snapshot)))[0]).toBe('HYPERVISOR_RESTORE_UNPROVEN');
      hypervisor.lies.clear();
    }
  });
});
