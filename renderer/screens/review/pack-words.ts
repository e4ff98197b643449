import type { DeskPackView } from '../../../contract/packs.ts';
import type { Verdict } from '../../../contract/reviews.ts';
import type { Tone } from '../../format/words.ts';

export const PACK_STATES: Readonly<
  Record<DeskPackView['state'], { readonly word: string; readonly tone: Tone }>
> = {
  open: { word: 'To decide', tone: 'accent' },
  decided: { word: 'Signed', tone: 'good' },
  late: { word: 'Cut-off passed', tone: 'warn' },
  superseded: { word: 'Superseded', tone: 'quiet' },
};

export const VERDICT_WORDS: Readonly<Record<Verdict, { readonly word: string; readonly tone: Tone }>> = {
  approve: { word: 'Approved', tone: 'good' },
  reject: { word: 'Rejected', tone: 'bad' },
  defer: { word: 'Deferred', tone: 'warn' },
  ask: { word: 'Question', tone: 'info' },
};
