import { aDigest, anId } from './fixtures/made-up.ts';
import { ASKED_TEXT } from './fixtures/notices.ts';
import type { Scene } from './scenes.ts';
import { busySite } from './site-answers.ts';

const ENGINEER = 'Ada Whitfield';
const MANAGER = 'Grace Lindqvist';
const GO = ['today', null, 'notices'] as const;
/** The first two rows. */
const CHOOSE = [
  ['key', 'j'],
  ['key', 'x'],
  ['key', 'j'],
  ['key', 'x'],
] as const;

/** Who was asked and told: the desk of a person, the record, and what carries it to those who do not sign in. */
export const NOTICE_SCENES: Readonly<Record<string, Scene>> = {
  'today-asked': { answers: busySite(MANAGER) },
  'today-answer': { answers: busySite(MANAGER), press: [['button', `Answer ${ASKED_TEXT}`]] },
  notices: { answers: busySite(ENGINEER), go: GO, press: CHOOSE },
  'notices-reader': { answers: busySite('Priya Raman'), go: GO },
  'notices-none': { answers: { ...busySite(ENGINEER), 'notices.list': () => [] }, go: GO },
  'notices-print': { answers: busySite(ENGINEER), go: GO, press: [...CHOOSE, ['button', 'Print']] },
  'notices-handed-over': {
    answers: busySite(ENGINEER),
    go: GO,
    press: [...CHOOSE, ['button', 'Handed over']],
  },
  'notices-drop': {
    answers: {
      ...busySite(ENGINEER),
      'notices.drop': () => [
        {
          ...{ file: '/media/usb/sallyport-notice-harbour-street-grace-lindqvist-2026-11-24-9f3c1c5a.txt' },
          ...{ sha256: aDigest(4_200), to: MANAGER, notices: 2 },
        },
      ],
    },
    go: GO,
    press: [...CHOOSE, ['button', 'Write files'], ['type', 'Folder', '/media/usb'], ['button', 'Write']],
  },
  'notices-write-down': {
    answers: busySite(ENGINEER),
    go: GO,
    press: [
      ['key', 'j'],
      ['key', 'j'],
      ['key', 'x'],
      ['button', 'Write down an answer'],
    ],
  },
  'approvals-strip': { answers: busySite(MANAGER), go: ['approvals', anId(4, 1)] },
};
