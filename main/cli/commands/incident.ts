import { defineCommand } from '../command.ts';
import { formatInstant, printableLines, shortId } from '../format.ts';

export const incidentCommands = [
  defineCommand({
    noun: 'incident',
    verb: 'list',
    about: 'list what went wrong, with the evidence',
    access: 'person',
    channels: ['incidents.list'],
    run: async ({ client }) => {
      const incidents = await client.invoke('incidents.list', {});
      const text = incidents.map((incident) => {
        const where = incident.endpointName === null ? '' : `, ${incident.endpointName}`;
        const run = incident.runId === null ? '' : `, run ${shortId(incident.runId)}`;
        const evidence = incident.evidence.map(
          (item) => `  ${item.label}:\n${indent(printableLines(item.text.trimEnd()))}`,
        );
        const head = `${formatInstant(incident.openedAt)}${where}${run}: ${incident.message} [${incident.code}]`;
        return [head, ...evidence].join('\n');
      });
      return { value: incidents, text: text.length === 0 ? 'There is no incident.' : text.join('\n\n') };
    },
  }),
];

const indent = (text: string): string => text.replace(/^/gm, '    ');
