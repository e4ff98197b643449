import type { DeskPackView } from '../../../contract/packs.ts';
import { fail, type Answers } from './fake-client.ts';
import { DESK_PACKS, FORGED_PACK, MY_KEY } from './fixtures/desk.ts';
import { listDetail, sheetFor } from './fixtures/lists.ts';
import { siteView } from './fixtures/site.ts';
import type { Scene } from './scenes.ts';

const view = siteView(null);
const [WAITING, TO_COMPARE, SIGNED] = DESK_PACKS;
const MY_KEY_SCREEN = ['my-key', null] as const;

/** The customer's own machine: no account, no connection. */
export function desk(packs: readonly DeskPackView[] = DESK_PACKS): Answers {
  return {
    'site.get': () => ({
      ...view,
      site:
        view.site === null
          ? null
          : { ...view.site, name: 'Review', marking: '', workspace: 'review', simulated: false },
      vault: 'absent',
      persons: [],
      catalogue: { bundles: 0, newestBundleAt: null, patches: 0 },
    }),
    'packs.list': () => [...packs],
    'packs.sheet': () => sheetFor(true),
    'packs.silence': () => ({ awaited: 0, yes: 41, no: 3, held: 2, standing: 2, out: 1 }),
    'packs.patch': ({ patch }) => listDetail(patch),
    'packs.draft': () => packs[0] ?? fail('CONTRACT_NOT_FOUND', 'There is no such pack.'),
    'packs.media': () => [],
    'myKey.get': () => MY_KEY,
    'operations.list': () => [],
  };
}

const NO_KEY: Answers = { ...desk(), 'myKey.get': () => ({ current: null, retired: [] }) };
const saying = (myKey: DeskPackView['myKey']): Answers =>
  desk(DESK_PACKS.map((pack) => ({ ...pack, myKey: pack.myKey === 'not-said' ? 'not-said' : myKey })));

export const DESK_SCENES: Readonly<Record<string, Scene>> = {
  'review-packs': { answers: desk(), go: ['packs', null] },
  'review-packs-forged': { answers: desk([FORGED_PACK, ...DESK_PACKS]), go: ['packs', null] },
  'review-packs-empty': { answers: { ...NO_KEY, 'packs.list': () => [] }, go: ['packs', null] },
  'review-site-key': { answers: desk(), go: ['packs', TO_COMPARE?.id ?? null] },
  'review-decide': { answers: desk(), go: ['packs', WAITING?.id ?? null] },
  'review-sign': {
    answers: desk(),
    go: ['packs', WAITING?.id ?? null],
    press: [['button', 'Go to the signature']],
  },
  'review-sign-awaited': {
    answers: {
      ...desk(),
      'packs.silence': () => ({ awaited: 55, yes: 0, no: 0, held: 0, standing: 0, out: 1 }),
    },
    go: ['packs', WAITING?.id ?? null],
    press: [['button', 'Go to the signature']],
  },
  'review-sign-wrong': {
    answers: {
      ...desk(),
      'packs.export': () =>
        fail(
          'VAULT_PASSPHRASE_WRONG',
          'The passphrase is wrong.',
          'Try again. Who has lost it makes a new key and has that enrolled.',
        ),
    },
    go: ['packs', WAITING?.id ?? null],
    press: [
      ['button', 'Go to the signature'],
      ['type', 'Passphrase of your key', 'not the right one'],
      ['type', 'New file on the medium', '/media/usb/decision.json'],
      ['button', 'Sign and write'],
    ],
  },
  'review-sign-revoked': {
    answers: saying('revoked'),
    go: ['packs', WAITING?.id ?? null],
    press: [['button', 'Go to the signature']],
  },
  'review-signed': { answers: desk(), go: ['packs', SIGNED?.id ?? null] },
  'my-key': { answers: desk(), go: MY_KEY_SCREEN },
  'my-key-none': { answers: NO_KEY, go: MY_KEY_SCREEN },
  'my-key-make': { answers: NO_KEY, go: ['my-key', null, 'make'] },
  'my-key-save': {
    answers: {
      ...desk(),
      'myKey.saveEnrolment': () => ({ file: '/media/usb/mira-patel-9b0ed700.sallyport-enrol.txt' }),
    },
    go: ['my-key', null, 'save'],
    press: [
      ['type', 'Folder or new file on the medium', '/media/usb'],
      ['button', 'Write the file'],
    ],
  },
  'my-key-backup': { answers: desk(), go: ['my-key', null, 'backup'] },
  'my-key-passphrase': { answers: desk(), go: ['my-key', null, 'passphrase'] },
  'my-key-import': { answers: NO_KEY, go: ['my-key', null, 'import'] },
  'my-key-replace': { answers: desk(), go: ['my-key', null, 'replace'] },
  'my-key-lost': { answers: desk(), go: ['my-key', null, 'lost'] },
  'my-key-replaced': {
    answers: { ...desk(), 'myKey.rotate': () => MY_KEY },
    go: ['my-key', null, 'lost'],
    press: [
      ['type', 'Passphrase', 'seven grey herons at dusk'],
      ['type', 'The same again', 'seven grey herons at dusk'],
      ['button', 'Replace the key'],
    ],
  },
  'my-key-revoked': { answers: saying('revoked'), go: MY_KEY_SCREEN },
  'my-key-expired': { answers: saying('expired'), go: MY_KEY_SCREEN },
  'my-key-not-enrolled': { answers: saying('not-enrolled'), go: MY_KEY_SCREEN },
};
