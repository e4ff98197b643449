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
  readonly text: string;
  /** Name of whoever did it. */
  readonly by: string;
  /** Endpoints that the notice names; none: it is of all that its subject names. */
  readonly endpointIds?: readonly string[];
  /** Whose endpoints it is about; none: everybody's. Customers hear of nothing that is another's. */
  readonly customers?: readonly string[];
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
 * Opens the notices that the matrix in force asks for, with an entry in the audit trail. Belongs into the transaction of the step
 * itself: a process that is cut leaves both or neither. A step that was said before is not said again.
 */
export function openNotices(services: NoticeServices, occasion: Occasion): void {
  const { db, notices, site } = services;
  if (!db.inTransaction) throw new Error(`Notices of ${occasion.kind} were opened beside their step.`);
  const key = `${occasion.kind}/${occasion.key}`;
  if (notices.hasOccasion(key)) return;
  const rule = ruleOf(occasion.kind, occasion.outOfCycle === true);
  const element = occasion.element ?? rule.element;
  const { version, rows } = currentMatrix(services);
  const wanted = noticesFor(
    rowOf(rows, element),
    rule.letters,
    site.listPersons(),
    concernOf(services, occasion.customers ?? []),
  );
  if (wanted.length === 0) return;
  const occasionId = services.newId();
  notices.insertOccasion({
    ...{ id: occasionId, key, kind: occasion.kind, element, version, text: occasion.text, by: occasion.by },
    ...{ subject: occasion.subject, subjectId: occasion.subjectId, at: services.now() },
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
      ...{ matrix: String(version), to: to.join(', ') },
    },
  });
  services.publish({ kind: 'changed', area: 'notices', id: null });
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
export function customersOf(
  { endpoints, policies }: Pick<Services, 'endpoints' | 'policies'>,
  endpointIds: readonly string[],
): string[] {
  const owners = new Map(policies.listGroups().map(({ name, customer }) => [name, customer]));
  return [
    ...new Set(
      endpointIds.flatMap((id) => {
        const group = endpoints.get(id)?.group;
        return group === undefined ? [] : [owners.get(group) ?? ''];
      }),
    ),
  ];
}
