import { PolicyTerms } from '../../../contract/policies.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { formatInstant, formatTable, shortId } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { pickId } from '../pick.ts';
import { usageError } from '../usage.ts';
import { statementSideCommands } from './statement-side.ts';

const json = (value: unknown): string => JSON.stringify(value, null, 2);
const withId = <T extends { readonly sha256: string }>(rows: readonly T[]) =>
  rows.map((row) => ({ ...row, id: row.sha256 }));
const FILE = [{ name: 'file', about: 'the signed file' }] as const;
const HASH = 'its SHA-256, or the beginning of it';

export const policyCommands = [
  defineCommand({
    noun: 'group',
    verb: 'list',
    about: 'list patch groups and whose they are',
    access: 'person',
    channels: ['groups.list'],
    run: async ({ client }) => {
      const value = await client.invoke('groups.list', {});
      const columns = [
        { title: 'GROUP', cell: (row: (typeof value)[number]) => row.name },
        { title: 'CUSTOMER', cell: (row: (typeof value)[number]) => row.customer || 'nobody yet' },
        {
          title: 'ENDPOINTS',
          cell: (row: (typeof value)[number]) => String(row.endpoints),
          right: true as const,
        },
        {
          title: 'POLICY',
          cell: (row: (typeof value)[number]) =>
            row.policySha256 === null ? 'none: every patch needs a yes' : shortId(row.policySha256),
        },
      ];
      return { value, text: formatTable(value, columns, 'No group.') };
    },
  }),
  defineCommand({
    noun: 'group',
    verb: 'set',
    about: 'say which customer a patch group belongs to',
    arguments: [{ name: 'name', about: 'the group' }],
    options: [{ flags: '--customer <name>', about: 'the customer', required: true }],
    access: 'person',
    channels: ['groups.set'],
    run: async ({ client, input }) => {
      const [name, customer] = [input.text('name'), input.text('customer')];
      const value = await client.invoke('groups.set', { name, customer });
      return { value, text: `${name} belongs to ${customer}.` };
    },
  }),
  defineCommand({
    noun: 'endpoint',
    verb: 'set-group',
    about: 'move an endpoint to another patch group',
    arguments: [{ name: 'endpoint', about: 'its name' }],
    options: [{ flags: '--group <name>', about: 'the patch group', required: true }],
    access: 'person',
    channels: ['endpoints.list', 'endpoints.setGroup'],
    run: async ({ client, input }) => {
      const id = await pickId(input.text('endpoint'), 'endpoint', () => client.invoke('endpoints.list', {}));
      const value = await client.invoke('endpoints.setGroup', { id, group: input.text('group') });
      return { value, text: `${value.name} belongs to ${value.group}.` };
    },
  }),
  defineCommand({
    noun: 'policy',
    verb: 'list',
    about: "list every version of customers' policies",
    access: 'person',
    channels: ['policies.list'],
    run: async ({ client }) => {
      const value = await client.invoke('policies.list', {});
      const text = formatTable(
        value,
        [
          { title: 'POLICY', cell: (row) => shortId(row.sha256) },
          { title: 'GROUP', cell: (row) => row.group },
          { title: 'VERSION', cell: (row) => String(row.version), right: true },
          { title: 'MODE', cell: (row) => row.terms.mode },
          { title: 'SIGNED', cell: (row) => `${formatInstant(row.signedAt)} by ${row.signedBy}` },
          { title: 'STATE', cell: (row) => (row.inForce ? 'in force' : 'replaced') },
        ],
        'No customer has signed a policy.',
      );
      return { value, text };
    },
  }),
  defineCommand({
    noun: 'policy',
    verb: 'show',
    about: 'show a policy, or with --approval those that an approval was made under',
    arguments: [{ name: 'policy', about: HASH, optional: true }],
    options: [{ flags: '--approval <id>', about: 'the approval' }],
    access: 'person',
    channels: ['policies.list', 'policies.get', 'policies.ofApproval', 'approvals.list'],
    run: async ({ client, input }) => {
      const approval = input.maybe('approval');
      if (approval !== undefined) {
        const id = await pickId(approval, 'approval', () => client.invoke('approvals.list', {}));
        const value = await client.invoke('policies.ofApproval', { approvalId: id });
        return { value, text: json(value) };
      }
      const sha256 = await pickId(input.maybe('policy') ?? '', 'policy', async () =>
        withId(await client.invoke('policies.list', {})),
      );
      const value = await client.invoke('policies.get', { sha256 });
      return { value, text: json(value) };
    },
  }),
  defineCommand({
    noun: 'policy',
    verb: 'import',
    about: 'take in a policy that the customer signed; a later version takes the place of an earlier one',
    arguments: FILE,
    access: 'person',
    channels: ['policies.import'],
    run: async ({ client, input, world }) => {
      const value = await client.invoke('policies.import', { file: resolvePath(world, input.text('file')) });
      return { value, text: `Version ${value.version} is in force for ${value.group}.` };
    },
  }),
  defineCommand({
    noun: 'policy',
    verb: 'sign-here',
    about: 'sign the terms of a draft as an approver of this site',
    arguments: [{ name: 'draft', about: 'the draft; its version and signer are set here' }],
    access: 'person',
    channels: ['policies.sign'],
    run: async ({ client, input, world }) => {
      const { readDraft } = await import('../../review/statement-files.ts');
      const written = readDraft(resolvePath(world, input.text('draft')));
      const terms = PolicyTerms.safeParse(
        Object.fromEntries(Object.keys(PolicyTerms.shape).map((name) => [name, written[name]])),
      );
      if (!terms.success)
        throw usageError(`The draft is malformed at ${terms.error.issues[0]?.path.join('.') ?? ''}.`);
      const value = await client.invoke('policies.sign', {
        group: String(written['group']),
        terms: terms.data,
      });
      return { value, text: `Version ${value.version} is in force for ${value.group}.` };
    },
  }),
  defineCommand({
    noun: 'delegation',
    verb: 'list',
    about: 'list who decides for whom, and until when',
    access: 'person',
    channels: ['delegations.list'],
    run: async ({ client }) => {
      const value = await client.invoke('delegations.list', {});
      const text = formatTable(
        value,
        [
          { title: 'DELEGATION', cell: (row) => shortId(row.sha256) },
          { title: 'FOR', cell: (row) => row.from.name },
          { title: 'DECIDES', cell: (row) => row.to.name },
          { title: 'UNTIL', cell: (row) => formatInstant(row.validUntil) },
          { title: 'STATE', cell: (row) => row.state },
        ],
        'Nobody decides for anybody else.',
      );
      return { value, text };
    },
  }),
  defineCommand({
    noun: 'delegation',
    verb: 'import',
    about: 'take in a delegation that an approver signed',
    arguments: FILE,
    access: 'person',
    channels: ['delegations.import'],
    run: async ({ client, input, world }) => {
      const value = await client.invoke('delegations.import', {
        file: resolvePath(world, input.text('file')),
      });
      return { value, text: `${value.to.name} decides for ${value.from.name} until ${value.validUntil}.` };
    },
  }),
  defineCommand({
    noun: 'delegation',
    verb: 'revoke',
    about: 'end a delegation; what was decided under it does not count any more',
    arguments: [{ name: 'delegation', about: HASH }],
    options: [{ flags: '--reason <text>', about: 'why', required: true }],
    access: 'person',
    channels: ['delegations.list', 'delegations.revoke'],
    run: async ({ client, input }) => {
      const sha256 = await pickId(input.text('delegation'), 'delegation', async () =>
        withId(await client.invoke('delegations.list', {})),
      );
      const value = await client.invoke('delegations.revoke', { sha256, reason: input.text('reason') });
      return { value, text: `${value.to.name} decides for ${value.from.name} no more.` };
    },
  }),
  defineCommand({
    noun: 'emergency',
    verb: 'list',
    about: 'list out-of-cycle requests of customers',
    access: 'person',
    channels: ['emergency.list'],
    run: async ({ client }) => {
      const value = await client.invoke('emergency.list', {});
      const text = formatTable(
        value,
        [
          { title: 'REQUEST', cell: (row) => shortId(row.sha256) },
          { title: 'BY', cell: (row) => `${row.requestedBy} for ${row.customer}` },
          { title: 'NAMES', cell: (row) => row.names.map((name) => name.value).join(' ') },
          { title: 'UNTIL', cell: (row) => formatInstant(row.until) },
          { title: 'STATE', cell: (row) => row.state },
        ],
        'No customer asked for anything out of cycle.',
      );
      return { value, text };
    },
  }),
  defineCommand({
    noun: 'emergency',
    verb: 'import',
    about: 'take in an out-of-cycle request that the customer signed',
    arguments: FILE,
    access: 'person',
    channels: ['emergency.import'],
    run: async ({ client, input, world }) => {
      const value = await client.invoke('emergency.import', { file: resolvePath(world, input.text('file')) });
      return { value, text: `Next: sallyport emergency plan ${shortId(value.sha256)}` };
    },
  }),
  defineCommand({
    noun: 'emergency',
    verb: 'plan',
    about: 'plan exactly what an out-of-cycle request names; the request is its approval',
    arguments: [{ name: 'request', about: HASH }],
    access: 'person',
    channels: ['emergency.list', 'emergency.plan', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const sha256 = await pickId(input.text('request'), 'request', async () =>
        withId(await client.invoke('emergency.list', {})),
      );
      const value = await followOperation(client, { progress, world }, () =>
        client.invoke('emergency.plan', { sha256 }),
      );
      return { value, text: 'The plan is made and approved. Next: sallyport approval list' };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'settle',
    about:
      'turn packs into their outcome whose cut-off has passed, where silence or standing approvals count',
    access: 'person',
    channels: ['reviews.settle', 'operations.wait', 'operations.cancel'],
    run: async ({ client, progress, world }) => {
      const value = await client.invoke('reviews.settle', {});
      for (const { operationId } of value) {
        if (operationId !== null)
          await followOperation(client, { progress, world }, () => Promise.resolve({ operationId }));
      }
      const text = formatTable(
        value,
        [
          { title: 'PACK', cell: (row) => shortId(row.packId) },
          { title: 'OUTCOME', cell: (row) => row.status },
          { title: 'APPROVED', cell: (row) => String(row.approved), right: true },
          { title: 'STANDING', cell: (row) => String(row.standing), right: true },
          { title: 'SILENCE', cell: (row) => String(row.silence), right: true },
          { title: 'LEFT', cell: (row) => String(row.left), right: true },
        ],
        'No pack is to be settled.',
      );
      return { value, text };
    },
  }),
  ...statementSideCommands,
];
