import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineOptions } from '../../../main/app/compose.ts';
import { parseNeedsList } from '../../../main/core/needs-list.ts';
import {
  openSite,
  prepareSite,
  type NewEndpoint,
  type OpenSite,
  type SiteSpec,
} from '../../support/prepared-site.ts';
import { SELFTEST } from './checks.ts';
import { EmbeddedLab, USER, type LabEndpoint } from './embedded-lab.ts';
import { DISKS_ROOT, POWER_COMMAND, SNAPSHOTS_ROOT } from './hypervisor-host.ts';
import type { Speed } from './machine.ts';
import { packMedia } from './media.ts';

/** What the product is told of the simulated lab. */
export function describeSite(
  lab: EmbeddedLab,
  folder: string,
  now: () => string = () => new Date().toISOString(),
): SiteSpec {
  return {
    name: 'Simulated site',
    simulated: true,
    hypervisor: {
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
    },
    endpoints: lab.endpoints.map(describeEndpoint),
    collect: (file) => {
      const needs = parseNeedsList(readFileSync(file, 'utf8'));
      return packMedia({ vendor: lab.vendor, needs, folder, now: now() });
    },
  };
}

function describeEndpoint({ name, group, front, login, sudo }: LabEndpoint): NewEndpoint {
  return {
    name,
    group,
    address: front.server.address,
    port: front.server.port,
    user: USER,
    login,
    sudo,
    hostKey: front.hostKey.fingerprint,
    vm: name,
    healthChecks: [{ name: 'orders', argv: [SELFTEST], timeoutMs: 10_000 }],
  };
}

/** A prepared site over the simulated lab. Each test opens a copy of it and finds the lab as it was at first. */
export class SimulatedSite {
  readonly lab: EmbeddedLab;
  readonly folder: string;
  readonly #prepared: string;
  #copies = 0;

  private constructor(lab: EmbeddedLab, folder: string, prepared: string) {
    this.lab = lab;
    this.folder = folder;
    this.#prepared = prepared;
  }

  static async prepare(options: {
    readonly endpoints: number;
    readonly speed?: Speed;
    /** The clock of the site until it is opened; the true one when absent. */
    readonly now?: () => string;
  }): Promise<SimulatedSite> {
    const lab = await EmbeddedLab.start(options);
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-simulated-'));
    const site = new SimulatedSite(lab, folder, join(folder, 'site'));
    try {
      const { now } = options;
      const clock = now === undefined ? {} : { now };
      await prepareSite(describeSite(lab, folder, now), site.#prepared, folder, clock);
      return site;
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** Data folder of a copy of the site; the lab is put back to where it was. */
  copy(): string {
    this.lab.reset();
    this.#copies += 1;
    const dataDir = join(this.folder, `copy-${String(this.#copies)}`);
    cpSync(this.#prepared, dataDir, { recursive: true });
    return dataDir;
  }

  /** Opens a copy of the site with both persons signed in. */
  async open(options: Partial<EngineOptions> = {}): Promise<OpenSite> {
    return openSite(this.copy(), options);
  }

  async close(): Promise<void> {
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
