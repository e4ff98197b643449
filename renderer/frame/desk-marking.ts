import { useStore } from 'zustand';
import { markingText } from '../../contract/marking.ts';
import type { DeskPackView } from '../../contract/packs.ts';
import { useApplication } from '../stores/context.tsx';

/**
 * What the band of the Review workspace says. Words differ from customer to customer, so nobody can say which of two is the higher:
 * several are shown as they are. Whoever signed a pack could write anything into it, so only compared sites are asked for what they
 * have in common; of an open pack its own is shown.
 */
export function bandOf(packs: readonly DeskPackView[], open: DeskPackView | undefined): string {
  if (open !== undefined && open.siteKeyState !== 'other') return markingText(open.marking);
  const markings = trustedMarkings(packs);
  if (markings.length === 0) return 'No marking: no pack of a compared site is here';
  return markings.map(markingText).join(' / ');
}

/** Of sites whose key was compared, each once, of the newest pack first. */
export function trustedMarkings(packs: readonly DeskPackView[]): readonly string[] {
  const trusted = packs.filter(({ siteKeyState }) => siteKeyState === 'trusted');
  return [...new Set(trusted.map(({ marking }) => marking))];
}

export function useDeskMarking(): string {
  const { desk, navigation } = useApplication();
  const packs = useStore(desk, (state) => state.packs.value);
  const screen = useStore(navigation, (state) => state.screen);
  const openId = useStore(navigation, (state) => state.open.packs ?? null);
  const open = screen === 'packs' ? packs?.find(({ id }) => id === openId) : undefined;
  return bandOf(packs ?? [], open);
}
