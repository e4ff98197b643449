import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import type { Role } from '../../contract/vocabulary.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { handsOf } from '../core/raci/hands.ts';
import type { Services } from './services.ts';

/** Whether no two persons of different hands could ask and answer here. Every report says so. */
export function isSingleOperator({ site, reviews }: Pick<Services, 'site' | 'reviews'>): boolean {
  const persons = site.listPersons();
  const having = (role: Role) => persons.filter(({ roles }) => roles.includes(role));
  const sameHand = handsOf(persons);
  const keys = reviews.listKeys().filter(({ revokedAt }) => revokedAt === null);
  // Whoever signs elsewhere answers with a key, and not for whoever vouched for it.
  const mayAnswer = (approver: PersonRow, asker: PersonRow): boolean =>
    !sameHand(approver.id, asker.id) &&
    (approver.keyslot !== '' ||
      keys.some((key) => key.personId === approver.id && !sameHand(key.enrolledBy, asker.id)));
  return !having('engineer').some((asker) => having('approver').some((item) => mayAnswer(item, asker)));
}

/** What a report of this site has to declare; `null` where there is nothing. */
export const declarationOf = (services: Pick<Services, 'site' | 'reviews'>): string | null =>
  isSingleOperator(services) ? SINGLE_OPERATOR : null;
