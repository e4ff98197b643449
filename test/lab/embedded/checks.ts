import type { Machine } from './machine.ts';

/** The health check of simulated endpoints; its name is that of the real lab's. */
export const SELFTEST = '/opt/orders/selftest';

export interface CheckResult {
  readonly exitCode: number;
  readonly output: readonly string[];
}

/** Note on a disk: the application was certified with the versions of that time, and complains about any other. */
const CERTIFIED = 'certified ';

/** From now on the self-test fails as soon as this package has another version than now. */
export function certify(machine: Machine, name: string): void {
  for (const item of machine.disk.packages.values())
    if (item.name === name) machine.disk.notes.add(`${CERTIFIED}${item.name} ${item.version}`);
}

/** What timeout(1) ends with when the time was over. */
const TIMED_OUT = 124;

/**
 * Runs a program that a health check names, within so many seconds. A program that is not there is 127, as timeout(1) passes
 * it on. Beside the self-test only what the driver's own suite asks for is here.
 */
export function runCheck(machine: Machine, seconds: number, argv: readonly string[]): CheckResult {
  const [program = '', ...args] = argv;
  switch (program) {
    case 'true':
      return { exitCode: 0, output: [] };
    case 'false':
      return { exitCode: 1, output: [] };
    case 'test':
      return { exitCode: args.join(' ') === '-x /usr/bin/dpkg' ? 0 : 1, output: [] };
    case 'sleep':
      return { exitCode: Number(args[0]) > seconds ? TIMED_OUT : 0, output: [] };
    case 'seq':
      return {
        exitCode: 0,
        output: Array.from({ length: Number(args[0]) }, (_, index) => String(index + 1)).slice(-1_500),
      };
    case 'sh':
      return { exitCode: 0, output: [/echo (\w+)$/.exec(args.at(-1) ?? '')?.[1] ?? ''] };
    case SELFTEST:
      return runSelftest(machine);
    default:
      return {
        exitCode: 127,
        output: [`timeout: failed to run command '${program}': No such file or directory`],
      };
  }
}

function runSelftest(machine: Machine): CheckResult {
  const complaints = [...machine.disk.notes].flatMap((note) => {
    if (!note.startsWith(CERTIFIED)) return [];
    const [name = '', wanted = ''] = note.slice(CERTIFIED.length).split(' ');
    const found = [...machine.disk.packages.values()].find((item) => item.name === name)?.version;
    return found === wanted ? [] : [`orders: certified with ${name} ${wanted}, found ${found ?? 'none'}`];
  });
  return complaints.length > 0
    ? { exitCode: 1, output: complaints }
    : { exitCode: 0, output: ['orders: ok'] };
}
