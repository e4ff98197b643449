import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A way into the lab's network from outside, as a port on loopback. */
export interface LabRelay {
  readonly address: string;
  readonly port: number;
  /** Cuts every connection. */
  drop(): Promise<void>;
  close(): Promise<void>;
}

/** @param netnsFile network namespace from which the connections go on to `to` */
export async function openLabRelay(
  netnsFile: string,
  to: { readonly address: string; readonly port: number },
): Promise<LabRelay> {
  const script = fileURLToPath(new URL('lab-relay-process.ts', import.meta.url));
  const child = spawn(
    'nsenter',
    [`--net=${netnsFile}`, '--', process.execPath, script, to.address, String(to.port)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const answer = async (expected: string) => {
    for (;;) {
      const [message] = (await once(child, 'message')) as [unknown];
      if (message === expected) return;
    }
  };
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { address, port } = server.address() as AddressInfo;
  const listening = answer('listen done');
  child.send('listen', server);
  await listening;
  // The child holds the socket now; here it would take connections too.
  server.close();
  return {
    address,
    port,
    drop: async () => {
      const dropped = answer('drop done');
      child.send('drop');
      await dropped;
    },
    close: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
