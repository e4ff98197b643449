import { CodedError } from '../../contract/errors.ts';
import type { NoticeSubject, OccasionKind, RaciElement } from '../../contract/vocabulary.ts';
import { DEFAULT_RACI, rowOf, type RaciRow } from '../core/raci/matrix.ts';
import { noticesFor, ruleOf } from '../core/raci/occasions.ts';
import type { Services } from './services.ts';
import { speakers } from './statements.ts';

/** Who a step that the engine makes by itself is said to be by. */
export const BY_ITSELF = 'Sallyport';

/** A step of which people are to hear. */
export interface Occasion {
  readonly kind: OccasionKind;
  /** What the step is known by, beside its kind: the same step opens its notices once, also after a crash. */
  readonly key: string;
  readonly subject: NoticeSubject;
  readonly subjectId: string;
  /** Name of whoever did it. */
  readonly by: string;
  /** Whose it is, beside the provider's. */
  readonly customers: readonly string[];
  /** The words for a customer, of nothing that is another's; `null`: for the provider, of everything. */
  readonly say: (customer: string | null) => string;
  /** Endpoints that the notice names; none: it is of all that its subject names. */
  readonly endpointIds?: readonly string[];
  readonly outOfCycle?: boolean;
  /** Where the kind alone does not say it. */
  readonly element?: RaciElement;
}

export type NoticeServices = Pick<
  Services,
  'db' | 'site' | 'raci' | 'notices' | 'policies' | 'audit' | 'endpoints' | 'now' | 'newId' | 'publish'
>;

export function currentMatrix({ raci }: Pick<Services, 'raci'>): {
  version: number;
  rows: readonly RaciRow[];
} {
  return raci.listVersions().at(-1) ?? { version: 0, rows: DEFAULT_RACI };
}

/**
 * Opens the notices that the matrix in force asks for: to the provider, and to each customer whose it is, each with an entry in the
 * audit trail. Belongs into the transaction of the step itself: a process that is cut leaves both or neither. A step that was said
 * before is not said again.
 */
export function openNotices(services: NoticeServices, occasion: Occasion): void {
  if (!services.db.inTransaction)
    throw new Error(`Notices of ${occasion.kind} were opened beside their step.`);
  for (const customer of [null, ...new Set(occasion.customers)]) openFor(services, occasion, customer);
}

function openFor(services: NoticeServices, occasion: Occasion, customer: string | null): void {
  const { notices, site } = services;
  const key = keyOf(occasion, customer);
  if (notices.hasOccasion(key)) return;
  const rule = ruleOf(occasion.kind, occasion.outOfCycle === true);
  const element = occasion.element ?? rule.element;
  const { version, rows } = currentMatrix(services);
  const row = rowOf(rows, element);
  const wanted = noticesFor(row, rule.letters, site.listPersons(), customer, speakers(services, null));
  if (wanted.length === 0) return;
  const occasionId = services.newId();
  notices.insertOccasion({
    ...{ id: occasionId, key, kind: occasion.kind, element, version, by: occasion.by, customer },
    ...{ subject: occasion.subject, subjectId: occasion.subjectId, at: services.now() },
    text: occasion.say(customer),
  });
  for (const id of occasion.endpointIds ?? []) notices.addEndpoint(key, id);
  for (const item of wanted) notices.insertNotice({ ...item, id: services.newId(), occasionId });
  const to = wanted.map(
    ({ letter, party, personId }) =>
      `${letter} ${personId === null ? party : (site.findPerson(personId)?.name ?? personId)}`,
  );
  services.audit.append({
    ...{ at: services.now(), actor: occasion.by, action: 'notices opened' },
    subject: {
      ...{ occasion: occasion.kind, [occasion.subject]: occasion.subjectId, element },
      ...(customer === null || customer === '' ? {} : { customer }),
      ...{ matrix: String(version), to: to.join(', ') },
    },
  });
  services.publish({ kind: 'changed', area: 'notices', id: null });
}

/**
 * Says a step of work that must not stop for a notice, in the transaction of its record: a run, or what has happened on an endpoint
 * already. Where it cannot be said a savepoint takes back what was half said, and the audit trail says that nobody was told.
 */
export function sayBesideWork(
  services: Pick<Services, 'db' | 'audit' | 'now' | 'logBug'>,
  about: Readonly<Record<string, string>>,
  say: () => void,
): void {
  const { db, audit } = services;
  try {
    db.transaction(say)();
  } catch (error) {
    services.logBug(error);
    audit.append({
      ...{ at: services.now(), actor: BY_ITSELF, action: 'notices not opened' },
      subject: { ...about, code: error instanceof CodedError ? error.code : 'INTERNAL' },
    });
  }
}

const keyOf = ({ kind, key }: Pick<Occasion, 'kind' | 'key'>, customer: string | null): string =>
  customer === null ? `${kind}/${key}` : `${kind}/${key}/customer/${customer}`;

/** An endpoint more that a step reached, named to the provider and to whose it is. */
export function nameEndpoint(
  services: NoticeServices,
  occasion: Pick<Occasion, 'kind' | 'key'>,
  endpointId: string,
): void {
  for (const customer of [null, ownerAt(services)(endpointId)])
    services.notices.addEndpoint(keyOf(occasion, customer), endpointId);
}

type Owners = Pick<Services, 'endpoints' | 'policies'>;

/** Whose an endpoint is, as the site says now; '' where nobody said. */
export function ownerAt({ endpoints, policies }: Owners): (endpointId: string) => string {
  const owners = new Map(policies.listGroups().map(({ name, customer }) => [name, customer]));
  return (endpointId) => owners.get(endpoints.get(endpointId)?.group ?? '') ?? '';
}

/** Whether a person speaks for one of these customers; none: it concerns everybody. */
export function concernOf(
  services: Pick<Services, 'policies' | 'site'>,
  customers: readonly string[],
): (personId: string) => boolean {
  const speaks = speakers(services, null);
  return (personId) => customers.length === 0 || customers.some((customer) => speaks(personId, customer));
}

/** Whose these endpoints are, each customer once. */
export function customersOf(services: Owners, endpointIds: readonly string[]): string[] {
  const ownerOf = ownerAt(services);
  const known = endpointIds.filter((id) => services.endpoints.get(id) !== undefined);
  return [...new Set(known.map(ownerOf))];
}

/** Every customer of the site, of whom something is that concerns no endpoint in particular. */
export function everyCustomer({ policies }: Pick<Services, 'policies'>): string[] {
  const customers = [...new Set(policies.listGroups().map(({ customer }) => customer))];
  const named = customers.filter((customer) => customer !== '');
  // Where nobody said whose the groups are there is one customer, without a name.
  return named.length === 0 ? [''] : named;
}
