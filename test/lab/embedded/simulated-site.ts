import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddEndpoint } from '../../../contract/endpoints.ts';
import type { z } from 'zod';
import { openEngine, type Engine, type EngineOptions } from '../../../main/app/compose.ts';
import { parseNeedsList } from '../../../main/core/needs-list.ts';
import { Caller } from '../../support/caller.ts';
import { SELFTEST } from './checks.ts';
import { EmbeddedLab, USER, type LabEndpoint } from './embedded-lab.ts';
import { DISKS_ROOT, POWER_COMMAND, SNAPSHOTS_ROOT } from './hypervisor-host.ts';
import type { Speed } from './machine.ts';
import { packMedia, type Media } from './media.ts';
import { PERSONS, QUICK } from './persons.ts';

export type EndpointWish = Partial<Pick<z.input<typeof AddEndpoint>, 'snapshotMode' | 'restoreOnFailure' | 'rebootPolicy'>>;

/** Two persons signed in at one engine. */
export interface OpenSite {
  readonly engine: Engine;
  readonly dataDir: string;
  readonly engineer: Caller;
  readonly approver: Caller;
  /** Ids by name of the endpoint. */
  readonly ids: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/**
 * A site over the simulated lab that has gone all the way to its findings: persons, hypervisor, endpoints with pinned keys,
 * first scan, needs-list, media, import, assessment. It is closed then: each test opens a copy of it.
 */
export class SimulatedSite {
  readonly lab: EmbeddedLab;
  readonly media: Media;
  readonly folder: string;
  readonly #prepared: string;
  #copies = 0;

  private constructor(lab: EmbeddedLab, media: Media, folder: string, prepared: string) {
    this.lab = lab;
    this.media = media;
    this.folder = folder;
    this.#prepared = prepared;
  }

  static async prepare(options: {
    readonly endpoints: number;
    readonly speed?: Speed;
    readonly wishes?: Readonly<Record<string, EndpointWish>>;
    /** Default: a temporary one. */
    readonly folder?: string;
    readonly engine?: Pick<EngineOptions, 'kdfCost'>;
  }): Promise<SimulatedSite> {
    const lab = await EmbeddedLab.start(options);
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sallyport-simulated-'));
    const prepared = join(folder, 'site');
    const engine = await openEngine({ dataDir: prepared, lease: 'hold', ...QUICK, ...options.engine });
    try {
      const engineer = new Caller(engine);
      const media = await prepareSite(engineer, lab, folder, options.wishes ?? {});
      return new SimulatedSite(lab, media, folder, prepared);
    } catch (error) {
      await lab.close();
      throw error;
    } finally {
      await engine.close();
    }
  }

  /** The site as it was prepared. */
  get dataDir(): string {
    return this.#prepared;
  }

  /** A copy of the prepared site, and the lab put back to where it was. */
  copy(): string {
    this.lab.reset();
    this.#copies += 1;
    const dataDir = join(this.folder, `copy-${String(this.#copies)}`);
    cpSync(this.#prepared, dataDir, { recursive: true });
    return dataDir;
  }

  /** Opens a copy with both persons signed in. */
  async open(options: Partial<EngineOptions> = {}): Promise<OpenSite> {
    const dataDir = options.dataDir ?? this.copy();
    const engine = await openEngine({ lease: 'hold', ...QUICK, ...options, dataDir });
    const [engineer, approver] = await signInBoth(engine);
    const endpoints = await engineer.call('endpoints.list', {});
    return {
      engine,
      dataDir,
      engineer,
      approver,
      ids: new Map(endpoints.map((item) => [item.name, item.id])),
      close: async () => {
        await engine.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }

  async close(): Promise<void> {
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function signInBoth(engine: Engine): Promise<[engineer: Caller, approver: Caller]> {
  const sign = async ({ name, passphrase }: { name: string; passphrase: string }): Promise<Caller> => {
    const caller = new Caller(engine);
    await caller.call('session.signIn', { person: name, passphrase });
    return caller;
  };
  return [await sign(PERSONS.engineer), await sign(PERSONS.approver)];
}

async function prepareSite(
  engineer: Caller,
  lab: EmbeddedLab,
  folder: string,
  wishes: Readonly<Record<string, EndpointWish>>,
): Promise<Media> {
  await engineer.call('site.create', {
    name: 'Simulated site',
    person: { ...PERSONS.engineer, roles: ['engineer'] },
    simulated: true,
  });
  await engineer.call('persons.add', { ...PERSONS.approver, roles: ['approver'] });
  const hypervisor = await engineer.call('hypervisors.add', {
    name: 'simulated-host',
    kind: 'btrfs',
    address: lab.hostServer.address,
    port: lab.hostServer.port,
    user: 'root',
    login: lab.hostLogin,
    sudo: { kind: 'root' },
    hostKey: lab.hostKey.fingerprint,
    disksRoot: DISKS_ROOT,
    snapshotsRoot: SNAPSHOTS_ROOT,
    powerCommand: POWER_COMMAND,
  });
  for (const endpoint of lab.endpoints)
    await engineer.call('endpoints.add', describeEndpoint(endpoint, hypervisor.id, wishes[endpoint.name] ?? {}));
  const scanned = await engineer.finish(await engineer.call('endpoints.scan', {}));
  if ((scanned['failed'] as readonly unknown[]).length > 0)
    throw new Error(`the simulated lab can't be scanned: ${JSON.stringify(scanned['failed'])} ${lab.unexpected().join()}`);
  const file = join(folder, 'needs-list.json');
  await engineer.call('needsList.export', { file });
  const needs = parseNeedsList(readFileSync(file, 'utf8'));
  const media = await packMedia({ vendor: lab.vendor, needs, folder, now: new Date().toISOString() });
  await engineer.call('trust.pinRoot', { folder: media.folder, fingerprint: media.fingerprint });
  await engineer.finish(await engineer.call('bundles.import', { folder: media.folder }));
  return media;
}

function describeEndpoint(
  { name, group, front, login, sudo }: LabEndpoint,
  hypervisorId: string,
  wish: EndpointWish,
): z.input<typeof AddEndpoint> {
  return {
    name,
    group,
    address: front.server.address,
    port: front.server.port,
    user: USER,
    login: { ...login },
    sudo: { ...sudo },
    hostKey: front.hostKey.fingerprint,
    hypervisorId,
    vm: name,
    healthChecks: [{ name: 'orders', argv: [SELFTEST], timeoutMs: 10_000 }],
    ...wish,
  };
}
