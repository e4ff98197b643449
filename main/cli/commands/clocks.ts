import type { OutputOf } from '../../../contract/channels.ts';
import { defineCommand } from '../command.ts';
import { formatInstant, formatTable } from '../format.ts';
import { describeRisk } from '../risk-text.ts';

type Clocks = OutputOf<'clocks.get'>;

const STATES: Readonly<Record<Clocks['currency'][number]['state'], string>> = {
  overdue: 'OVERDUE',
  'due-soon': 'due soon',
  running: 'running',
  unknown: 'unknown',
  met: 'met',
};
const ADVICE: Readonly<Record<Clocks['currency'][number]['advice'], string>> = {
  'bring-bundle': 'export the needs-list and bring a bundle',
  'make-plan': 'make a plan',
  'request-approval': 'ask for approval',
  decide: 'an approver decides',
  'start-run': 'start the run',
  wait: 'a run is under way',
  nothing: '-',
};
const FEEDS = { 'cisa-kev': 'CISA KEV', 'first-epss': 'FIRST EPSS' } as const;

function describeClocks(clocks: Clocks): string {
  const currency = formatTable(
    clocks.currency,
    [
      { title: 'RELEASE', cell: (row) => `${row.distribution} ${row.codename}` },
      { title: 'RELEASED', cell: (row) => formatInstant(row.releasedAt) },
      { title: 'EXPECTED', cell: (row) => formatInstant(row.expectedAt) },
      { title: 'UNTIL', cell: (row) => formatInstant(row.dueAt) },
      { title: 'STATE', cell: (row) => STATES[row.state] },
      { title: 'WHAT TO DO', cell: (row) => ADVICE[row.advice] },
    ],
    'No bundle was imported yet.',
  );
  const { counts, first } = clocks.fixes;
  const fixes = formatTable(
    first,
    [
      { title: 'PATCH', cell: (row) => `${row.package} ${row.version}` },
      { title: 'RISK', cell: (row) => describeRisk(row.risk, row.severity) },
      { title: 'RELEASED', cell: (row) => formatInstant(row.releasedAt) },
      { title: 'UNTIL', cell: (row) => formatInstant(row.dueAt) },
      { title: 'STATE', cell: (row) => STATES[row.state] },
      { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
      { title: 'WHAT TO DO', cell: (row) => ADVICE[row.advice] },
    ],
    'No endpoint lacks a fix that must be there within 14 days.',
  );
  const feeds = clocks.feeds
    .map(({ feed, date, ageDays }) =>
      date === null
        ? `${FEEDS[feed]}: no bundle brought it`
        : `${FEEDS[feed]}: ${ageDays === null ? 'from the future, so the clock is wrong' : `${ageDays} days old`}`,
    )
    .join('\n');
  return [
    `Catalogue, 30 days\n${currency}`,
    `Fixes, 14 days: ${counts.overdue} overdue, ${counts['due-soon']} due soon, ${counts.running} with time left, ${counts.unknown} unknown\n${fixes}`,
    `Risk data\n${feeds}`,
  ].join('\n\n');
}

export const clocksCommands = [
  defineCommand({
    noun: 'clocks',
    verb: 'show',
    about: 'show how long the catalogue is current, which fixes are due, and how old the risk data is',
    isDefault: true,
    options: [{ flags: '--limit <count>', about: 'at most so many fixes (200 when absent)', whole: true }],
    access: 'person',
    channels: ['clocks.get'],
    run: async ({ client, input }) => {
      const limit = input.whole('limit');
      const clocks = await client.invoke('clocks.get', limit === undefined ? {} : { limit });
      return { value: clocks, text: describeClocks(clocks) };
    },
  }),
];
