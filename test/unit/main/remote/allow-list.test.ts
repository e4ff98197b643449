import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withAllowList } from '../../../../main/remote/allow-list.ts';
import type { RemoteShell, RemoteTarget } from '../../../../main/remote/remote-shell.ts';
import { failureOf } from '../../../suites/remote-shell.suite.ts';

const TARGET: RemoteTarget = {
  name: 'one',
  address: '192.0.2.1',
  port: 22,
  user: 'ops',
  hostKey: null,
  login: { kind: 'password', password: 'x' },
  sudo: { kind: 'root' },
};

/** A shell that only notes that it was called: what it notes would have been packets. */
function countCalls() {
  const calls: string[] = [];
  const reach = (address: string, port: number) => {
    calls.push(`${address} ${String(port)}`);
    return Promise.reject(new Error('reached'));
  };
  const shell: RemoteShell = {
    connect: (target) => reach(target.address, target.port),
    readHostKey: reach,
  };
  return { shell, calls };
}

describe('the allow-list', () => {
  it('lets through exactly the addresses and ports of the inventory, and touches the shell for no other', async () => {
    const place = fc.record({
      address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain(), fc.string()),
      port: fc.integer({ min: 1, max: 65_535 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ address: fc.ipV4(), port: fc.constant(22) })),
        place,
        async (inventory, other) => {
          const holds = (address: string, port: number) =>
            inventory.some((one) => one.address === address && one.port === port);
          const { shell, calls } = countCalls();
          const guarded = withAllowList(shell, holds);
          for (const { address, port } of inventory) {
            await expect(guarded.connect({ ...TARGET, address, port })).rejects.toThrow('reached');
            await expect(guarded.readHostKey(address, port)).rejects.toThrow('reached');
          }
          expect(calls).toHaveLength(2 * inventory.length);
          if (holds(other.address, other.port)) return;
          const refused = ['TRANSPORT_ADDRESS_NOT_IN_INVENTORY', 'never'];
          expect(await failureOf(guarded.connect({ ...TARGET, ...other }))).toEqual(refused);
          expect(await failureOf(guarded.readHostKey(other.address, other.port))).toEqual(refused);
          expect(calls).toHaveLength(2 * inventory.length);
        },
      ),
    );
  });

  it('refuses a host name even when the inventory would hold it: looking it up would ask a name server', async () => {
    const { shell, calls } = countCalls();
    const guarded = withAllowList(shell, () => true);
    for (const address of ['localhost', 'endpoint.example', '192.0.2.1.example', '0x7f.1', '']) {
      expect(await failureOf(guarded.connect({ ...TARGET, address }))).toEqual([
        'TRANSPORT_ADDRESS_NOT_IN_INVENTORY',
        'never',
      ]);
    }
    expect(calls).toEqual([]);
  });
});
