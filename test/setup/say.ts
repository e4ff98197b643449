/** Exit code of every "this machine lacks something that could not be installed" (EX_UNAVAILABLE of sysexits.h). */
export const EXIT_UNAVAILABLE = 69;

/** One line of progress for a person, on stderr: stdout belongs to the result of the task. */
export function say(text: string): void {
  process.stderr.write(`sallyport: ${text}\n`);
}

/** A machine lacks something and the launcher cannot put it there: says what and the exact remedy. */
export class SetupError extends Error {
  override name = 'SetupError';
}
