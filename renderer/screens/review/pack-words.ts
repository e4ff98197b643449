import type { DeskPackView } from '../../../contract/packs.ts';
import type { Tone } from '../../format/words.ts';

export const PACK_STATES: Readonly<
  Record<DeskPackView['state'], { readonly word: string; readonly tone: Tone }>
> = {
  open: { word: 'To decide', tone: 'accent' },
  decided: { word: 'Signed', tone: 'good' },
  late: { word: 'Cut-off passed', tone: 'warn' },
  superseded: { word: 'Superseded', tone: 'quiet' },
};
