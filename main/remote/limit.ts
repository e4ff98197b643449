import type { RemoteSession, RemoteShell, RemoteTarget } from './remote-shell.ts';
import { Semaphore } from './semaphore.ts';

/** Keeps at most `sessions` sessions open at once; whoever comes later waits, in order, until one closes. */
export function withLimit(shell: RemoteShell, sessions: number): RemoteShell {
  const places = new Semaphore(sessions);
  return {
    connect: async (target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession> => {
      const release = await places.acquire(signal);
      try {
        const session = await shell.connect(target, signal);
        void session.closed.then(release);
        return session;
      } catch (error) {
        release();
        throw error;
      }
    },
    readHostKey: async (address: string, port: number, signal?: AbortSignal): Promise<string> => {
      const release = await places.acquire(signal);
      try {
        return await shell.readHostKey(address, port, signal);
      } finally {
        release();
      }
    },
  };
}
