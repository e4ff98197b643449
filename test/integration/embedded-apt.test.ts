import { afterAll, beforeAll } from 'vitest';
import { openSimulatedAptWorld } from '../lab/embedded/apt-world.ts';
import { EmbeddedLab } from '../lab/embedded/embedded-lab.ts';
import { describePatchDriver } from '../suites/patch-driver.suite.ts';

let lab: EmbeddedLab | undefined;
beforeAll(async () => {
  lab = await EmbeddedLab.start({ endpoints: 1 });
});
afterAll(async () => {
  await lab?.close();
});

describePatchDriver('the apt driver on a simulated endpoint', () => {
  if (lab === undefined) throw new Error('the lab is not up');
  return Promise.resolve(openSimulatedAptWorld(lab));
});
