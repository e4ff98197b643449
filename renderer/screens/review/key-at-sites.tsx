import { useStore } from 'zustand';
import type { DeskPackView } from '../../../contract/packs.ts';
import { KeyAtSiteNote } from '../../components/key-at-site.tsx';
import { useApplication } from '../../stores/context.tsx';

const NONE: readonly DeskPackView[] = [];

/** What each site said of the key in the newest pack that it gave. */
export function SitesOnMyKey() {
  const { desk } = useApplication();
  const packs = useStore(desk, (state) => state.packs.value ?? NONE);
  const newest = new Map<string, DeskPackView>();
  for (const pack of packs.toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))) {
    if (pack.siteKeyState === 'trusted') newest.set(pack.siteId, pack);
  }
  return [...newest.values()].map((pack) => (
    <KeyAtSiteNote key={pack.id} state={pack.myKey} siteName={pack.siteName} at={pack.createdAt} />
  ));
}
