import type { OutputOf } from '../../../contract/channels.ts';
import { defineCommand } from '../command.ts';
import { count, formatTable, listOf } from '../format.ts';

type Diff = OutputOf<'bundles.diff'>;

function describeDiff(diff: Diff): string {
  const rows = [
    ...diff.added.map((patch) => ({ what: 'added', patch, from: '' })),
    ...diff.changed.map(({ from, to }) => ({ what: 'changed', patch: to, from: from.version })),
    ...(diff.gone ?? []).map((patch) => ({ what: 'gone', patch, from: '' })),
  ];
  const patches = formatTable(
    rows,
    [
      { title: 'WHAT', cell: (row) => row.what },
      { title: 'PACKAGE', cell: ({ patch }) => `${patch.package}:${patch.arch}` },
      { title: 'BEFORE', cell: (row) => row.from },
      { title: 'VERSION', cell: ({ patch }) => patch.version },
      { title: 'FOR', cell: ({ patch }) => patch.codename },
    ],
    'They carry the same patches.',
  );
  const advisories = formatTable(
    diff.advisories,
    [
      { title: 'ADVISORY', cell: (row) => row.advisory ?? row.id },
      { title: 'SEVERITY', cell: (row) => row.severity },
      { title: 'TITLE', cell: (row) => row.title },
      { title: 'CVES', cell: (row) => listOf(row.cves, 3) },
    ],
    'No advisory is new.',
  );
  const gone =
    diff.gone === null
      ? `${diff.to} leaves out what the site has, so it does not say that anything is gone.`
      : '';
  return [
    `From ${diff.from} to ${diff.to}: ${count(diff.added.length, 'patch', 'patches')} added, ${diff.changed.length} changed${diff.gone === null ? '' : `, ${diff.gone.length} gone`}; ${count(diff.advisories.length, 'new advisory', 'new advisories')}; ${count(diff.cves.length, 'CVE')} newly covered.`,
    patches,
    advisories,
    ...(gone === '' ? [] : [gone]),
  ].join('\n\n');
}

export const bundleDiffCommand = defineCommand({
  noun: 'bundle',
  verb: 'diff',
  about: 'show what one imported bundle brings beside another',
  arguments: [
    { name: 'from', about: 'the earlier one, as `bundle list` shows it: main/3' },
    { name: 'to', about: 'the later one' },
  ],
  access: 'person',
  channels: ['bundles.diff'],
  run: async ({ client, input }) => {
    const diff = await client.invoke('bundles.diff', { from: input.text('from'), to: input.text('to') });
    return { value: diff, text: describeDiff(diff) };
  },
});
