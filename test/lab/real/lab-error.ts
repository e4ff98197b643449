/** What can go wrong with the lab itself. The number is the exit code of `npm run lab`. */
export const LAB_EXIT_CODES = {
  LAB_FAILED: 1,
  LAB_USAGE: 2,
  LAB_RIGHTS_MISSING: 3,
  LAB_PACKAGES_MISSING: 4,
  LAB_KERNEL_UNFIT: 5,
  LAB_NOT_UP: 6,
  LAB_BUSY: 7,
} as const;

export type LabErrorCode = keyof typeof LAB_EXIT_CODES;

/** A failure of the lab, with a code that tests and scripts look at; the message is for people. */
export class LabError extends Error {
  readonly code: LabErrorCode;

  constructor(code: LabErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LabError';
    this.code = code;
  }
}
