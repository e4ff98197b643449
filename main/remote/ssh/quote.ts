/** Characters that no POSIX shell, nor csh or fish, gives a meaning to anywhere in a word. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/**
 * Quotes one argument so that a POSIX shell hands it on byte for byte (POSIX 2.2.2: between single quotes every
 * character is literal). The packages that do this for a list drop an empty argument, which changes what a command means.
 */
export function quoteArgument(argument: string): string {
  if (argument.includes('\0')) throw new RangeError('an argument of a command can hold no NUL');
  return PLAIN.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command line for a list of program and arguments. Every command runs in the C locale, so that what it prints can
 * be read the same everywhere; `env` sets it, because not every login shell knows the `NAME=value program` form.
 */
export function quoteCommand(argv: readonly string[]): string {
  return ['env', 'LC_ALL=C', ...argv].map(quoteArgument).join(' ');
}

/** A program's name that `env` or `sudo` would take for an assignment or an option is a bug of the caller. */
export function assertProgram(argv: readonly string[]): void {
  const program = argv[0] ?? '';
  if (program === '' || program.startsWith('-') || program.includes('='))
    throw new RangeError(`${JSON.stringify(program)} is no name of a program`);
}
