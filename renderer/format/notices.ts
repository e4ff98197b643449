import { sayRecipient } from '../../contract/notice-words.ts';
import type { NoticeView } from '../../contract/notices.ts';
import type { NoticeSubject } from '../../contract/vocabulary.ts';
import type { OperateScreen } from '../stores/navigation-store.ts';
import { PARTY_WORDS } from './raci.ts';

/** Whom a notice is for; a party that nobody here stands for in words. */
export function recipientOf(notice: Pick<NoticeView, 'person' | 'party' | 'customer'>): string {
  const isNamed = notice.person !== null || (notice.customer !== null && notice.customer !== '');
  return isNamed ? sayRecipient(notice) : `The ${PARTY_WORDS[notice.party]}`;
}

/** Where what a notice is about is shown. */
export function placeOf(about: { readonly kind: NoticeSubject; readonly id: string }): {
  readonly screen: OperateScreen;
  readonly objectId: string | null;
  readonly section?: string;
} {
  switch (about.kind) {
    case 'approval':
    case 'plan':
      return { screen: 'approvals', objectId: about.id };
    case 'run':
      return { screen: 'runs', objectId: about.id };
    case 'incident':
      return { screen: 'incidents', objectId: about.id };
    case 'scan':
      return { screen: 'endpoints', objectId: null };
    case 'endpoint':
      return { screen: 'endpoints', objectId: about.id };
    case 'bundle':
      return { screen: 'catalogue', objectId: null, section: 'bundles' };
    case 'matrix':
      return { screen: 'settings', objectId: null, section: 'raci' };
    case 'group':
    case 'policy':
    case 'request':
      return { screen: 'settings', objectId: null, section: 'groups' };
  }
}
