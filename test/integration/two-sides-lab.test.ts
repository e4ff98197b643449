import { test } from 'vitest';
import { decideInWorkspace } from '../e2e/customers.ts';
import type { DemoLab } from '../lab/demo/demo-lab.ts';
import { openRealLab } from '../lab/demo/real-demo-lab.ts';
import { readSite } from '../lab/real/site.ts';
import { hasDisplay } from '../setup/display.ts';
import { describeTwoSides } from '../suites/two-sides.suite.ts';
import { openLabRelay } from '../support/lab-relay.ts';
import { findLab } from '../support/lab-targets.ts';

const lab = findLab();
/** The demo patches it as well; two endpoints show here what there is to show, in less time. */
const LEFT_OUT = 'db-1';
const reason = 'reason' in lab ? lab.reason : hasDisplay() ? undefined : 'there is no display';

if (reason === undefined) {
  describeTwoSides({
    customer: 'a customer in the Review workspace, on real endpoints',
    openLab: openWithRelays,
    decide: decideInWorkspace,
    patienceMs: 900_000,
  });
} else {
  test.skip(`a month from both sides on real endpoints [skipped: ${reason}]`);
}

/** The lab that is up, each of its machines reached through a port on loopback: the window is outside of the lab's network. */
async function openWithRelays(folder: string): Promise<DemoLab> {
  const real = await openRealLab(folder, true, () => undefined);
  const { netnsFile } = readSite().controller;
  const endpoints = real.endpoints.filter(({ name }) => name !== LEFT_OUT);
  const relays = await Promise.all(
    [...endpoints, real.host].map((machine) => openLabRelay(netnsFile, machine)),
  );
  const through = <T extends object>(machine: T, index: number): T & { address: string; port: number } => {
    const relay = relays[index];
    if (relay === undefined) throw new Error('a machine has no relay');
    return { ...machine, address: relay.address, port: relay.port };
  };
  return {
    ...real,
    endpoints: endpoints.map(through),
    host: through(real.host, endpoints.length),
    close: async () => {
      for (const relay of relays) await relay.close();
      await real.close();
    },
  };
}
