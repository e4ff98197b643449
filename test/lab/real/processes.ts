import { readdirSync, readFileSync } from 'node:fs';

export type RunningProcess = {
  readonly pid: number;
  readonly parentPid: number;
  readonly argv: readonly string[];
  /** Name of the program as the kernel has it, up to 15 bytes. */
  readonly comm: string;
  /** Its ids from the outermost PID namespace that /proc shows to its own: the last is 1 for an init. */
  readonly namespacePids: readonly number[];
};

/** The fields of /proc/PID/status that matter here; undefined when the text is not one (see proc_pid_status(5)). */
export function parseProcessStatus(text: string): Omit<RunningProcess, 'pid' | 'argv'> | undefined {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim();
  const comm = field('Name');
  const parentPid = Number(field('PPid'));
  if (comm === undefined || !Number.isInteger(parentPid)) return undefined;
  return { comm, parentPid, namespacePids: (field('NSpid') ?? '').split(/\s+/).filter(Boolean).map(Number) };
}

/** Every process that the calling process's /proc shows. One that ends while it is read is left out. */
export function listProcesses(): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const status = parseProcessStatus(readFileSync(`/proc/${entry}/status`, 'utf8'));
      if (status === undefined) continue;
      const argv = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').slice(0, -1);
      found.push({ pid: Number(entry), argv, ...status });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return found;
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}

/** Sends a signal; a process that is gone already is as good as one that got it. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
