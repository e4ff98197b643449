import type { OutputOf } from '../../../contract/channels.ts';
import { SINGLE_OPERATOR } from '../../../contract/declaration.ts';
import { defineCommand } from '../command.ts';
import { count, formatBytes, formatFacts, formatInstant, listOf } from '../format.ts';
import { ROLE_CHOICES, WORKSPACE_CHOICES, readRoles, readWorkspace } from '../choices.ts';

type SiteView = OutputOf<'site.get'>;

function describeSite(view: SiteView): string {
  const { site, catalogue, engine } = view;
  if (site === null) return 'This data folder holds no site yet.';
  const persons = view.persons.map((person) => `${person.name} (${listOf(person.roles)})`);
  return formatFacts([
    ['Site', site.name],
    ['Marking', site.marking],
    ['Workspace', site.workspace],
    ['Created', formatInstant(site.createdAt)],
    ...(site.simulated ? ([['Lab', 'SIMULATED: the endpoints of this site are not real']] as const) : []),
    ...(site.singleOperator ? ([['Declared', SINGLE_OPERATOR]] as const) : []),
    ['Persons', listOf(persons)],
    ['Vault', view.vault],
    ['Keyring', view.keyring],
    [
      'Catalogue',
      catalogue.bundles === 0
        ? 'empty'
        : `${count(catalogue.patches, 'patch', 'patches')} from ${count(catalogue.bundles, 'bundle')}, the newest of ${formatInstant(catalogue.newestBundleAt)}`,
    ],
    ['Engine', `${engine.version} on Node ${engine.node}, ${formatBytes(engine.memoryBytes)} of memory`],
  ]);
}

export const siteCommands = [
  defineCommand({
    noun: 'site',
    verb: 'create',
    about: 'make a new site, with its first person',
    arguments: [{ name: 'name', about: 'name of the site' }],
    options: [
      { flags: '--person <name>', about: 'the first person', required: true },
      {
        flags: '--role <role>',
        about: 'a role of that person; may be given several times',
        choices: ROLE_CHOICES,
        repeat: true,
        required: true,
      },
      {
        flags: '--workspace <workspace>',
        about: 'what the site is for (operate when absent)',
        choices: WORKSPACE_CHOICES,
      },
      { flags: '--marking <text>', about: 'protective marking (OFFICIAL when absent)' },
      {
        flags: '--simulated',
        about: 'say wherever a person looks that the lab behind this site is simulated',
      },
    ],
    access: 'new-site',
    channels: ['site.create'],
    run: async ({ client, input, secrets }) => {
      const person = input.text('person');
      const marking = input.maybe('marking');
      const workspace = input.maybe('workspace');
      const passphrase = await secrets.ofPerson(person, true);
      const view = await client.invoke('site.create', {
        name: input.text('name'),
        person: { name: person, roles: readRoles(input.list('role')), passphrase },
        simulated: input.flag('simulated'),
        ...(marking === undefined ? {} : { marking }),
        ...(workspace === undefined ? {} : { workspace: readWorkspace(workspace) }),
      });
      return { value: view, text: `The site was created.\n${describeSite(view)}` };
    },
  }),
  defineCommand({
    noun: 'site',
    verb: 'show',
    about: 'show the site, its persons and its catalogue; needs no sign-in',
    access: 'site',
    channels: ['site.get'],
    run: async ({ client }) => {
      const view = await client.invoke('site.get', {});
      return { value: view, text: describeSite(view) };
    },
  }),
  defineCommand({
    noun: 'site',
    verb: 'workspace',
    about: 'change what the site is for; refused where it has endpoints or work is under way',
    arguments: [{ name: 'workspace', about: WORKSPACE_CHOICES.join(' or ') }],
    access: 'person',
    channels: ['site.setWorkspace'],
    run: async ({ client, input }) => {
      const workspace = readWorkspace(input.text('workspace'));
      const view = await client.invoke('site.setWorkspace', { workspace });
      return { value: view, text: describeSite(view) };
    },
  }),
];
