import type { OutputOf } from '../../../contract/channels.ts';
import { defineCommand } from '../command.ts';
import { formatTable, listOf } from '../format.ts';
import { pickOne } from '../pick.ts';

type Finding = OutputOf<'findings.list'>[number];

/** Findings as a table; the endpoint's column only where they are of several. */
export function formatFindings(findings: readonly Finding[], withEndpoint: boolean): string {
  return formatTable(
    findings,
    [
      ...(withEndpoint ? [{ title: 'ENDPOINT', cell: (row: Finding) => row.endpointName }] : []),
      { title: 'PACKAGE', cell: (row) => `${row.package}:${row.arch}` },
      { title: 'INSTALLED', cell: (row) => row.installed },
      { title: 'CANDIDATE', cell: (row) => row.candidate },
      { title: 'SECURITY', cell: (row) => (row.security ? 'yes' : 'no') },
      { title: 'SEVERITY', cell: (row) => row.severity },
      { title: 'CONTENT', cell: (row) => (row.held ? 'on hold' : row.carried ? 'here' : 'not carried') },
      { title: 'CVES', cell: (row) => listOf(row.cves, 3) },
    ],
    'There is no finding.',
  );
}

export const findingCommands = [
  defineCommand({
    noun: 'finding',
    verb: 'list',
    about: 'list what is missing, as far as the last scan and the catalogue know',
    options: [
      { flags: '--endpoint <endpoint>', about: 'of one endpoint only: its name or id' },
      { flags: '--only-security', about: 'security updates only' },
    ],
    access: 'person',
    channels: ['findings.list', 'endpoints.list'],
    run: async ({ client, input }) => {
      const named = input.maybe('endpoint');
      const endpoint =
        named === undefined ? null : pickOne(await client.invoke('endpoints.list', {}), named, 'endpoint');
      const all = await client.invoke('findings.list', { endpointId: endpoint?.id ?? null });
      const findings = input.flag('onlySecurity') ? all.filter((finding) => finding.security) : all;
      return { value: findings, text: formatFindings(findings, endpoint === null) };
    },
  }),
];
