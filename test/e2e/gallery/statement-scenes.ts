import { enrolmentText } from '../../../contract/vocabulary.ts';
import { fail, type Answers } from './fake-client.ts';
import { aDigest, ago, DAY } from './fixtures/made-up.ts';
import { GROUPS } from './fixtures/policies.ts';
import { wordsOf } from './fixtures/reviewers.ts';
import { siteView } from './fixtures/site.ts';
import { DESK_SITES, DESK_STATEMENTS, OTHER_KEY } from './fixtures/statements.ts';
import { busySite } from './site-answers.ts';
import type { Scene } from './scenes.ts';

const { site, ...view } = siteView(null);

/** The customer's own machine: a key, one site that they know, and what they signed for it. */
export const customerDesk: Answers = {
  'site.get': () => ({
    ...view,
    site: site === null ? null : { ...site, name: 'Review', workspace: 'review', simulated: false },
    ...{ persons: [], vault: 'absent' },
    catalogue: { bundles: 0, newestBundleAt: null, patches: 0 },
  }),
  'packs.list': () => [],
  'myKey.get': () => ({
    current: {
      ...{ fingerprint: aDigest(932), words: wordsOf(aDigest(932)), publicKey: aDigest(931) },
      ...{ name: 'Mira Patel', madeAt: ago(40 * DAY), retiredAt: null, retiredBecause: null },
    },
    retired: [],
  }),
  'statements.sites': () => [...DESK_SITES],
  'statements.list': () => [...DESK_STATEMENTS],
  'statements.readKey': () => OTHER_KEY,
  'operations.list': () => [],
};

const POLICY = DESK_STATEMENTS[2]?.sha256 ?? '';
const REQUEST = DESK_STATEMENTS[0]?.sha256 ?? '';
const GROUP = GROUPS[0]?.name ?? '';
const FILE = ['type', 'New file on the medium', '/media/usb/policy-web-version-3.json'] as const;

/** What the customer signs beside decisions. */
export const STATEMENT_SCENES: Readonly<Record<string, Scene>> = {
  'settings-groups-sign': {
    answers: busySite('Grace Lindqvist'),
    go: ['settings', null, 'groups'],
    press: [['button', `Sign terms for ${GROUP}`]],
  },
  policies: { answers: customerDesk, go: ['policies'] },
  'policies-empty': { answers: { ...customerDesk, 'statements.list': () => [] }, go: ['policies'] },
  'policies-signed': { answers: customerDesk, go: ['policies', POLICY] },
  'policies-not-written': { answers: customerDesk, go: ['policies', REQUEST] },
  'policies-sign': {
    answers: customerDesk,
    go: ['policies', null, 'policy'],
    press: [
      ['button', 'Take out exclusion 2'],
      ['button', 'Take out approval in advance 1'],
      ['type', 'Approvers', '1'],
    ],
  },
  'policies-sign-unready': {
    answers: customerDesk,
    go: ['policies', null, 'policy'],
    press: [
      ['button', 'Exclude patches'],
      ['type', 'Approvers', '9'],
    ],
  },
  'policies-sign-refused': {
    answers: {
      ...customerDesk,
      'statements.signPolicy': () =>
        fail(
          'VAULT_PASSPHRASE_WRONG',
          'The passphrase is wrong.',
          'Try again. Who has lost it makes a new key and has that enrolled.',
        ),
    },
    go: ['policies', null, 'policy'],
    press: [FILE, ['type', 'Passphrase of your key', 'not the right one'], ['button', 'Sign the policy']],
  },
  'policies-sign-unknown-site': {
    answers: { ...customerDesk, 'statements.sites': () => [], 'statements.list': () => [] },
    go: ['policies', null, 'policy'],
  },
  'policies-delegate': {
    answers: customerDesk,
    go: ['policies', null, 'delegation'],
    press: [
      ['type', 'Or the text of its QR code, or their public key', enrolmentText(aDigest(940), 'Ines Okoye')],
      ['button', 'Read their key'],
    ],
  },
  'policies-emergency': {
    answers: customerDesk,
    go: ['policies', null, 'emergency'],
    press: [
      ['check', 'Group Web'],
      ['check', 'Group Databases'],
      ['type', 'Name', 'openssl'],
      ['button', 'Name another'],
    ],
  },
};
