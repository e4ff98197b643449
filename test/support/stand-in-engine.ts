import type { Reply } from '../../contract/channels.ts';
import { StoreError } from '../../contract/errors.ts';
import type { FromEngine } from '../../main/engine/messages.ts';
import { openParentPort } from '../../main/engine/port.ts';
import { serveEngine } from '../../main/engine/serve.ts';
import type { Keyring } from '../../main/secrets/keyring.ts';

// An engine process with no site behind it: the true protocol over the true port, with answers that a test can foresee.

let sessions = 0;

async function answer(keyring: Keyring, session: number, name: string, input: unknown): Promise<Reply> {
  switch (name) {
    case 'die':
      process.kill(process.pid, 'SIGKILL');
      return new Promise(() => undefined);
    case 'hang':
      return new Promise(() => undefined);
    case 'keyring': {
      if (!(await keyring.isAvailable())) return { ok: true, value: 'none' };
      const wrapped = await keyring.wrap(new TextEncoder().encode('key'));
      const key = await keyring.unwrap(wrapped);
      return { ok: true, value: key === null ? null : new TextDecoder().decode(key) };
    }
    default:
      return { ok: true, value: { session, name, input } };
  }
}

const port = openParentPort<FromEngine>();
if (port === undefined) throw new Error('started without a parent');

serveEngine(port, async (keyring) => {
  if (process.env['STAND_IN'] === 'refuse') throw new Error('this site does not open');
  if (process.env['STAND_IN'] === 'busy') {
    throw new StoreError('ENGINE_BUSY', 'Somebody else holds this site.', { retry: 'same' });
  }
  return {
    openSession: () => (sessions += 1),
    invoke: (session: number, name: string, input: unknown) => answer(keyring, session, name, input),
    subscribe: () => () => undefined,
    close: () => Promise.resolve(),
  };
}).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(String(error));
    process.exit(70);
  },
);
