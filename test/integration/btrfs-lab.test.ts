import { it } from 'vitest';
import { BtrfsHypervisor } from '../../main/hypervisor/btrfs/btrfs-hypervisor.ts';
import { SshShell } from '../../main/remote/ssh/ssh-shell.ts';
import type { LabSite } from '../lab/real/site.ts';
import { describeHypervisor } from '../suites/hypervisor.suite.ts';
import { openLabRelay } from '../support/lab-relay.ts';
import { findLab, hostTarget } from '../support/lab-targets.ts';

const lab = findLab();

if ('reason' in lab) {
  it.skip(`btrfs on the host of the real lab [skipped: ${lab.reason}]`);
} else {
  describeHypervisor('btrfs on the host of the lab', () => openWorld(lab.site));
}

/** The last endpoint of the lab. What the tests leave of it is its own disk, restored. */
async function openWorld(site: LabSite) {
  const vm = site.endpoints.at(-1)?.vm ?? '';
  const relay = await openLabRelay(site.controller.netnsFile, site.host);
  const target = { ...hostTarget(site), address: relay.address, port: relay.port };
  const shell = new SshShell();
  const session = await shell.connect(target);
  const file = `${site.host.disksRoot}/${vm}/root/sallyport-conformance`;
  const run = async (argv: readonly string[], stdin = '') => {
    const result = await session.run({ argv, stdin, asRoot: true });
    if (result.exitCode !== 0) throw new Error(`${argv.join(' ')}: ${result.stderr}`);
    return result.stdout;
  };
  return {
    hypervisor: new BtrfsHypervisor(shell, target, site.host),
    vm,
    readDisk: () => run(['cat', file]),
    writeDisk: async (content: string) => {
      await run(['tee', file], content);
    },
    powerOff: async () => {
      await run([site.host.powerCommand, 'stop', vm]);
    },
    close: async () => {
      await run([site.host.powerCommand, 'start', vm]);
      await run(['rm', '-f', file]);
      await session.close();
      await relay.close();
    },
  };
}
