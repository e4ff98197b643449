import { isIP } from 'node:net';
import { TransportError } from '../../contract/errors.ts';
import type { RemoteSession, RemoteShell, RemoteTarget } from './remote-shell.ts';

/**
 * Refuses every address that the inventory does not hold, before the shell inside is called at all. A host name is
 * refused too: finding its address would ask a name server, which is not in the inventory.
 */
export function withAllowList(
  shell: RemoteShell,
  isInInventory: (address: string, port: number) => boolean,
): RemoteShell {
  const assertKnown = (name: string, address: string, port: number) => {
    if (isIP(address) !== 0 && isInInventory(address, port)) return;
    throw new TransportError(
      'TRANSPORT_ADDRESS_NOT_IN_INVENTORY',
      `${name}: ${address}:${String(port)} is not in the inventory; no connection was made`,
      {
        hint: 'Add the endpoint or hypervisor with its IP address and port first.',
        subject: { endpoint: name, address, port: String(port) },
      },
    );
  };
  return {
    connect: async (target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession> => {
      assertKnown(target.name, target.address, target.port);
      return shell.connect(target, signal);
    },
    readHostKey: async (address: string, port: number, signal?: AbortSignal): Promise<string> => {
      assertKnown(address, address, port);
      return shell.readHostKey(address, port, signal);
    },
  };
}
