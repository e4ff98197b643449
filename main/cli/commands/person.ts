import { ROLE_CHOICES, readRoles } from '../choices.ts';
import { defineCommand } from '../command.ts';
import { formatInstant, formatTable, listOf } from '../format.ts';

export const personCommands = [
  defineCommand({
    noun: 'person',
    verb: 'add',
    about: 'add a person with a passphrase of their own',
    arguments: [{ name: 'name', about: 'name of the new person' }],
    options: [
      {
        flags: '--role <role>',
        about: 'a role; may be given several times',
        choices: ROLE_CHOICES,
        repeat: true,
        required: true,
      },
      {
        flags: '--new-passphrase-file <file>',
        about: "the new person's passphrase; - reads it from stdin (or SALLYPORT_NEW_PASSPHRASE)",
      },
    ],
    access: 'person',
    channels: ['persons.add'],
    run: async ({ client, input, secrets }) => {
      const name = input.text('name');
      const passphrase = await secrets.readLine({
        what: `the new passphrase of ${name}`,
        file: input.maybe('newPassphraseFile'),
        option: '--new-passphrase-file',
        variable: 'SALLYPORT_NEW_PASSPHRASE',
        isNew: true,
      });
      const person = await client.invoke('persons.add', {
        name,
        roles: readRoles(input.list('role')),
        passphrase,
      });
      return {
        value: person,
        text: `${person.name} was added as ${listOf(person.roles)}. Key fingerprint: ${person.keyFingerprint}`,
      };
    },
  }),
  defineCommand({
    noun: 'person',
    verb: 'list',
    about: 'list persons, their roles and key fingerprints',
    access: 'person',
    channels: ['persons.list'],
    run: async ({ client }) => {
      const persons = await client.invoke('persons.list', {});
      const text = formatTable(
        persons,
        [
          { title: 'NAME', cell: (person) => person.name },
          { title: 'ROLES', cell: (person) => listOf(person.roles) },
          { title: 'SINCE', cell: (person) => formatInstant(person.createdAt) },
          { title: 'KEY FINGERPRINT', cell: (person) => person.keyFingerprint },
        ],
        'There is no person yet.',
      );
      return { value: persons, text };
    },
  }),
];
