import type { Operation } from '../../../contract/site.ts';
import { createApplication, type Application } from '../../../renderer/stores/application.ts';
import type { ScreenName } from '../../../renderer/stores/navigation-store.ts';
import { createFakeClient, fail, type Answers } from './fake-client.ts';
import { IMPORT, IMPORT_RESULT, IMPORTED, WAITING_RESULT } from './fixtures/imports.ts';
import { EXPORT_RESULT, EXPORTED, PREPARING } from './fixtures/packs.ts';
import { BUNDLES, INSPECTION } from './fixtures/catalogue.ts';
import { findEndpoint } from './fixtures/endpoints.ts';
import { LISTS, sheetFor } from './fixtures/lists.ts';
import { ago, anId, HOUR, NOW } from './fixtures/made-up.ts';
import { BUILD, BUILT, KEY_DRAFT, NEEDS } from './fixtures/collect.ts';
import { siteView } from './fixtures/site.ts';
import { COUNSEL_SCENES } from './counsel-scenes.ts';
import { DESK_SCENES } from './desk-scenes.ts';
import { NOTICE_SCENES } from './notice-scenes.ts';
import { REVIEWER_SCENES } from './reviewer-scenes.ts';
import { STATEMENT_SCENES } from './statement-scenes.ts';
import { busySite, collectSite, emptyCollectSite, emptySite, noSite, siteWithList } from './site-answers.ts';

/** A list whose cut-off has passed, and that silence brings to its outcome. */
const closingLists = () =>
  LISTS.map((item) => ({
    ...{ ...item, groups: [...item.groups], answeredBy: [...item.answeredBy] },
    ...{ closes: true, state: 'cut-off-passed' as const, cutOffAt: ago(2 * HOUR) },
  }));

const siteWithClosingList = (signedIn: string): Answers => {
  const sheet = sheetFor(false);
  const head = { ...sheet.head, cutOffAt: ago(2 * HOUR) };
  return {
    ...siteWithList(signedIn),
    'queue.list': () => closingLists(),
    'queue.sheet': () => ({ ...sheet, head, mayNotDecideBecause: 'The cut-off has passed.' }),
  };
};

/** One state of the window, as it can be met. */
export interface Scene {
  readonly answers: Answers;
  readonly go?: readonly [screen: ScreenName, objectId?: string | null, section?: string];
  readonly then?: (application: Application) => void;
  /** What is done with the page once it stands: the key or the button, by name. */
  readonly press?: readonly (
    | readonly ['key', string]
    | readonly ['button', string]
    | readonly ['check', string]
    | readonly ['type', string, string]
  )[];
}

const ENGINEER = 'Ada Whitfield';
const APPROVER = 'Grace Lindqvist';

const IMPORT_IT = [
  ['type', 'Folder of the bundle, on the medium', '/media/usb/harbour-42'],
  ['button', 'Look at it'],
  ['button', 'Check and import'],
] as const;

/** What was inspected, as it stands in the catalogue once it is in. */
const IMPORTED_BUNDLE = {
  ...INSPECTION.bundle,
  importedBy: ENGINEER,
  importedAt: new Date(NOW).toISOString(),
  custody: BUNDLES[0]?.custody ?? INSPECTION.bundle.custody,
};

const DONE: Operation = {
  ...BUILD,
  status: 'done',
  activity: 'Writing the bundle',
  done: BUILD.total,
  steps: BUILD.steps.map((step) => ({
    ...step,
    state: 'done',
    startedAt: step.startedAt ?? BUILD.startedAt,
    endedAt: new Date(NOW - 90_000).toISOString(),
    done: step.total,
  })),
};

export const SCENES: Readonly<Record<string, Scene>> = {
  'first-start': { answers: noSite },
  'sign-in': { answers: busySite(null) },
  'choose-passphrase': {
    answers: {
      ...busySite(null),
      'site.get': () => {
        const view = siteView('Tom Okafor');
        const { signedIn } = view;
        return { ...view, signedIn: signedIn === null ? null : { ...signedIn, mustChoosePassphrase: true } };
      },
    },
  },
  'sign-in-wrong': {
    answers: {
      ...busySite(null),
      'session.signIn': () =>
        fail(
          'VAULT_PASSPHRASE_WRONG',
          'This is not the passphrase of Ada Whitfield.',
          'Try again; capital letters count.',
        ),
    },
    press: [
      ['type', 'Passphrase', 'not the right one'],
      ['button', 'Sign in'],
    ],
  },
  today: { answers: busySite(ENGINEER) },
  'today-empty': { answers: emptySite(ENGINEER) },
  endpoints: { answers: busySite(ENGINEER), go: ['endpoints', findEndpoint('web-06').id, 'findings'] },
  'endpoints-list': {
    answers: busySite(ENGINEER),
    go: ['endpoints'],
    then: ({ endpoints }) => {
      endpoints.getState().setFilter({ flags: ['security'] });
      endpoints
        .getState()
        .select([findEndpoint('web-05').id, findEndpoint('web-06').id, findEndpoint('web-07').id]);
    },
  },
  'endpoints-facts': { answers: busySite(ENGINEER), go: ['endpoints', findEndpoint('db-01').id, 'facts'] },
  'endpoints-packages': {
    answers: busySite(ENGINEER),
    go: ['endpoints', findEndpoint('db-01').id, 'packages'],
  },
  'endpoints-history': {
    answers: busySite(ENGINEER),
    go: ['endpoints', findEndpoint('db-01').id, 'history'],
  },
  'endpoints-pinning': {
    answers: busySite(ENGINEER),
    go: ['endpoints', findEndpoint('desk-174').id, 'access'],
    press: [['button', 'Read the key of desk-174']],
  },
  'endpoints-add': { answers: busySite(ENGINEER), go: ['endpoints', null, 'add'] },
  'endpoints-plan': {
    answers: busySite(ENGINEER),
    go: ['endpoints', null, 'plan'],
  },
  'endpoints-empty': { answers: emptySite(ENGINEER), go: ['endpoints'] },
  'catalogue-bundles': { answers: busySite(ENGINEER), go: ['catalogue', null, 'bundles'] },
  'catalogue-due': { answers: busySite(ENGINEER), go: ['catalogue', null, 'due'] },
  'catalogue-free-space': { answers: busySite(ENGINEER), go: ['catalogue', null, 'garbage'] },
  'catalogue-patches': {
    answers: busySite(ENGINEER),
    go: ['catalogue', null, 'patches'],
    press: [['key', 'j']],
  },
  'catalogue-import': {
    answers: busySite(ENGINEER),
    go: ['catalogue', null, 'import'],
    press: [
      ['type', 'Folder of the bundle, on the medium', '/media/usb/harbour-42'],
      ['button', 'Look at it'],
    ],
  },
  'catalogue-import-untrusted': {
    answers: emptySite(ENGINEER),
    go: ['catalogue', null, 'import'],
    press: [
      ['type', 'Folder of the bundle, on the medium', '/media/usb/harbour-42'],
      ['button', 'Look at it'],
    ],
  },
  'catalogue-import-refused': {
    answers: {
      ...busySite(ENGINEER),
      'bundles.inspect': () =>
        fail(
          'BUNDLE_HASH_MISMATCH',
          'objects/9f/9f3c1c5a0b6e has other bytes than the manifest names: sha256 41d0c6e2f6ab instead of 9f3c1c5a0b6e.',
          'Copy the bundle onto the medium again. If it happens again, tell whoever built it.',
        ),
    },
    go: ['catalogue', null, 'import'],
    press: [
      ['type', 'Folder of the bundle, on the medium', '/media/usb/harbour-42'],
      ['button', 'Look at it'],
    ],
  },
  'catalogue-importing': {
    answers: { ...busySite(ENGINEER), 'operations.list': () => [IMPORT] },
    go: ['catalogue', null, 'import'],
    press: IMPORT_IT,
  },
  'catalogue-imported': {
    answers: {
      ...busySite(ENGINEER),
      'bundles.list': () => [IMPORTED_BUNDLE, ...BUNDLES],
      'operations.list': () => [IMPORTED],
      'operations.wait': () => ({ operation: IMPORTED, result: { ...IMPORT_RESULT } }),
    },
    go: ['catalogue', null, 'import'],
    press: IMPORT_IT,
  },
  'catalogue-import-next-medium': {
    answers: {
      ...busySite(ENGINEER),
      'operations.list': () => [IMPORTED],
      'operations.wait': () => ({ operation: IMPORTED, result: { ...WAITING_RESULT } }),
    },
    go: ['catalogue', null, 'import'],
    press: IMPORT_IT,
  },
  'catalogue-import-too-old': {
    answers: {
      ...busySite(ENGINEER),
      'operations.list': () => [],
      'operations.wait': () =>
        fail(
          'BUNDLE_EXPIRED',
          'Bundle harbour/42 is 96 days old, more than may pass without a stated reason.',
          'Ask for a newer bundle, or import this one with a reason, which is recorded.',
        ),
    },
    go: ['catalogue', null, 'import'],
    press: IMPORT_IT,
  },
  'catalogue-empty': { answers: emptySite(ENGINEER), go: ['catalogue', null, 'bundles'] },
  approvals: { answers: busySite(APPROVER), go: ['approvals', anId(4, 1)] },
  'approvals-reject': { answers: busySite(APPROVER), go: ['approvals', anId(4, 1)], press: [['key', 'r']] },
  'approvals-own': { answers: busySite(ENGINEER), go: ['approvals', anId(4, 1)] },
  'approvals-granted': { answers: busySite(ENGINEER), go: ['approvals', anId(4, 2)] },
  'approvals-plan': { answers: busySite(ENGINEER), go: ['approvals', anId(3, 3)] },
  'approvals-list': { answers: siteWithList(APPROVER), go: ['approvals', anId(4, 1)] },
  'approvals-list-defer': {
    answers: siteWithList(APPROVER),
    go: ['approvals', anId(4, 1)],
    press: [['key', 'd']],
  },
  'approvals-list-about': {
    answers: siteWithList(APPROVER),
    go: ['approvals', anId(4, 1)],
    press: [['button', 'About this list']],
  },
  'approvals-list-keys': {
    answers: siteWithList(APPROVER),
    go: ['approvals', anId(4, 1)],
    press: [['key', '?']],
  },
  'approvals-list-sign': {
    answers: siteWithList(APPROVER),
    go: ['approvals', anId(4, 1)],
    press: [['button', 'Sign']],
  },
  'approvals-list-closes': {
    answers: siteWithClosingList(ENGINEER),
    go: ['approvals', anId(4, 1)],
  },
  'approvals-list-close': {
    answers: siteWithClosingList(ENGINEER),
    go: ['approvals', anId(4, 1)],
    press: [['button', 'Close the list']],
  },
  'approvals-list-closed': {
    answers: {
      ...siteWithClosingList(ENGINEER),
      'reviews.settle': () => [
        {
          ...{ packId: anId(12, 1), approvalId: anId(4, 1), status: 'partly', operationId: anId(10, 7) },
          ...{ approved: 212, standing: 40, silence: 5_310, left: 61 },
        },
      ],
    },
    go: ['approvals', anId(4, 1), 'close'],
    press: [['key', 'Enter']],
  },
  'approvals-list-engineer': { answers: siteWithList(ENGINEER), go: ['approvals', anId(4, 1)] },
  'approvals-prepare': {
    answers: busySite(ENGINEER),
    go: ['approvals', anId(4, 1)],
    press: [['button', 'Prepare the list']],
  },
  'approvals-import-refused': {
    answers: {
      ...busySite(ENGINEER),
      'reviews.import': () =>
        fail(
          'REVIEW_LATE',
          'grace.decision was signed after the cut-off of 24 November 2026, 12:00.',
          'Prepare the list again and have the customer decide on the new one.',
        ),
    },
    go: ['approvals', anId(4, 1)],
    press: [
      ['button', 'Import decision'],
      ['type', 'Decision file', '/media/usb/grace.decision'],
      ['button', 'Check and import'],
    ],
  },
  'approvals-preparing': {
    answers: {
      ...busySite(ENGINEER),
      'queue.prepare': () => ({ operationId: PREPARING.id }),
      'operations.list': () => [PREPARING],
    },
    go: ['approvals', anId(4, 1)],
    press: [
      ['button', 'Prepare the list'],
      ['type', 'Cut-off', '2026-12-01T17:00'],
      ['key', 'Enter'],
    ],
  },
  'approvals-export': {
    answers: {
      ...siteWithList(ENGINEER),
      'reviews.export': () => ({ operationId: EXPORTED.id }),
      'operations.wait': () => ({ operation: EXPORTED, result: { ...EXPORT_RESULT } }),
    },
    go: ['approvals', anId(4, 1)],
    press: [
      ['button', 'Export review pack'],
      ['type', 'Folder or new file on the medium', '/media/usb/november.zip'],
      ['button', 'Write the pack'],
    ],
  },
  'approvals-empty': { answers: emptySite(ENGINEER), go: ['approvals'] },
  runs: { answers: busySite(ENGINEER), go: ['runs', anId(5, 1)] },
  'runs-stop': { answers: busySite(ENGINEER), go: ['runs', anId(5, 1)], press: [['button', 'Stop']] },
  'runs-empty': { answers: emptySite(ENGINEER), go: ['runs'] },
  restore: { answers: busySite(ENGINEER), go: ['restore', anId(6, 1)] },
  'restore-confirm': {
    answers: busySite(ENGINEER),
    go: ['restore', anId(6, 1)],
    press: [['button', 'Restore web-01']],
  },
  'restore-empty': { answers: emptySite(ENGINEER), go: ['restore'] },
  incidents: { answers: busySite(ENGINEER), go: ['incidents', anId(7, 2)] },
  'settings-site': { answers: emptySite(ENGINEER), go: ['settings', null, 'site'] },
  'settings-people': { answers: busySite(APPROVER), go: ['settings', null, 'people'] },
  'settings-people-change': {
    answers: busySite(APPROVER),
    go: ['settings', null, 'people'],
    press: [['button', 'Change Ada Whitfield']],
  },
  'settings-groups': { answers: busySite(ENGINEER), go: ['settings', null, 'groups'] },
  'settings-groups-empty': { answers: emptySite(ENGINEER), go: ['settings', null, 'groups'] },
  'settings-delegation-revoke': {
    answers: busySite(ENGINEER),
    go: ['settings', null, 'groups'],
    press: [['button', 'Revoke Grace Lindqvist to Ines Okoye']],
  },
  ...NOTICE_SCENES,
  ...REVIEWER_SCENES,
  ...STATEMENT_SCENES,
  ...COUNSEL_SCENES,
  'settings-raci': { answers: busySite(APPROVER), go: ['settings', null, 'raci'] },
  'settings-raci-change': {
    answers: busySite(APPROVER),
    go: ['settings', null, 'raci'],
    press: [['button', 'Change Approving patches']],
  },
  'settings-raci-named': {
    answers: busySite(APPROVER),
    go: ['settings', null, 'raci'],
    press: [['button', 'Change Applying approved patches']],
  },
  'settings-hypervisors': { answers: busySite(ENGINEER), go: ['settings', null, 'hypervisors'] },
  'settings-audit': { answers: busySite(ENGINEER), go: ['settings', null, 'audit'] },
  'settings-window': { answers: busySite(ENGINEER), go: ['settings', null, 'window'] },
  ...DESK_SCENES,
  'collect-sources': { answers: collectSite(ENGINEER), go: ['sources'] },
  'collect-sources-risk': { answers: collectSite(ENGINEER), go: ['sources', null, 'advisories'] },
  'collect-register': { answers: collectSite(ENGINEER), go: ['bundles', null, 'sites'] },
  'keys-status': { answers: collectSite(ENGINEER), go: ['keys'] },
  'keys-ceremony': {
    answers: emptyCollectSite(ENGINEER),
    go: ['keys', null, 'ceremony'],
    press: [
      ['button', 'Go on'],
      ['type', 'Name of the keyholder', 'Ada Whitfield'],
    ],
  },
  'keys-draft': {
    answers: { ...collectSite(ENGINEER), 'collect.keyStatus': () => KEY_DRAFT },
    go: ['keys'],
  },
  'keys-change': { answers: collectSite(ENGINEER), go: ['keys', null, 'change'] },
  'keys-cards': { answers: collectSite(ENGINEER), go: ['keys', null, 'card'] },
  'collect-media': {
    answers: collectSite(ENGINEER),
    go: ['media'],
    press: [['button', 'Write a bundle to /media/usb1']],
  },
  'collect-first-keys': { answers: emptyCollectSite(ENGINEER), go: ['sources'] },
  'collect-needs': { answers: collectSite(ENGINEER), go: ['needs'] },
  'collect-needs-no-mirror': { answers: collectSite(ENGINEER), go: ['needs', NEEDS[1]?.id ?? null] },
  'collect-needs-open': { answers: emptyCollectSite(ENGINEER), go: ['needs', null, 'open'] },
  'collect-bundles': { answers: collectSite(ENGINEER), go: ['bundles'] },
  'collect-bundles-empty': { answers: emptyCollectSite(ENGINEER), go: ['bundles'] },
  'collect-build': {
    answers: collectSite(ENGINEER),
    go: ['bundles', null, 'build'],
    then: ({ collect }) => collect.getState().choose(NEEDS[0]?.id ?? '', true),
  },
  'collect-building': {
    answers: { ...collectSite(ENGINEER), 'operations.list': () => [BUILD] },
    go: ['bundles', null, 'build'],
    then: ({ collect }) => collect.setState({ buildId: BUILD.id }),
  },
  'collect-built': {
    answers: {
      ...collectSite(ENGINEER),
      'operations.list': () => [DONE],
      'operations.wait': () => ({ operation: DONE, result: { ...BUILT[0] } }),
    },
    go: ['bundles', null, 'build'],
    then: ({ collect }) => collect.getState().choose(NEEDS[0]?.id ?? '', true),
    press: [
      ['type', 'Folder to write to', '/media/usb/harbour-42'],
      ['type', 'Passphrase of the signing keys', 'a kettle under the bridge'],
      ['button', 'Build it'],
    ],
  },
  'collect-settings': { answers: collectSite(ENGINEER), go: ['settings', null, 'site'] },
  palette: { answers: busySite(ENGINEER), press: [['key', 'Control+k']] },
  keys: { answers: busySite(ENGINEER), press: [['key', '?']] },
  'engine-lost': {
    answers: {
      'site.get': () =>
        fail(
          'ENGINE_LOST',
          'The engine ended and is being started again.',
          'Wait a moment, then try again. Runs go on from their journal.',
        ),
    },
  },
};

export function openScene(scene: Scene): Application {
  // What one scene typed is no part of the next.
  for (const key of Object.keys(window.localStorage))
    if (key.startsWith('draft.')) window.localStorage.removeItem(key);
  const client = createFakeClient(scene.answers, '/media/usb/harbour-42');
  const application = createApplication({ client, storage: window.localStorage, now: () => NOW });
  if (scene.go !== undefined) application.navigation.getState().go(...scene.go);
  scene.then?.(application);
  return application;
}
