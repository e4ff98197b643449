import { fingerprintGroups, fingerprintWords, readFingerprint } from '../../bundle/fingerprint.ts';
import { defineCommand } from '../command.ts';
import { count, formatBytes, formatFacts, formatInstant, formatTable, listOf } from '../format.ts';
import { resolvePath } from '../paths.ts';
import { usageError } from '../usage.ts';
import { DECIDE_OPTIONS, readRows } from './review-rows.ts';

/** What the customer does on their own machine: needs no site, no account and no connection. */

const PASSPHRASE = {
  flags: '--key-passphrase-file <file>',
  about: 'passphrase of the key; - reads it from stdin (or SALLYPORT_REVIEW_PASSPHRASE)',
} as const;

const passphraseSource = (file: string | undefined, isNew: boolean) => ({
  what: isNew ? 'the new passphrase of the key' : 'the passphrase of the key',
  file,
  option: '--key-passphrase-file',
  variable: 'SALLYPORT_REVIEW_PASSPHRASE',
  isNew,
});

export const reviewSideCommands = [
  defineCommand({
    noun: 'review',
    verb: 'create-key',
    about: 'make the key that you sign decisions with, and show what the site has to enrol; needs no site',
    arguments: [{ name: 'file', about: 'new file for the key' }],
    options: [{ flags: '--name <name>', about: 'your name', required: true }, PASSPHRASE],
    access: 'none',
    channels: [],
    run: async ({ input, secrets, world }) => {
      const [{ createReviewerKey }, { keyFingerprint }] = await Promise.all([
        import('../../review/reviewer-key.ts'),
        import('../../review/public-key.ts'),
      ]);
      const passphrase = await secrets.readLine(passphraseSource(input.maybe('keyPassphraseFile'), true));
      const file = resolvePath(world, input.text('file'));
      const { name, publicKey } = await createReviewerKey(
        file,
        input.text('name'),
        passphrase,
        world.keyCost,
      );
      const fingerprint = keyFingerprint(publicKey);
      const facts = formatFacts([
        ['File', file],
        ['Name', name],
        ['Public key', publicKey],
        ['Fingerprint', fingerprintGroups(fingerprint)],
        ['In words', fingerprintWords(fingerprint).join(' ')],
      ]);
      return {
        value: { file, name, publicKey, fingerprint },
        text: `${facts}\n\nGive the public key to the site. Read the fingerprint out to them by telephone, or send it in a letter.`,
      };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'enrolment-sheet',
    about:
      'write a page to print and sign, by which the site enrols your key; needs no site and no passphrase',
    arguments: [
      { name: 'key', about: 'file of your key' },
      {
        name: 'file',
        about: 'new file: HTML, or with a name that ends in .txt the text for the site to read',
      },
    ],
    options: [{ flags: '--marking <text>', about: 'protective marking, such as OFFICIAL' }],
    access: 'none',
    channels: [],
    run: async ({ input, world }) => {
      const [
        { readReviewerKey },
        { formatEnrolmentSheet },
        { keyFingerprint },
        { writeNewFile },
        { enrolmentText },
      ] = await Promise.all([
        import('../../review/reviewer-key.ts'),
        import('../../review/enrolment-sheet.ts'),
        import('../../review/public-key.ts'),
        import('../../review/review-files.ts'),
        import('../../../contract/vocabulary.ts'),
      ]);
      const { name, publicKey } = readReviewerKey(resolvePath(world, input.text('key')));
      const file = resolvePath(world, input.text('file'));
      const isText = file.toLowerCase().endsWith('.txt');
      writeNewFile(
        file,
        isText
          ? `${enrolmentText(publicKey, name)}\n`
          : formatEnrolmentSheet({ name, publicKey, marking: input.maybe('marking') ?? '' }),
      );
      const fingerprint = keyFingerprint(publicKey);
      const facts = formatFacts([
        ['File', file],
        ['Name', name],
        ['Fingerprint', fingerprintGroups(fingerprint)],
      ]);
      return {
        value: { file, name, publicKey, fingerprint },
        text: isText
          ? `${facts}\n\nGive it to the site. Read the fingerprint out to them by telephone, or send it in a letter.`
          : `${facts}\n\nPrint it, sign it, and send it to the site or bring it along.`,
      };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'change-passphrase',
    about: 'seal your key with another passphrase; copies made before keep theirs; needs no site',
    arguments: [{ name: 'key', about: 'file of your key' }],
    options: [
      PASSPHRASE,
      {
        flags: '--new-key-passphrase-file <file>',
        about: 'the new one; - reads it from stdin (or SALLYPORT_NEW_REVIEW_PASSPHRASE)',
      },
    ],
    access: 'none',
    channels: [],
    run: async ({ input, secrets, world }) => {
      const { resealReviewerKey } = await import('../../review/reviewer-key.ts');
      const file = resolvePath(world, input.text('key'));
      const passphrase = await secrets.readLine(passphraseSource(input.maybe('keyPassphraseFile'), false));
      const next = await secrets.readLine({
        ...passphraseSource(input.maybe('newKeyPassphraseFile'), true),
        option: '--new-key-passphrase-file',
        variable: 'SALLYPORT_NEW_REVIEW_PASSPHRASE',
      });
      await resealReviewerKey(file, passphrase, next, world.keyCost);
      return { value: { file }, text: `${file} opens with the new passphrase from now on.` };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'show',
    about: 'show a review pack, once its signature holds; needs no site',
    arguments: [{ name: 'pack', about: 'review pack' }],
    access: 'none',
    channels: [],
    run: async ({ input, world }) => {
      const { openPack } = await import('../../review/review-files.ts');
      const { pack, sha256, siteFingerprint } = openPack(resolvePath(world, input.text('pack')));
      const facts = formatFacts([
        ['Site', `${pack.siteName}, ${pack.marking}`],
        ['Key of the site', fingerprintGroups(siteFingerprint)],
        ['Pack', pack.packId],
        ['Made', `${formatInstant(pack.createdAt)} by ${pack.createdBy}`],
        ['Cut-off', formatInstant(pack.cutOffAt)],
        ['Must approve', count(pack.approvers, 'person', 'persons')],
        ['Digest of the plan', pack.planDigest],
      ]);
      const table = formatTable(
        pack.patches,
        [
          { title: 'PACKAGE', cell: (row) => `${row.package}:${row.arch}` },
          { title: 'TO', cell: (row) => row.version },
          { title: 'SECURITY', cell: (row) => (row.security ? 'yes' : 'no') },
          { title: 'SEVERITY', cell: (row) => row.severity },
          { title: 'SIZE', cell: (row) => formatBytes(row.size), right: true },
          { title: 'WHY', cell: (row) => (row.requested ? 'asked for' : 'pulled in') },
          {
            title: 'ENDPOINTS',
            cell: (row) =>
              listOf(
                row.endpoints.map((item) => item.name),
                4,
              ),
          },
          { title: 'CVES', cell: (row) => listOf(row.cves, 3) },
        ],
        'No patch.',
      );
      return { value: { pack, sha256, siteFingerprint }, text: `${facts}\n\n${table}` };
    },
  }),
  defineCommand({
    noun: 'review',
    verb: 'decide',
    about: 'decide on every patch of a pack and sign the decision file; needs no site',
    arguments: [
      { name: 'pack', about: 'review pack' },
      { name: 'file', about: 'new file for the decision' },
    ],
    options: [
      {
        flags: '--site <fingerprint>',
        about: 'key of the site as it told you: digits, or its 24 words',
        required: true,
      },
      {
        flags: '--key-file <file>',
        about: 'your key; without it the decision is written for ssh-keygen -Y sign',
      },
      { flags: '--name <name>', about: 'your name, when there is no key to say it' },
      ...DECIDE_OPTIONS,
      PASSPHRASE,
    ],
    access: 'none',
    channels: [],
    run: async ({ input, secrets, world }) => {
      const [{ composeDecision, openPack, signDecision, writeNewFile, SSH_NAMESPACE }, { openReviewerKey }] =
        await Promise.all([import('../../review/review-files.ts'), import('../../review/reviewer-key.ts')]);
      const opened = openPack(resolvePath(world, input.text('pack')));
      if (readFingerprint(input.text('site')) !== opened.siteFingerprint) {
        throw usageError(
          'The pack is signed with another key than the one you named.',
          'Ask the site for the fingerprint of its key, by telephone or by letter. Do not decide on this pack before they are equal.',
        );
      }
      const rows = readRows(input, opened.pack);
      const decidedAt = world.now();
      // Judged before a passphrase is asked for: what is missing is said first.
      composeDecision(opened, rows, { decidedBy: '', decidedAt });
      const keyFile = input.maybe('keyFile');
      const key =
        keyFile === undefined
          ? null
          : await openReviewerKey(
              resolvePath(world, keyFile),
              await secrets.readLine(passphraseSource(input.maybe('keyPassphraseFile'), false)),
            );
      const who = { decidedBy: key?.name ?? input.maybe('name') ?? '', decidedAt };
      const payload = composeDecision(opened, rows, who);
      const file = resolvePath(world, input.text('file'));
      writeNewFile(file, key === null ? payload : signDecision(payload, key));
      const counted = (verdict: string): number => rows.filter((row) => row.verdict === verdict).length;
      const value = {
        ...{ file, packId: opened.pack.packId, signed: key !== null },
        ...{ approved: counted('approve'), rejected: counted('reject'), deferred: counted('defer') },
      };
      const next =
        key === null
          ? `Sign it now: ssh-keygen -Y sign -n ${SSH_NAMESPACE} -f KEY ${file}`
          : 'Give this file to the site.';
      const text = formatFacts([
        ['File', file],
        ['Approved', String(value.approved)],
        ['Rejected', String(value.rejected)],
        ['Deferred', String(value.deferred)],
      ]);
      return { value, text: `${text}\n\n${next}` };
    },
  }),
];
