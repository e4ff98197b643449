import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Hypervisor } from '../../main/hypervisor/hypervisor.ts';
import { failureOf } from './remote-shell.suite.ts';

/** One VM to hold an adapter to the contract of the port. Its tests leave no snapshot behind. */
export interface HypervisorWorld {
  readonly hypervisor: Hypervisor;
  readonly vm: string;
  /** Reads and writes one thing on the VM's disk. */
  readDisk(): Promise<string>;
  writeDisk(content: string): Promise<void>;
  powerOff(): Promise<void>;
  close(): Promise<void>;
}

/** What every adapter of the port must do. */
export function describeHypervisor(name: string, openWorld: () => Promise<HypervisorWorld>): void {
  describe(`${name} as a hypervisor`, () => {
    let world: HypervisorWorld;
    let hypervisor: Hypervisor;
    let vm: string;

    beforeEach(async () => {
      world = await openWorld();
      ({ hypervisor, vm } = world);
      await world.writeDisk('before');
    });
    afterEach(async () => {
      for (const left of ['first', 'second']) {
        const snapshot = await hypervisor.findSnapshot(vm, left);
        if (snapshot !== undefined) await hypervisor.deleteSnapshot(snapshot);
      }
      await hypervisor.close();
      await world.close();
    });

    it('refuses names that could be a path or an option, before it does anything', async () => {
      for (const bad of ['', '../x', '.hidden', '-r', 'a/b', 'a b', 'ü', 'x'.repeat(81), 'a\n']) {
        expect(await failureOf(hypervisor.takeSnapshot(vm, bad))).toEqual([
          'HYPERVISOR_NAME_UNSAFE',
          'never',
        ]);
        expect(await failureOf(hypervisor.findSnapshot(vm, bad))).toEqual([
          'HYPERVISOR_NAME_UNSAFE',
          'never',
        ]);
        expect(await failureOf(hypervisor.readPowerState(bad))).toEqual(['HYPERVISOR_NAME_UNSAFE', 'never']);
      }
    });

    it('does not know a VM that is not there', async () => {
      const calls = [
        () => hypervisor.readFreeBytes('no-such-vm'),
        () => hypervisor.readPowerState('no-such-vm'),
        () => hypervisor.powerOn('no-such-vm'),
        () => hypervisor.takeSnapshot('no-such-vm', 'first'),
      ];
      for (const call of calls) expect((await failureOf(call()))[0]).toBe('HYPERVISOR_VM_UNKNOWN');
    });

    it('tells free space, power and its clock', async () => {
      expect(await hypervisor.readFreeBytes(vm)).toBeGreaterThan(1_000_000);
      expect(await hypervisor.readPowerState(vm)).toBe('running');
      expect(Date.parse(await hypervisor.readClock())).toBeGreaterThan(Date.parse('2026-01-01'));
    });

    it('takes a snapshot once, finds it, and proves it by what it reads back', async () => {
      const notBefore = await hypervisor.readClock();
      expect(await hypervisor.findSnapshot(vm, 'first')).toBeUndefined();
      const snapshot = await hypervisor.takeSnapshot(vm, 'first');
      expect(snapshot).toMatchObject({ name: 'first', vm });
      expect(await hypervisor.takeSnapshot(vm, 'first')).toEqual(snapshot);
      expect(await hypervisor.findSnapshot(vm, 'first')).toEqual(snapshot);
      const proof = await hypervisor.proveSnapshot(snapshot, notBefore);
      expect(proof.snapshot).toEqual(snapshot);
      expect(Date.parse(proof.readAt)).toBeGreaterThanOrEqual(Date.parse(notBefore));
      expect(Object.values(proof.facts)).toContain(snapshot.id);
    });

    it('does not prove a snapshot that is older, another, or gone', async () => {
      const snapshot = await hypervisor.takeSnapshot(vm, 'first');
      const { takenAt } = snapshot;
      const later = new Date(Date.parse(takenAt) + 60_000).toISOString();
      const unproven = ['HYPERVISOR_SNAPSHOT_UNPROVEN', 'never'];
      expect(await failureOf(hypervisor.proveSnapshot(snapshot, later))).toEqual(unproven);
      const other = { ...snapshot, id: '3f333df6-90a4-4fda-8dd3-9485d27cee36' };
      expect(await failureOf(hypervisor.proveSnapshot(other, takenAt))).toEqual(unproven);
      await hypervisor.deleteSnapshot(snapshot);
      expect(await failureOf(hypervisor.proveSnapshot(snapshot, takenAt))).toEqual(unproven);
    });

    it('restores the disk, leaves the VM running, keeps the snapshot, and can do it again', async () => {
      const snapshot = await hypervisor.takeSnapshot(vm, 'first');
      expect((await failureOf(hypervisor.proveRestore(snapshot)))[0]).toBe('HYPERVISOR_RESTORE_UNPROVEN');
      for (const broken of ['broken', 'broken again']) {
        await world.writeDisk(broken);
        await hypervisor.restoreSnapshot(snapshot);
        expect(await world.readDisk()).toBe('before');
        expect(await hypervisor.readPowerState(vm)).toBe('running');
        expect((await hypervisor.proveRestore(snapshot)).snapshot).toEqual(snapshot);
        expect(await hypervisor.findSnapshot(vm, 'first')).toEqual(snapshot);
      }
    });

    it('restores a VM that is powered off, and does not call it restored while it is off', async () => {
      const snapshot = await hypervisor.takeSnapshot(vm, 'first');
      await world.powerOff();
      await hypervisor.restoreSnapshot(snapshot);
      expect(await hypervisor.readPowerState(vm)).toBe('running');
      await world.powerOff();
      expect((await failureOf(hypervisor.proveRestore(snapshot)))[0]).toBe('HYPERVISOR_RESTORE_UNPROVEN');
      await hypervisor.powerOn(vm);
      await hypervisor.powerOn(vm);
      expect((await hypervisor.proveRestore(snapshot)).snapshot).toEqual(snapshot);
    });

    it('proves a snapshot only of the disk that the VM has now', async () => {
      const first = await hypervisor.takeSnapshot(vm, 'first');
      await hypervisor.restoreSnapshot(first);
      expect((await failureOf(hypervisor.proveSnapshot(first, first.takenAt)))[0]).toBe(
        'HYPERVISOR_SNAPSHOT_UNPROVEN',
      );
      const second = await hypervisor.takeSnapshot(vm, 'second');
      expect((await hypervisor.proveSnapshot(second, first.takenAt)).snapshot).toEqual(second);
      await world.writeDisk('broken');
      await hypervisor.restoreSnapshot(second);
      expect(await world.readDisk()).toBe('before');
      expect((await failureOf(hypervisor.proveRestore(first)))[0]).toBe('HYPERVISOR_RESTORE_UNPROVEN');
    });

    it('deletes and restores only a snapshot whose name and id both match', async () => {
      const first = await hypervisor.takeSnapshot(vm, 'first');
      const second = await hypervisor.takeSnapshot(vm, 'second');
      const mixed = { ...first, id: second.id };
      expect((await failureOf(hypervisor.deleteSnapshot(mixed)))[0]).toBe('HYPERVISOR_SNAPSHOT_NOT_OURS');
      expect((await failureOf(hypervisor.restoreSnapshot(mixed)))[0]).toBe('HYPERVISOR_SNAPSHOT_NOT_OURS');
      expect(await hypervisor.findSnapshot(vm, 'first')).toEqual(first);
      await hypervisor.deleteSnapshot(first);
      expect(await hypervisor.findSnapshot(vm, 'first')).toBeUndefined();
      expect(await hypervisor.findSnapshot(vm, 'second')).toEqual(second);
      expect((await failureOf(hypervisor.deleteSnapshot(first)))[0]).toBe('HYPERVISOR_SNAPSHOT_UNKNOWN');
      expect((await failureOf(hypervisor.restoreSnapshot(first)))[0]).toBe('HYPERVISOR_SNAPSHOT_UNKNOWN');
    });

    it('stops when the caller cancels', async () => {
      const reason = new Error('cancelled');
      await expect(hypervisor.takeSnapshot(vm, 'first', AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await hypervisor.findSnapshot(vm, 'first')).toBeUndefined();
    });
  });
}
