import { defineCommand } from '../command.ts';
import { formatBytes, formatTable, listOf } from '../format.ts';

export const catalogueCommands = [
  defineCommand({
    noun: 'catalogue',
    verb: 'search',
    about: 'search patches by package, source, CVE or words of the description',
    arguments: [{ name: 'text', about: 'what to look for; everything when absent', optional: true }],
    options: [
      { flags: '--all', about: 'also patches whose content this site does not hold' },
      { flags: '--needed', about: 'only what an endpoint needs' },
      { flags: '--limit <count>', about: 'at most so many (500 when absent)', whole: true },
      { flags: '--offset <count>', about: 'leave out so many from the start', whole: true },
    ],
    access: 'person',
    channels: ['catalogue.search'],
    run: async ({ client, input }) => {
      const [limit, offset] = [input.whole('limit'), input.whole('offset')];
      const page = await client.invoke('catalogue.search', {
        search: input.maybe('text') ?? '',
        onlyCarried: !input.flag('all'),
        onlyNeeded: input.flag('needed'),
        ...(limit === undefined ? {} : { limit }),
        ...(offset === undefined ? {} : { offset }),
      });
      const table = formatTable(
        page.patches,
        [
          { title: 'NUMBER', cell: (row) => String(row.id), right: true },
          { title: 'PACKAGE', cell: (row) => `${row.package}:${row.arch}` },
          { title: 'VERSION', cell: (row) => row.version },
          { title: 'FOR', cell: (row) => row.codename },
          { title: 'SECURITY', cell: (row) => (row.security ? 'yes' : 'no') },
          { title: 'SEVERITY', cell: (row) => row.severity },
          { title: 'SIZE', cell: (row) => formatBytes(row.size), right: true },
          { title: 'CONTENT', cell: (row) => (row.carried ? 'here' : 'not carried') },
          { title: 'ENDPOINTS', cell: (row) => String(row.endpoints), right: true },
          { title: 'CVES', cell: (row) => listOf(row.cves, 3) },
        ],
        'No patch fits.',
      );
      return { value: page, text: `${table}\n\n${page.patches.length} of ${page.total} shown.` };
    },
  }),
  defineCommand({
    noun: 'catalogue',
    verb: 'endpoints-of',
    about: 'list the endpoints that need one patch',
    arguments: [{ name: 'number', about: 'number of the patch, as `catalogue search` shows it' }],
    access: 'person',
    channels: ['catalogue.endpointsOf'],
    run: async ({ client, input }) => {
      const endpoints = await client.invoke('catalogue.endpointsOf', { id: Number(input.text('number')) });
      const text = formatTable(
        endpoints,
        [
          { title: 'ENDPOINT', cell: (row) => row.endpointName },
          { title: 'INSTALLED', cell: (row) => row.installed },
        ],
        'No endpoint needs it.',
      );
      return { value: endpoints, text };
    },
  }),
];
