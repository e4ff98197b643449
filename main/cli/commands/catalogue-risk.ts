import type { OutputOf } from '../../../contract/channels.ts';
import { defineCommand } from '../command.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, listOf } from '../format.ts';
import { describeRisk, percent } from '../risk-text.ts';
import { usageError } from '../usage.ts';

type Detail = OutputOf<'catalogue.get'>;
type Garbage = OutputOf<'catalogue.garbage'>;

function describeDetail(detail: Detail): string {
  const severity = detail.advisories.find((item) => item.severity !== 'not stated')?.severity ?? 'not stated';
  const versions = (rows: Detail['supersedes']): string =>
    listOf(rows.map((row) => `${row.version}${row.carried ? '' : ' (not carried)'}`));
  return [
    formatFacts([
      ['Patch', String(detail.id)],
      ['Risk', describeRisk(detail.risk, severity)],
      ['Released', formatInstant(detail.publishedAt)],
      ['Supersedes', versions(detail.supersedes)],
      ['Superseded by', versions(detail.supersededBy)],
    ]),
    formatTable(
      detail.advisories,
      [
        { title: 'ADVISORY', cell: (row) => row.advisory ?? '-' },
        { title: 'SEVERITY', cell: (row) => row.severity },
        { title: 'RELEASED', cell: (row) => formatInstant(row.publishedAt) },
        { title: 'FIXED IN', cell: (row) => row.fixedVersion },
        { title: 'READ IN', cell: (row) => `${row.provenance.kind} ${row.provenance.document}` },
        { title: 'TITLE', cell: (row) => row.title },
      ],
      'No advisory speaks of it.',
    ),
    formatTable(
      detail.cves,
      [
        { title: 'CVE', cell: (row) => row.cve },
        {
          title: 'EXPLOITED',
          cell: (row) =>
            row.kev === null
              ? row.vendor.some((item) => item.exploited === true)
                ? 'vendor says so'
                : 'not listed'
              : row.kev.ransomware
                ? 'yes, ransomware'
                : 'yes',
        },
        {
          title: 'EPSS',
          cell: (row) =>
            `${percent(row.epss?.score ?? null)}${row.epss?.current === false ? ' (older model)' : ''}`,
        },
        {
          title: 'CVSS',
          cell: (row) =>
            listOf(row.cvss.map((score) => `${score.base.toFixed(1)} by ${score.source}, ${score.vector}`)),
        },
        { title: 'NOT AFFECTED', cell: (row) => listOf(row.notAffected) },
      ],
      'No CVE is named.',
    ),
  ].join('\n\n');
}

function describeGarbage(garbage: Garbage, gone: boolean): string {
  const table = formatTable(
    garbage.objects,
    [
      { title: 'CONTENT', cell: (row) => row.name },
      { title: 'SIZE', cell: (row) => formatBytes(row.size), right: true },
    ],
    'Nothing is superseded that nobody needs.',
  );
  const kept = garbage.kept
    .map(({ object, reason }) => `  ${object.name}: needed by ${REASONS[reason]}`)
    .join('\n');
  return [
    table,
    `${count(garbage.objects.length, 'object')}, ${formatBytes(garbage.bytes)} ${gone ? 'freed' : 'would be freed'}.`,
    ...(kept === '' ? [] : [`Superseded, but kept\n${kept}`]),
  ].join('\n\n');
}

const REASONS: Readonly<Record<Garbage['kept'][number]['reason'], string>> = {
  run: 'a run that has not ended',
  approval: 'a live approval',
  plan: 'an open plan',
  restore: 'a restore point',
  finding: 'a finding',
};

export const catalogueRiskCommands = [
  defineCommand({
    noun: 'catalogue',
    verb: 'show',
    about: 'show the advisories and CVEs of one patch, who says what, and what supersedes what',
    arguments: [{ name: 'number', about: 'number of the patch, as `catalogue search` shows it' }],
    access: 'person',
    channels: ['catalogue.get'],
    run: async ({ client, input }) => {
      const detail = await client.invoke('catalogue.get', { id: Number(input.text('number')) });
      return { value: detail, text: describeDetail(detail) };
    },
  }),
  defineCommand({
    noun: 'catalogue',
    verb: 'gc',
    about: 'remove superseded content that no run, approval, plan, restore or finding needs',
    options: [
      { flags: '--dry-run', about: 'only show what would be freed' },
      { flags: '--yes', about: 'remove it' },
    ],
    access: 'person',
    channels: ['catalogue.garbage', 'catalogue.collectGarbage'],
    run: async ({ client, input }) => {
      if (input.flag('dryRun') === input.flag('yes'))
        throw usageError('Say whether to remove anything.', 'Give --dry-run or --yes.');
      if (input.flag('dryRun')) {
        const garbage = await client.invoke('catalogue.garbage', {});
        return { value: garbage, text: describeGarbage(garbage, false) };
      }
      const garbage = await client.invoke('catalogue.collectGarbage', {});
      return { value: garbage, text: describeGarbage(garbage, true) };
    },
  }),
];
