import { defineCommand } from '../command.ts';
import { count } from '../format.ts';
import { resolvePath } from '../paths.ts';

export const needsListCommands = [
  defineCommand({
    noun: 'needs-list',
    verb: 'export',
    about: 'write what the connected side is asked to bring; names no endpoint and no address',
    arguments: [{ name: 'file', about: 'file to write' }],
    access: 'person',
    channels: ['needsList.export'],
    run: async ({ client, input, world }) => {
      const file = resolvePath(world, input.text('file'));
      const written = await client.invoke('needsList.export', { file });
      return { value: written, text: `${count(written.packages, 'package')} written to ${written.file}` };
    },
  }),
];
