import { ContractError } from '../../contract/errors.ts';

/** The command line itself was wrong: exit code 2. */
export function usageError(message: string, hint?: string): ContractError {
  return new ContractError('CONTRACT_INPUT_INVALID', message, hint === undefined ? {} : { hint });
}
