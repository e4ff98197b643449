import { requireOnMachine } from '../real/machine.ts';
import type { LabLayout } from '../real/layout.ts';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const RETIRED = '/usr/share/keyrings/debian-archive-removed-keys.gpg';
const ASIDE = '/var/tmp/lab-debian-archive-keyring.gpg';

/** Puts Debian's retired keys where a machine's apt looks for those in use: nothing that Debian signs today holds then. */
export async function takeVendorKeys(layout: LabLayout, vm: string): Promise<void> {
  await requireOnMachine(layout, vm, ['mv', KEYRING, ASIDE]);
  await requireOnMachine(layout, vm, ['cp', RETIRED, KEYRING]);
}

export async function giveVendorKeys(layout: LabLayout, vm: string): Promise<void> {
  await requireOnMachine(layout, vm, ['mv', ASIDE, KEYRING]);
}
