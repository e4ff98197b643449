import type { DeskPackView } from '../../../contract/packs.ts';
import type { Tone } from '../../format/words.ts';

const PACK_STATES: Readonly<Record<DeskPackView['state'], { readonly word: string; readonly tone: Tone }>> = {
  open: { word: 'To decide', tone: 'accent' },
  decided: { word: 'Signed', tone: 'good' },
  late: { word: 'Cut-off passed', tone: 'warn' },
  superseded: { word: 'Superseded', tone: 'quiet' },
};

/** How a pack stands. Whatever state it is in, one that another key signed than the one that was compared is not the site's. */
export function standOf(pack: Pick<DeskPackView, 'state' | 'siteKeyState'>): {
  readonly word: string;
  readonly tone: Tone;
} {
  return isForeign(pack) ? { word: 'Signed by another key', tone: 'bad' } : PACK_STATES[pack.state];
}

export const isForeign = (pack: Pick<DeskPackView, 'siteKeyState'>): boolean => pack.siteKeyState === 'other';
