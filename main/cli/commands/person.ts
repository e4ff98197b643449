import type { OutputOf } from '../../../contract/channels.ts';
import { ROLE_CHOICES, readRoles } from '../choices.ts';
import { defineCommand } from '../command.ts';
import { formatInstant, formatTable, listOf } from '../format.ts';

export const personCommands = [
  defineCommand({
    noun: 'person',
    verb: 'add',
    about: 'add a person with a passphrase for their first sign-in',
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
        about: "the new person's first passphrase; - reads it from stdin (or SALLYPORT_NEW_PASSPHRASE)",
      },
    ],
    access: 'person',
    channels: ['persons.add'],
    run: async ({ client, input, secrets }) => {
      const name = input.text('name');
      const passphrase = await secrets.readLine({
        what: `the first passphrase of ${name}`,
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
        text: `${person.name} was added as ${listOf(person.roles)}. Before anything else they choose a passphrase of their own: \`sallyport person change-passphrase --as ${JSON.stringify(person.name)}\`.`,
      };
    },
  }),
  defineCommand({
    noun: 'person',
    verb: 'change-passphrase',
    about: 'choose another passphrase of your own',
    options: [
      {
        flags: '--new-passphrase-file <file>',
        about: 'the new passphrase; - reads it from stdin (or SALLYPORT_NEW_PASSPHRASE)',
      },
    ],
    access: 'person',
    channels: ['site.get', 'persons.changePassphrase'],
    run: async ({ client, input, secrets }) => {
      const { signedIn } = await client.invoke('site.get', {});
      const name = signedIn?.name ?? '';
      const current = await secrets.ofPerson(name);
      const next = await secrets.readLine({
        what: `the new passphrase of ${name}`,
        file: input.maybe('newPassphraseFile'),
        option: '--new-passphrase-file',
        variable: 'SALLYPORT_NEW_PASSPHRASE',
        isNew: true,
      });
      const person = await client.invoke('persons.changePassphrase', { current, next });
      return {
        value: person,
        text: `${person.name} signs in with the new passphrase from now on. Key fingerprint: ${person.keyFingerprint}`,
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
  defineCommand({
    noun: 'person',
    verb: 'set-roles',
    about: "give a person's roles anew; nobody gives themselves a role while somebody else can sign in",
    arguments: [{ name: 'name', about: 'name of the person' }],
    options: [
      {
        flags: '--role <role>',
        about: 'a role; may be given several times',
        choices: ROLE_CHOICES,
        repeat: true,
        required: true,
      },
      { flags: '--reason <text>', about: 'why, for the history', required: true },
    ],
    access: 'person',
    channels: ['persons.setRoles'],
    run: async ({ client, input }) => {
      const person = await client.invoke('persons.setRoles', {
        person: input.text('name'),
        roles: readRoles(input.list('role')),
        reason: input.text('reason'),
      });
      return { value: person, text: `${person.name} is now ${listOf(person.roles)}.` };
    },
  }),
  defineCommand({
    noun: 'person',
    verb: 'end-access',
    about: "end a person's access: no role and no passphrase any more; what they did stays",
    arguments: [{ name: 'name', about: 'name of the person' }],
    options: [{ flags: '--reason <text>', about: 'why, for the history', required: true }],
    access: 'person',
    channels: ['persons.endAccess'],
    run: async ({ client, input }) => {
      const person = await client.invoke('persons.endAccess', {
        person: input.text('name'),
        reason: input.text('reason'),
      });
      return { value: person, text: `The access of ${person.name} has ended.` };
    },
  }),
  defineCommand({
    noun: 'person',
    verb: 'history',
    about: 'list changes of roles, oldest first',
    access: 'person',
    channels: ['persons.history'],
    run: async ({ client }) => {
      const changes = await client.invoke('persons.history', {});
      const text = formatTable(
        changes,
        [
          { title: 'WHEN', cell: (change) => formatInstant(change.at) },
          { title: 'PERSON', cell: (change) => change.person },
          { title: 'BEFORE', cell: (change) => listOf(change.before) },
          {
            title: 'AFTER',
            cell: (change) => (change.after.length === 0 ? 'no access' : listOf(change.after)),
          },
          { title: 'BY', cell: (change) => change.by },
          { title: 'REASON', cell: (change) => change.reason },
        ],
        'No role was changed yet.',
      );
      return { value: changes, text };
    },
  }),
  defineCommand({
    noun: 'person',
    verb: 'customers',
    about: 'list for which customers persons speak',
    access: 'person',
    channels: ['persons.customers'],
    run: async ({ client }) => formatSpeakers(await client.invoke('persons.customers', {})),
  }),
  defineCommand({
    noun: 'person',
    verb: 'set-customers',
    about: 'put on record for which customers a person speaks, and for no other',
    arguments: [{ name: 'name', about: 'name of the person' }],
    options: [
      { flags: '--customer <name>', about: 'a customer; may be given several times', repeat: true },
      { flags: '--reason <text>', about: 'why, for the history', required: true },
    ],
    access: 'person',
    channels: ['persons.setCustomers'],
    run: async ({ client, input }) =>
      formatSpeakers(
        await client.invoke('persons.setCustomers', {
          person: input.text('name'),
          customers: [...input.list('customer')],
          reason: input.text('reason'),
        }),
      ),
  }),
];

function formatSpeakers(speakers: OutputOf<'persons.customers'>) {
  const text = formatTable(
    speakers,
    [
      { title: 'PERSON', cell: (row) => row.person },
      {
        title: 'SPEAKS FOR',
        cell: (row) => (row.customers.length === 0 ? 'nobody in particular' : row.customers.join(', ')),
      },
      { title: 'SINCE', cell: (row) => formatInstant(row.at) },
      { title: 'BY', cell: (row) => row.by },
      { title: 'REASON', cell: (row) => row.reason },
    ],
    'Of nobody is it on record for whom they speak.',
  );
  return { value: speakers, text };
}
