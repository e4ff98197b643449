import { CodedError, type ErrorCode } from '../../contract/errors.ts';

/** The code that a call fails with; any other failure, or none, fails the test. */
export function codeOf(call: () => unknown): ErrorCode {
  try {
    call();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** What a promise is rejected with, which must be a coded error. */
export async function codedFailure(promise: Promise<unknown>): Promise<CodedError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CodedError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
