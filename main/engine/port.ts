/**
 * A channel of messages to the other process, whatever carries it: the port of an Electron utilityProcess, the IPC pipe
 * of a forked Node, or two ends in one test.
 */
export interface MessagePort<Sent> {
  send(message: Sent): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other side has gone: nothing that is sent will arrive. */
  onClose(listener: () => void): void;
}

/** The part of Electron's parentPort that is used; electron's own types are for the shell alone. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
  on(event: 'close', listener: () => void): void;
}

/** The port to whoever started this process, or undefined when it was started by hand. */
export function openParentPort<Sent>(): MessagePort<Sent> | undefined {
  const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort;
  if (parentPort !== undefined) {
    return {
      send: (message) => parentPort.postMessage(message),
      onMessage: (listener) => parentPort.on('message', (event) => listener(event.data)),
      onClose: (listener) => parentPort.on('close', listener),
    };
  }
  if (process.send === undefined) return undefined;
  return {
    // The callback swallows EPIPE of a parent that has just gone; 'disconnect' tells about it.
    send: (message) => process.connected && process.send?.(message, undefined, {}, () => undefined),
    onMessage: (listener) => void process.on('message', listener),
    onClose: (listener) => void process.on('disconnect', listener),
  };
}
