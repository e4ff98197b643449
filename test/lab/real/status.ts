import { existsSync } from 'node:fs';
import { runCommand } from './command.ts';
import { FLEET } from './fleet.ts';
import { findHostPid, listLoopDevices, onHost } from './host.ts';
import type { LabLayout } from './layout.ts';
import { listNetworks } from './network.ts';
import { sshAnswers } from './power.ts';

/** What is there of the lab, by what the kernel shows and not by what was written down. */
export type LabStatus = {
  readonly up: boolean;
  readonly lab: string;
  readonly siteFile: string | null;
  readonly cacheDir: string;
  readonly hostRunning: boolean;
  readonly networks: readonly string[];
  readonly loopDevices: readonly string[];
  readonly machines: readonly {
    readonly name: string;
    readonly power: 'running' | 'stopped';
    readonly ssh: boolean;
  }[];
  /** True when nothing of the lab is left but its cache. */
  readonly clean: boolean;
};

const VMS = FLEET.map(({ name }) => name);

/** Tells what is there of the lab, without changing anything. */
export async function labStatus(layout: LabLayout): Promise<LabStatus> {
  const hostRunning = findHostPid(layout) !== undefined;
  const [networks, loopDevices] = await Promise.all([listNetworks(layout, VMS), listLoopDevices(layout)]);
  const siteFile = existsSync(layout.siteFile) ? layout.siteFile : null;
  const machines = hostRunning
    ? await Promise.all(
        FLEET.map(async ({ name, address }) => ({
          name,
          power: await powerOf(layout, name),
          ssh: await sshAnswers(layout, address, 0),
        })),
      )
    : [];
  const clean =
    !hostRunning && networks.length === 0 && loopDevices.length === 0 && !existsSync(layout.runDir);
  const up = hostRunning && siteFile !== null && networks.length === FLEET.length + 2;
  return {
    up,
    lab: layout.name,
    siteFile,
    cacheDir: layout.cacheDir,
    hostRunning,
    networks,
    loopDevices,
    machines,
    clean,
  };
}

async function powerOf(layout: LabLayout, vm: string): Promise<'running' | 'stopped'> {
  const said = await runCommand(onHost(layout, [`${layout.runDir}/bin/lab-power`, 'status', vm]));
  return said.stdout.trim() === 'running' ? 'running' : 'stopped';
}
