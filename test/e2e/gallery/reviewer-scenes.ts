import { fail } from './fake-client.ts';
import { REVIEWER_KEYS, wordsOf } from './fixtures/reviewers.ts';
import { aDigest } from './fixtures/made-up.ts';
import type { Scene } from './scenes.ts';
import { busySite, emptySite } from './site-answers.ts';

const MANAGER = 'Grace Lindqvist';
const ENGINEER = 'Ada Whitfield';
const GO = ['settings', null, 'reviewers'] as const;
const showKey = (index: number): readonly ['button', string] => {
  const key = REVIEWER_KEYS[index];
  return ['button', `Show the key of ${key?.personName ?? ''}, ${key?.id.slice(0, 8) ?? ''}`];
};
const READ_FILE = [
  ['button', 'Enrol a reviewer'],
  ['type', 'Enrolment file', '/media/usb/ines-okoye.sallyport-enrol.txt'],
  ['button', 'Read the key'],
] as const;

/** The keys that customers sign with, as the site enrols and revokes them. */
export const REVIEWER_SCENES: Readonly<Record<string, Scene>> = {
  'settings-reviewers': { answers: busySite(MANAGER), go: GO, press: [showKey(1)] },
  'settings-reviewers-empty': { answers: emptySite(ENGINEER), go: GO },
  'settings-reviewers-expired': { answers: busySite(MANAGER), go: GO, press: [showKey(2)] },
  'settings-reviewers-revoked': { answers: busySite(MANAGER), go: GO, press: [showKey(0)] },
  'settings-reviewers-revoke': {
    answers: busySite(MANAGER),
    go: GO,
    press: [showKey(1), ['button', 'Revoke this key']],
  },
  'settings-reviewers-customers': {
    answers: busySite(MANAGER),
    go: GO,
    press: [showKey(3), ['button', 'Change whom they speak for']],
  },
  'settings-reviewers-find': {
    answers: emptySite(MANAGER),
    go: GO,
    press: [['button', 'Enrol a reviewer']],
  },
  'settings-reviewers-compare': {
    answers: { ...busySite(MANAGER), 'reviewers.list': () => [] },
    go: GO,
    press: [
      ...READ_FILE,
      ['type', 'Fingerprint, as its owner says or wrote it', wordsOf(aDigest(941)).join(' ')],
    ],
  },
  'settings-reviewers-refused': {
    answers: {
      ...busySite(ENGINEER),
      'reviewers.list': () => [],
      'reviewers.enrol': () =>
        fail(
          'POLICY_ROLE_MISSING',
          'Ada Whitfield cannot add a person with the role approver.',
          'A service manager has to do it: Grace Lindqvist.',
        ),
    },
    go: GO,
    press: [
      ...READ_FILE,
      ['type', 'Fingerprint, as its owner says or wrote it', wordsOf(aDigest(941)).join(' ')],
      ['check', 'I have it from the owner of the key, and know them'],
      ['button', 'Enrol the key'],
    ],
  },
};
