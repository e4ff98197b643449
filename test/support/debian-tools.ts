import { ensureDebianPackages } from '../setup/debian-packages.ts';
import { SetupError } from '../setup/say.ts';

/**
 * Has Debian's programs for tests that hold ours against them, installing what is missing where that can be.
 *
 * @returns why the tests can't run, for their names, or `null`
 */
export function reasonWithoutTools(packages: readonly string[]): string | null {
  try {
    ensureDebianPackages('tests', packages);
    return null;
  } catch (error) {
    if (error instanceof SetupError) return `this machine lacks ${packages.join(', ')}`;
    throw error;
  }
}

/** What a suite's name ends with when it is skipped. */
export const skipNote = (reason: string | null): string => (reason === null ? '' : ` [skipped: ${reason}]`);
