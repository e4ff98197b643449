import { useRef } from 'react';

/** Over so long the rate is averaged, ms. */
const WINDOW_MS = 4_000;

/** Bytes a second of the last seconds; `null` until two readings lie far enough apart. */
export function useRate(done: number | null, now: number): number | null {
  const readings = useRef<readonly { readonly at: number; readonly done: number }[]>([]);
  const last = readings.current.at(-1);
  if (done === null || (last !== undefined && done < last.done)) readings.current = [];
  else if (last === undefined || last.done !== done || now - last.at >= 1_000) {
    readings.current = [
      ...readings.current.filter((reading) => now - reading.at <= WINDOW_MS),
      { at: now, done },
    ];
  }
  const first = readings.current[0];
  const newest = readings.current.at(-1);
  if (first === undefined || newest === undefined || newest.at - first.at < 900) return null;
  return ((newest.done - first.done) / (newest.at - first.at)) * 1_000;
}
