import { openEngine } from '../app/compose.ts';
import type { FromEngine } from './messages.ts';
import { openParentPort } from './port.ts';
import { serveEngine } from './serve.ts';

// The entry of the engine process: all work, all state. Started by the desktop shell and by nobody else.
const port = openParentPort<FromEngine>();
const dataDir = process.env['SALLYPORT_DATA'];

if (port === undefined || dataDir === undefined) {
  process.stderr.write('The engine is started by the desktop shell. On the command line use `sallyport`.\n');
  process.exit(2);
}

// Ctrl+C in a terminal reaches every process of the group; the shell closes the engine in order.
process.on('SIGINT', () => undefined);

serveEngine(port, (keyring) => openEngine({ dataDir, keyring, lease: 'hold' })).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `engine: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(70);
  },
);
