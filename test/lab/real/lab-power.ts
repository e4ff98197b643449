/**
 * Power switch of the lab host: `lab-power start|stop|status NAME`. Runs on the lab host, usually through its SSH.
 * Exit codes: 0 done, or status printed (`running` or `stopped`); otherwise those of the lab.
 */
import { LAB_EXIT_CODES, LabError } from './lab-error.ts';
import { labLayout } from './layout.ts';
import { machineStatus, startMachine, stopMachine } from './machine-power.ts';

async function switchPower(verb: string | undefined, vm: string | undefined): Promise<void> {
  const layout = labLayout();
  if (vm === undefined) throw new LabError('LAB_USAGE', 'usage: lab-power start|stop|status NAME');
  switch (verb) {
    case 'start':
      return startMachine(layout, vm);
    case 'stop':
      return stopMachine(layout, vm);
    case 'status':
      process.stdout.write(`${machineStatus(vm)}\n`);
      return;
    default:
      throw new LabError('LAB_USAGE', 'usage: lab-power start|stop|status NAME');
  }
}

try {
  await switchPower(process.argv[2], process.argv[3]);
} catch (error) {
  if (!(error instanceof LabError)) throw error;
  process.stderr.write(`lab-power: ${error.message}\n`);
  process.exitCode = LAB_EXIT_CODES[error.code];
}
