import { HypervisorError } from '../../contract/errors.ts';

/** Names of VMs and snapshots become parts of paths and arguments: no slash, no leading dot or dash, bounded. */
const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

export function assertSafeNames(...names: readonly string[]): void {
  for (const name of names) {
    if (SAFE_NAME.test(name)) continue;
    throw new HypervisorError('HYPERVISOR_NAME_UNSAFE', `${JSON.stringify(name)} can't be a name here`, {
      hint: 'Names have 1 to 80 letters, digits, dots, dashes and underscores, and begin with a letter or digit.',
    });
  }
}
