import { PolicyError } from '../../contract/errors.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import type { Plan } from '../core/plan.ts';
import { barTo, type Answering } from '../core/review/may-answer.ts';
import { customersOf } from './notices.ts';
import { keptDelegations, sameHandAt, siteTime, speakers } from './statements.ts';
import type { Services } from './services.ts';

type Asked = Pick<ApprovalRow, 'requestedBy'>;

/** What decides who could answer an approval. */
export function answeringOf(
  services: Services,
  { requestedBy }: Asked,
  customers: readonly string[],
): Answering {
  return {
    ...{ now: siteTime(services), requestedBy, customers },
    ...{ sameHand: sameHandAt(services), speaksFor: speakers(services, requestedBy) },
    delegations: keptDelegations(services),
  };
}

/** Whose endpoints a plan is about. */
export const customersOfPlan = (services: Services, plan: Plan): string[] =>
  customersOf(
    services,
    plan.endpoints.map(({ endpointId }) => endpointId),
  );

/** Whether a word of theirs could reach the site and count: at the console, or with a key that whoever asked did not vouch for. */
export function hasMeans(
  { reviews }: Pick<Services, 'reviews'>,
  { now, requestedBy, sameHand }: Answering,
): (person: Pick<PersonRow, 'id' | 'keyslot'>) => boolean {
  const live = reviews
    .listKeys()
    .filter((key) => key.revokedAt === null)
    .filter((key) => key.validUntil === null || Date.parse(now) < Date.parse(key.validUntil))
    .filter((key) => !sameHand(key.enrolledBy, requestedBy));
  const holders = new Set(live.map((key) => key.personId));
  return ({ id, keyslot }) => keyslot !== '' || holders.has(id);
}

/** Why a person who is signed in cannot decide, for people; `null`: they can. */
export function whyNotAnswer(
  services: Services,
  asked: Asked,
  customers: readonly string[],
  person: PersonRow,
): string | null {
  if (!person.roles.includes('approver')) return `${person.name} does not have the role approver.`;
  const bar = barTo(person, answeringOf(services, asked, customers));
  if (bar === null) return null;
  if (bar === 'other-customer') {
    const whose = customers.filter((name) => name !== '').join(', ');
    return `${person.name} does not speak for ${whose === '' ? 'groups of which nobody said whose they are' : whose}.`;
  }
  return asked.requestedBy === person.id
    ? 'You asked for it: another person has to decide.'
    : 'You and whoever asked are one hand: another person has to decide.';
}

/**
 * Before a list goes out: an answer that every key here could give would be refused when it comes back.
 *
 * @throws PolicyError POLICY_SAME_PERSON
 */
export function requireSomebodyToAnswer(services: Services, asked: Asked, customer: string): void {
  const answering = answeringOf(services, asked, [customer]);
  const able = services.site.listPersons().filter((person) => barTo(person, answering) === null);
  const canReach = hasMeans(services, answering);
  if (able.length === 0 || able.some(canReach)) return;
  throw new PolicyError(
    'POLICY_SAME_PERSON',
    `Nobody could answer: whoever asks enrolled the keys of ${able.map(({ name }) => name).join(', ')}.`,
    { hint: 'Have somebody else ask, or enrol their keys anew.' },
  );
}
