import { runCommand, waitFor } from './command.ts';
import { requireOnHost } from './host.ts';
import { LabError } from './lab-error.ts';
import type { LabLayout } from './layout.ts';
import { inController } from './site.ts';

/** Runs the lab host's own power switch. */
export async function switchPower(
  layout: LabLayout,
  verb: 'start' | 'stop' | 'status',
  vm: string,
): Promise<string> {
  const said = await requireOnHost(layout, [`${layout.runDir}/bin/lab-power`, verb, vm]);
  return said.trim();
}

/** Powers a machine on and returns when its SSH server answers. */
export async function powerOnAndWait(layout: LabLayout, vm: string, address: string): Promise<void> {
  await switchPower(layout, 'start', vm);
  if (!(await sshAnswers(layout, address, 180_000))) {
    throw new LabError('LAB_FAILED', `${vm} runs, but its SSH server does not answer on ${address}`);
  }
}

/** Whether an SSH server answers at an address of the lab, asked from the controller, within `forMs`. */
export async function sshAnswers(layout: LabLayout, address: string, forMs: number): Promise<boolean> {
  const probe = ['ssh-keyscan', '-t', 'ed25519', '-T', '3', address];
  const found = await waitFor(
    async () =>
      (await runCommand(inController(probe, layout))).stdout.includes('ssh-ed25519') ? true : undefined,
    { forMs, everyMs: 100 },
  );
  return found === true;
}
