/**
 * Runs inside a network namespace of the lab and takes connections from a listening socket that its parent opened
 * outside: a socket stays in the namespace where it was made. Arguments: address and port to go on to.
 */
import { connect } from 'node:net';
import type { Server, Socket } from 'node:net';

const [address = '', port = ''] = process.argv.slice(2);
const sockets = new Set<Socket>();

function joinSockets(near: Socket): void {
  const far = connect({ host: address, port: Number(port) });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    sockets.add(one);
    one.setNoDelay(true);
    one.pipe(other);
    one.on('error', () => other.destroy());
    one.on('close', () => {
      sockets.delete(one);
      other.destroy();
    });
  }
}

process.on('message', (message, handle) => {
  if (message === 'listen') (handle as Server).on('connection', joinSockets);
  if (message === 'drop') for (const socket of sockets) socket.destroy();
  process.send?.(`${String(message)} done`);
});
process.on('disconnect', () => process.exit(0));
