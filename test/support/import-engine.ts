import { openEngine } from '../../main/app/compose.ts';
import { ImportStore } from '../../main/catalogue/import-store.ts';
import type { ImportRecord } from '../../main/core/bundle/import-record.ts';
import { PERSONS, QUICK } from '../lab/embedded/persons.ts';
import { Caller } from './caller.ts';
import { SITE_NOW } from './test-site.ts';

/*
 * A child process of the crash tests: imports a bundle through the engine and kills itself around the one commit of it. argv: data
 * folder, media, and where: `before` it, `within` it once somebody is told, or `after` it.
 */

const [dataDir = '', folder = '', where = ''] = process.argv.slice(2);
const die = (): void => {
  process.kill(process.pid, 'SIGKILL');
};

const commit = Object.getOwnPropertyDescriptor(ImportStore.prototype, 'commitImport')?.value as (
  this: ImportStore,
  record: ImportRecord,
  alongside?: () => void,
) => void;
ImportStore.prototype.commitImport = function (record, alongside): void {
  if (where === 'before') die();
  commit.call(this, record, alongside);
  if (where === 'after') die();
};

const engine = await openEngine({ ...QUICK, dataDir, lease: 'hold', now: () => SITE_NOW });
engine.subscribe((topic) => {
  if (where === 'within' && topic.kind === 'changed' && topic.area === 'notices') die();
});
const engineer = new Caller(engine);
const { name, passphrase } = PERSONS.engineer;
await engineer.call('session.signIn', { person: name, passphrase });
await engineer.finish(await engineer.call('bundles.import', { folder }));
await engine.close();
