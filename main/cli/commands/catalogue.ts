import { z } from 'zod';
import type { InputOf } from '../../../contract/channels.ts';
import { Ecosystem, SeverityWord } from '../../../contract/vocabulary.ts';
import type { Call } from '../command.ts';
import { defineCommand } from '../command.ts';
import { formatBytes, formatFacts, formatTable, listOf } from '../format.ts';
import { describeRisk } from '../risk-text.ts';

const FILTERS = [
  { flags: '--all', about: 'also patches whose content this site does not hold' },
  { flags: '--needed', about: 'only what an endpoint needs' },
  { flags: '--security', about: 'only security patches' },
  { flags: '--exploited', about: 'only what CISA knows to be exploited' },
  { flags: '--hide-superseded', about: 'leave out what a newer version supersedes' },
  {
    flags: '--ecosystem <name>',
    about: 'only of this kind of package',
    choices: Ecosystem.options,
    repeat: true,
  },
  {
    flags: '--severity <word>',
    about: 'only security patches that the vendor calls so',
    choices: SeverityWord.options,
    repeat: true,
  },
  { flags: '--released-within <days>', about: 'only what was released in so many days', whole: true },
] as const;

function readFilter(input: Call<never>['input']): InputOf<'catalogue.facets'> {
  const days = input.whole('releasedWithin');
  return {
    search: input.maybe('text') ?? '',
    onlyCarried: !input.flag('all'),
    onlyNeeded: input.flag('needed'),
    onlySecurity: input.flag('security'),
    onlyExploited: input.flag('exploited'),
    hideSuperseded: input.flag('hideSuperseded'),
    ecosystems: z.array(Ecosystem).parse(input.list('ecosystem')),
    severities: z.array(SeverityWord).parse(input.list('severity')),
    releasedWithinDays: days ?? null,
  };
}

export const catalogueCommands = [
  defineCommand({
    noun: 'catalogue',
    verb: 'search',
    about: 'search patches by package, source, CVE or words of the description',
    arguments: [{ name: 'text', about: 'what to look for; everything when absent', optional: true }],
    options: [
      ...FILTERS,
      { flags: '--by-risk', about: 'gravest first: exploited, vendor severity, EPSS, CVSS, endpoints, age' },
      { flags: '--limit <count>', about: 'at most so many (500 when absent)', whole: true },
      { flags: '--offset <count>', about: 'leave out so many from the start', whole: true },
    ],
    access: 'person',
    channels: ['catalogue.search'],
    run: async ({ client, input }) => {
      const [limit, offset] = [input.whole('limit'), input.whole('offset')];
      const page = await client.invoke('catalogue.search', {
        ...readFilter(input),
        sort: input.flag('byRisk') ? 'risk' : 'best',
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
          { title: 'RISK', cell: (row) => describeRisk(row.risk, row.severity) },
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
    verb: 'facets',
    about: 'count the patches that a search finds, by kind',
    arguments: [{ name: 'text', about: 'what to look for; everything when absent', optional: true }],
    options: FILTERS,
    access: 'person',
    channels: ['catalogue.facets'],
    run: async ({ client, input }) => {
      const facets = await client.invoke('catalogue.facets', readFilter(input));
      const lines = (counts: Readonly<Record<string, number>>): string =>
        listOf(Object.entries(counts).map(([word, number]) => `${word} ${number}`));
      const text = formatFacts([
        ['Patches', String(facets.total)],
        ['Security', String(facets.security)],
        ['Exploited', String(facets.exploited)],
        ['Superseded', String(facets.superseded)],
        ['Carried', String(facets.carried)],
        ['Ecosystems', lines(facets.ecosystems)],
        ['Severities', lines(facets.severities)],
      ]);
      return { value: facets, text };
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
