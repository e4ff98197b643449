import { ExportedPack } from '../../../contract/reviews.ts';
import { fingerprintGroups } from '../../bundle/fingerprint.ts';
import { followOperation } from '../client.ts';
import { defineCommand } from '../command.ts';
import { formatBytes, formatFacts, formatInstant, formatTable, shortId } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { pickId } from '../pick.ts';
import { finishImport } from './review-outcome.ts';
import { reviewSheetCommands } from './review-sheets.ts';
import { reviewSideCommands } from './review-side.ts';

export const reviewCommands = [
  defineCommand({
    noun: 'review',
    verb: 'export',
    about: 'write a signed review pack of an approval that waits, for the customer to decide on elsewhere',
    arguments: [
      { name: 'approval', about: 'its id, or the beginning of it' },
      { name: 'file', about: 'new file, for example on a medium' },
    ],
    options: [
      {
        flags: '--cut-off <instant>',
        about: 'last moment at which a decision counts (ISO 8601, UTC); absent: the newest list as it is',
      },
      {
        flags: '--approvers <number>',
        about: 'different persons that must approve (1 when absent)',
        whole: true,
      },
    ],
    access: 'person',
    channels: ['approvals.list', 'reviews.export', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const approvalId = await pickId(input.text('approval'), 'approval', () =>
        client.invoke('approvals.list', {}),
      );
      const { result } = await followOperation(client, { progress, world }, () =>
        client.invoke('reviews.export', {
          approvalId,
          file: resolvePath(world, input.text('file')),
          cutOffAt: input.maybe('cutOff') ?? null,
          approvers: input.whole('approvers') ?? 1,
        }),
      );
      const exported = ExportedPack.parse(result);
      const text = formatFacts([
        ['Pack', exported.pack.id],
        ['File', `${exported.file}, ${formatBytes(exported.bytes)}`],
        ['Patches', String(exported.pack.patches)],
        ['Cut-off', formatInstant(exported.pack.cutOffAt)],
        ['Key of this site', fingerprintGroups(exported.siteKeyFingerprint)],
        ...(exported.pageSha256 === null ? [] : [['SHA-256 of review.html', exported.pageSha256] as const]),
      ]);
      return {
        value: exported,
        text: `${text}\n\nTell the customer the key of this site by another way than the medium.`,
      };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'list',
    about: 'list the review packs that went out, and who has answered',
    access: 'person',
    channels: ['reviews.list'],
    run: async ({ client }) => {
      const packs = await client.invoke('reviews.list', {});
      const text = formatTable(
        packs,
        [
          { title: 'PACK', cell: (row) => shortId(row.id) },
          { title: 'APPROVAL', cell: (row) => shortId(row.approvalId) },
          { title: 'MADE', cell: (row) => formatInstant(row.createdAt) },
          { title: 'CUT-OFF', cell: (row) => formatInstant(row.cutOffAt) },
          { title: 'PATCHES', cell: (row) => String(row.patches), right: true },
          { title: 'ANSWERED', cell: (row) => `${row.answeredBy.length} of ${row.approvers}` },
          { title: 'STATE', cell: (row) => (row.supersededBy === null ? 'newest' : 'superseded') },
        ],
        'No review pack has gone out.',
      );
      return { value: packs, text };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'import',
    about: 'take in what a customer decided; exactly what they approved can then be run',
    arguments: [{ name: 'file', about: 'decision file' }],
    options: [
      { flags: '--ssh-signature <file>', about: 'when the decision was signed by ssh-keygen -Y sign' },
      { flags: '--valid <hours>', about: 'for so many hours (72 when absent)', whole: true },
    ],
    access: 'person',
    channels: ['reviews.import', 'operations.wait', 'operations.cancel'],
    run: async ({ client, input, progress, world }) => {
      const signature = input.maybe('sshSignature');
      const validHours = input.whole('valid');
      const outcome = await client.invoke('reviews.import', {
        file: resolvePath(world, input.text('file')),
        signatureFile: signature === undefined ? null : resolvePath(world, signature),
        ...(validHours === undefined ? {} : { validHours }),
      });
      return finishImport({ client, progress, world }, outcome);
    },
  }),
  ...reviewSheetCommands,
  ...reviewSideCommands,
];
