import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import type { Services } from './services.ts';

/** Whether fewer than two persons have a role here. Every report says so. */
export const isSingleOperator = ({ site }: Pick<Services, 'site'>): boolean =>
  site.listPersons().filter((person) => person.roles.length > 0).length < 2;

/** What a report of this site has to declare; `null` where there is nothing. */
export const declarationOf = (services: Pick<Services, 'site'>): string | null =>
  isSingleOperator(services) ? SINGLE_OPERATOR : null;
