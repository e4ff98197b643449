import { readFileSync } from 'node:fs';

/**
 * Most memory that this process has held at once, in bytes. From Linux's own account of its address space (proc(5), VmHWM):
 * getrusage(2) also counts what the parent held when it started this one.
 */
export function peakMemory(): number {
  try {
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // Another system than Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
