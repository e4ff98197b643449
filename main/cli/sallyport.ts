import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// In a checkout Node takes the types out of every file at every start; its compile cache halves that. The cache lies in
// the checkout, never in a shared temporary folder, where somebody else could put code of theirs.
if (import.meta.filename.endsWith('.ts')) {
  enableCompileCache(join(import.meta.dirname, '..', '..', '.cache', 'compile'));
}

const [{ ENGINE_VERSION }, { COMMANDS }, { runSallyport }, { makeNodeWorld }] = await Promise.all([
  import('../app/version.ts'),
  import('./commands.ts'),
  import('./main.ts'),
  import('./node-world.ts'),
]);

// The engine is loaded only by a command that needs it: `--help` and wrong use answer at once.
const world = makeNodeWorld(async (dataDir) => {
  const { openEngine } = await import('../app/compose.ts');
  return await openEngine({ dataDir });
});

// stdout has been written out when this resolves; a timer or a socket that somebody left open must not hold the process.
process.exit(await runSallyport(process.argv.slice(2), COMMANDS, ENGINE_VERSION, world));
