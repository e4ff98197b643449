import type { Measured, Result } from './measure.ts';

const MIB = 1024 * 1024;

/** One line a result and goal: ours, the peer, their ratio, the goal and whether it is met. */
export function formatTable(results: readonly Result[]): string {
  const rows = [['', 'ours', 'cpu', 'memory', 'peer', '', 'cpu', 'ratio', 'cpu', 'goal', '']];
  for (const result of results) {
    const { ours, peer } = result;
    const show = (seconds: number): string => showSeconds(seconds, result.rate);
    const figures = [
      result.what,
      show(ours.wall),
      show(ours.cpu),
      ours.memory === undefined ? '' : `${(ours.memory / MIB).toFixed(0)} MiB`,
      peer?.name ?? '',
      peer === null ? '' : show(peer.wall),
      peer === null ? '' : show(peer.cpu),
      peer === null ? '' : ratioOf(result, 'wall'),
      peer === null ? '' : ratioOf(result, 'cpu'),
    ];
    for (const [position, goal] of result.goals.entries()) {
      const before = position === 0 ? figures : figures.map(() => '');
      rows.push([...before, goal.text, goal.met(ours, peer) ? 'met' : 'NOT MET']);
    }
    if (result.goals.length === 0) rows.push([...figures, '', '']);
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What `--json` prints: the same figures, for a program. */
export function toJson(name: string, results: readonly Result[]): unknown {
  return {
    bench: name,
    at: new Date().toISOString(),
    results: results.map(({ what, rate, ours, peer, goals }) => ({
      what,
      rate: rate ?? null,
      ours,
      peer,
      goals: goals.map((goal) => ({ goal: goal.text, met: goal.met(ours, peer) })),
    })),
  };
}

export const allMet = (results: readonly Result[]): boolean =>
  results.every(({ goals, ours, peer }) => goals.every((goal) => goal.met(ours, peer)));

function showSeconds(seconds: number, rate: Result['rate']): string {
  if (rate !== undefined) return `${(rate.amount / seconds).toFixed(2)} ${rate.unit}`;
  return seconds < 0.1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(2)} s`;
}

/** How many times the peer's: its time, or its rate. */
function ratioOf({ ours, peer, rate }: Result, figure: keyof Pick<Measured, 'wall' | 'cpu'>): string {
  if (peer === null) return '';
  const ratio = rate === undefined ? ours[figure] / peer[figure] : peer[figure] / ours[figure];
  return `${ratio.toFixed(2)} x`;
}
