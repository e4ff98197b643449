import { join } from 'node:path';
import type { z } from 'zod';
import type { AddEndpoint, AddHypervisor } from '../../contract/endpoints.ts';
import { openEngine, type Engine, type EngineOptions } from '../../main/app/compose.ts';
import { addPerson, Caller } from './caller.ts';
import { PERSONS, QUICK } from '../lab/embedded/persons.ts';

export type NewEndpoint = Omit<z.input<typeof AddEndpoint>, 'hypervisorId'>;

/** What a site of the tests is made of. */
export interface SiteSpec {
  readonly name: string;
  readonly simulated: boolean;
  readonly hypervisor: z.input<typeof AddHypervisor>;
  readonly endpoints: readonly NewEndpoint[];
  /** The connected side: media for a needs-list. */
  collect(needsFile: string): Promise<{ readonly folder: string; readonly fingerprint: string }>;
}

/** Two persons signed in at one engine. */
export interface OpenSite {
  readonly engine: Engine;
  readonly dataDir: string;
  readonly engineer: Caller;
  readonly approver: Caller;
  /** Ids by name of the endpoint. */
  readonly ids: ReadonlyMap<string, string>;
}

/**
 * Makes a site and goes all the way to its findings: persons, hypervisor, endpoints with pinned keys, first scan, needs-list,
 * media, import. It is closed again then, so that tests can open copies of it.
 *
 * @param folder for the needs-list
 */
export async function prepareSite(
  spec: SiteSpec,
  dataDir: string,
  folder: string,
  options: Partial<EngineOptions> = {},
): Promise<void> {
  const engine = await openEngine({ lease: 'hold', ...QUICK, ...options, dataDir });
  try {
    const engineer = new Caller(engine);
    await engineer.call('site.create', {
      name: spec.name,
      person: { ...PERSONS.engineer, roles: ['engineer'] },
      simulated: spec.simulated,
    });
    await addPerson(engine, engineer, { ...PERSONS.approver, roles: ['approver'] });
    const { id: hypervisorId } = await engineer.call('hypervisors.add', spec.hypervisor);
    for (const endpoint of spec.endpoints)
      await engineer.call('endpoints.add', { ...endpoint, hypervisorId });
    const { failed } = await engineer.finish(await engineer.call('endpoints.scan', {}));
    if (!Array.isArray(failed) || failed.length > 0)
      throw new Error(`the endpoints can't be scanned: ${JSON.stringify(failed)}`);
    const file = join(folder, 'needs-list.json');
    await engineer.call('needsList.export', { file });
    const media = await spec.collect(file);
    await engineer.call('trust.pinRoot', { folder: media.folder, fingerprint: media.fingerprint });
    await engineer.finish(await engineer.call('bundles.import', { folder: media.folder }));
  } finally {
    await engine.close();
  }
}

/** Opens a prepared site with both persons signed in. */
export async function openSite(dataDir: string, options: Partial<EngineOptions> = {}): Promise<OpenSite> {
  const engine = await openEngine({ lease: 'hold', ...QUICK, ...options, dataDir });
  const sign = async ({ name, passphrase }: { name: string; passphrase: string }): Promise<Caller> => {
    const caller = new Caller(engine);
    await caller.call('session.signIn', { person: name, passphrase });
    return caller;
  };
  const engineer = await sign(PERSONS.engineer);
  const approver = await sign(PERSONS.approver);
  const endpoints = await engineer.call('endpoints.list', {});
  return { engine, dataDir, engineer, approver, ids: new Map(endpoints.map((item) => [item.name, item.id])) };
}
