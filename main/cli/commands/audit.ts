import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { count, formatInstant, formatTable } from '../format.ts';

export const auditCommands = [
  defineCommand({
    noun: 'audit',
    verb: 'list',
    about: 'list who did what, oldest first',
    options: [
      { flags: '--after <number>', about: 'only entries after this number', whole: true },
      { flags: '--limit <count>', about: 'at most so many (500 when absent)', whole: true },
    ],
    access: 'person',
    channels: ['audit.list'],
    run: async ({ client, input }) => {
      const [afterSeq, limit] = [input.whole('after'), input.whole('limit')];
      const entries = await client.invoke('audit.list', {
        ...(afterSeq === undefined ? {} : { afterSeq }),
        ...(limit === undefined ? {} : { limit }),
      });
      const text = formatTable(
        entries,
        [
          { title: 'NUMBER', cell: (row) => String(row.seq), right: true },
          { title: 'WHEN', cell: (row) => formatInstant(row.at) },
          { title: 'WHO', cell: (row) => row.actor },
          { title: 'WHAT', cell: (row) => row.action },
          {
            title: 'ABOUT',
            cell: (row) =>
              Object.entries(row.subject)
                .map(([key, value]) => `${key}=${value}`)
                .join(' '),
          },
        ],
        'There is no audit entry.',
      );
      return { value: entries, text };
    },
  }),
  defineCommand({
    noun: 'audit',
    verb: 'verify',
    about: 'check the hash chain of the audit trail',
    access: 'person',
    channels: ['audit.verify'],
    run: async ({ client }) => {
      const verdict = await client.invoke('audit.verify', {});
      return verdict.intact
        ? {
            value: verdict,
            text: `The audit trail is intact: ${count(verdict.entries, 'entry', 'entries')}.`,
          }
        : {
            value: verdict,
            text: `The audit trail is BROKEN at entry ${verdict.firstBroken ?? '?'} of ${verdict.entries}.`,
            exit: EXIT.unverified,
          };
    },
  }),
];
