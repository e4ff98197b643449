/** How the command line writes things for people. Pure. */

/** Control and bidirectional characters: text from a bundle or an endpoint must not steer somebody's terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line that is safe on a terminal. */
export function printable(text: string): string {
  return text.replace(/[\r\n\t]+/g, ' ').replace(UNPRINTABLE, '\uFFFD');
}

/** Several lines that are safe on a terminal. */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[\r\t]+/g, ' ').replace(UNPRINTABLE, '\uFFFD'))
    .join('\n');
}

/** `24 November 2026, 14:05` in the given time zone (that of the machine when absent); a dash for null. */
export function formatInstant(instant: string | null, timeZone?: string): string {
  if (instant === null) return '-';
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return printable(instant);
  const parts = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).formatToParts(at);
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('day')} ${part('month')} ${part('year')}, ${part('hour')}:${part('minute')}`;
}

/** Bytes in decimal units: `512 bytes`, `3.4 kB`, `12 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  let value = bytes;
  let unit: string = '';
  for (const next of units) {
    value /= 1_000;
    unit = next;
    if (value < 999.5) break;
  }
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** `1 endpoint`, `3 endpoints`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** The first eight characters of an id: enough to name it on this command line while it is the only one. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** A list in a sentence or a cell; a dash when it is empty. */
export function listOf(items: readonly string[], most = Number.POSITIVE_INFINITY): string {
  if (items.length === 0) return '-';
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  readonly right?: boolean;
}

/** A table with a head line, columns two spaces apart; the given sentence when there is no row. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  whenEmpty: string,
): string {
  if (rows.length === 0) return whenEmpty;
  const cells = rows.map((row) => columns.map((column) => printable(column.cell(row)) || '-'));
  const widths = columns.map((column, index) =>
    cells.reduce((most, row) => Math.max(most, (row[index] ?? '').length), column.title.length),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.right === true ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...cells.map(line)].join('\n');
}

/** Lines of `label: value`, the values below each other. */
export function formatFacts(facts: readonly (readonly [label: string, value: string])[]): string {
  const width = facts.reduce((most, [label]) => Math.max(most, label.length), 0) + 2;
  return facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${printable(value)}`).join('\n');
}
