import { test } from 'vitest';
import { openSimulatedLab } from '../lab/demo/simulated-demo-lab.ts';
import { describeTwoSides } from '../suites/two-sides.suite.ts';
import { reasonAgainstChromium } from '../support/chromium.ts';
import { decideInBrowser, decideInWorkspace } from './customers.ts';

const PATIENCE_MS = 180_000;
const openLab = (folder: string) => openSimulatedLab(folder, () => undefined);
const reason = reasonAgainstChromium();

describeTwoSides({
  ...{ customer: 'a customer in the Review workspace', openLab, decide: decideInWorkspace },
  patienceMs: PATIENCE_MS,
});

if (reason === undefined) {
  describeTwoSides({
    ...{ customer: 'a customer with the page in Chromium', openLab, decide: decideInBrowser },
    patienceMs: PATIENCE_MS,
  });
} else {
  test.skip(`a month from both sides, with the page in a browser [skipped: ${reason}]`);
}
