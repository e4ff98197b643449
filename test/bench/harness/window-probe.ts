import { readdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

interface Probed {
  probe: number[];
  stopProbe: () => void;
}

/** Puts a stopwatch into the page: each event of the kind is timed until what it changed has been painted. */
export async function watch(page: Page, kind: 'input' | 'keydown'): Promise<void> {
  await page.evaluate((event) => {
    const probed = window as unknown as Probed;
    probed.probe = [];
    const listener = (seen: Event): void => {
      const began = seen.timeStamp;
      requestAnimationFrame(() => {
        // A message is handled after the frame has been painted.
        const channel = new MessageChannel();
        channel.port1.onmessage = () => probed.probe.push(performance.now() - began);
        channel.port2.postMessage(null);
      });
    };
    document.addEventListener(event, listener, { capture: true });
    probed.stopProbe = () => document.removeEventListener(event, listener, { capture: true });
  }, kind);
}

/** Milliseconds of every event since {@link watch}. */
export function readWatch(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const { probe, stopProbe } = window as unknown as Probed;
    stopProbe();
    return probe;
  });
}

/** Presses a button of the navigation, and waits until rows of the grid have been painted. Milliseconds from the click. */
export function timeToRows(page: Page, button: string, grid: string): Promise<number> {
  return page.evaluate(
    ([name, label]) =>
      new Promise<number>((resolve, reject) => {
        const found = [...document.querySelectorAll<HTMLElement>('nav button')].find(
          (each) => each.textContent?.startsWith(name) === true,
        );
        if (found === undefined) {
          reject(new Error(`no button ${name}`));
          return;
        }
        const began = performance.now();
        const look = (): void => {
          const cell = document.querySelector(`[role="grid"][aria-label="${label}"] .table-body .cell-name`);
          if (cell === null) {
            requestAnimationFrame(look);
            return;
          }
          const channel = new MessageChannel();
          channel.port1.onmessage = () => resolve(performance.now() - began);
          requestAnimationFrame(() => channel.port2.postMessage(null));
        };
        found.click();
        requestAnimationFrame(look);
      }),
    [button, grid] as const,
  );
}

/**
 * The peer of a scroll: a list of as many rows of the same height over the same place that could not do less. As many rows as fit,
 * one line of text each, which is all that changes. What it takes is what this machine takes to scroll anything.
 */
export async function layBareList(page: Page, grid: string, rows: number, label: string): Promise<void> {
  await page.evaluate(
    ([over, count, name]) => {
      const place = document.querySelector(`[role="grid"][aria-label="${over}"]`)?.getBoundingClientRect();
      if (place === undefined) throw new Error(`no grid ${over}`);
      const height = 46;
      const list = document.createElement('div');
      list.setAttribute('role', 'grid');
      list.setAttribute('aria-label', name);
      list.style.cssText = `position:fixed;z-index:99;overflow:hidden auto;background:#fff;left:${place.left}px;top:${place.top}px;width:${place.width}px;height:${place.height}px`;
      const body = document.createElement('div');
      body.style.cssText = `position:relative;height:${count * height}px`;
      const lines = Array.from({ length: Math.ceil(place.height / height) + 1 }, () => {
        const line = document.createElement('div');
        line.style.cssText = `position:absolute;left:0;right:0;height:${height}px;contain:strict`;
        body.append(line);
        return line;
      });
      const draw = (): void => {
        const first = Math.floor(list.scrollTop / height);
        for (const [at, line] of lines.entries()) {
          line.textContent = `Row ${first + at}`;
          line.style.transform = `translateY(${(first + at) * height}px)`;
        }
      };
      list.addEventListener('scroll', draw);
      list.append(body);
      document.body.append(list);
      draw();
    },
    [grid, rows, label] as const,
  );
}

export async function takeBareList(page: Page, label: string): Promise<void> {
  await page.evaluate(
    (name) => document.querySelector(`[role="grid"][aria-label="${name}"]`)?.remove(),
    label,
  );
}

/** Scrolls from the top to the end in so many frames; milliseconds between frames. */
export function scrollThrough(page: Page, grid: string, frames: number): Promise<number[]> {
  return page.evaluate(
    ([label, count]) =>
      new Promise<number[]>((resolve, reject) => {
        const element = document.querySelector(`[role="grid"][aria-label="${label}"]`);
        if (element === null) {
          reject(new Error(`no grid ${label}`));
          return;
        }
        const times: number[] = [];
        const whole = element.scrollHeight - element.clientHeight;
        let last = performance.now();
        let frame = 0;
        element.scrollTop = 0;
        const step = (): void => {
          const now = performance.now();
          if (frame > 0) times.push(now - last);
          last = now;
          frame += 1;
          element.scrollTop = (whole * frame) / count;
          if (frame <= count) requestAnimationFrame(step);
          else resolve(times);
        };
        requestAnimationFrame(step);
      }),
    [grid, frames] as const,
  );
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

/** Clock ticks in a second, as Linux counts a process's time. */
const TICKS = 100;

/** A process and all that it started: bytes at the peak, seconds of processor time. Linux only. */
export function processesOf(root: number): { command: string; peak: number; cpu: number }[] {
  const stats = new Map<number, readonly string[]>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readProc(Number(name), 'stat') : '';
    if (stat !== '') stats.set(Number(name), stat.slice(stat.lastIndexOf(')') + 2).split(' '));
  }
  const isOurs = (pid: number): boolean =>
    pid === root || (pid > 1 && isOurs(Number(stats.get(pid)?.[1] ?? 0)));
  return [...stats.keys()].filter(isOurs).map((pid) => ({
    command: readProc(pid, 'cmdline').replaceAll('\0', ' '),
    peak: Number(/VmHWM:\s+(\d+)/.exec(readProc(pid, 'status'))?.[1] ?? 0) * 1_024,
    cpu: (Number(stats.get(pid)?.[11]) + Number(stats.get(pid)?.[12])) / TICKS,
  }));
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
