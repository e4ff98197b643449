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

/** Runs a program that a health check names. A program that is not there is 127, as timeout(1) passes it on. */
export function runCheck(machine: Machine, argv: readonly string[]): CheckResult {
  const [program, ...args] = argv;
  if (program === 'true') return { exitCode: 0, output: [] };
  if (program === 'false') return { exitCode: 1, output: [] };
  if (program === 'test' && args[0] === '-x')
    return { exitCode: machine.disk.packages.has('dpkg:amd64') && args[1] === '/usr/bin/dpkg' ? 0 : 1, output: [] };
  if (program !== SELFTEST)
    return { exitCode: 127, output: [`timeout: failed to run command '${program ?? ''}': No such file or directory`] };
  const complaints = [...machine.disk.notes].flatMap((note) => {
    if (!note.startsWith(CERTIFIED)) return [];
    const [name = '', wanted = ''] = note.slice(CERTIFIED.length).split(' ');
    const found = [...machine.disk.packages.values()].find((item) => item.name === name)?.version;
    return found === wanted ? [] : [`orders: certified with ${name} ${wanted}, found ${found ?? 'none'}`];
  });
  return complaints.length > 0 ? { exitCode: 1, output: complaints } : { exitCode: 0, output: ['orders: ok'] };
}
