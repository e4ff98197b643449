import type { Letter, OccasionKind, Party, RaciElement } from '../../../contract/vocabulary.ts';
import type { Speaks } from '../review/customer.ts';
import type { TaskEvent } from '../run/state.ts';
import { holdersOf, type RaciPerson } from './holders.ts';
import type { RaciRow } from './matrix.ts';

/** Letters that a notice goes to. R and A have the ball or pass it on: they need none. */
export type NoticeLetter = Extract<Letter, 'C' | 'I'>;

interface Rule {
  readonly element: RaciElement;
  /** Of a run or a plan that installs what the customer named for at once. */
  readonly outOfCycle?: RaciElement;
  /** Asked once for each thing, where an answer can still help; told of every step of it. */
  readonly letters: readonly NoticeLetter[];
}

const BOTH: readonly NoticeLetter[] = ['C', 'I'];

/** Each step belongs to one element of the matrix. */
const RULES: Readonly<Record<OccasionKind, Rule>> = {
  'bundle-imported': { element: 'platform-updates', letters: BOTH },
  'agents-imported': { element: 'agents-provide', letters: BOTH },
  // Which patch group an endpoint is in, and whose the group is, is the nearest that there is to a wanted cycle.
  'group-changed': { element: 'agents-configure', letters: BOTH },
  'policy-changed': { element: 'platform-configuration', letters: BOTH },
  'matrix-changed': { element: 'platform-configuration', letters: BOTH },
  'scan-done': { element: 'scan', letters: BOTH },
  'emergency-requested': { element: 'name-out-of-cycle', letters: BOTH },
  'plan-made': { element: 'apply', outOfCycle: 'apply-out-of-cycle', letters: BOTH },
  'approval-requested': { element: 'approve', letters: BOTH },
  'quality-checked': { element: 'approve', letters: ['I'] },
  'list-made': { element: 'approve', letters: ['I'] },
  'pack-exported': { element: 'approve', letters: ['I'] },
  'decision-taken-in': { element: 'approve', letters: ['I'] },
  'approval-decided': { element: 'approve', letters: ['I'] },
  'run-started': { element: 'apply', outOfCycle: 'apply-out-of-cycle', letters: ['I'] },
  'snapshot-taken': { element: 'snapshot', letters: BOTH },
  'snapshot-proven': { element: 'ensure-snapshot', letters: BOTH },
  'restore-begun': { element: 'restore', letters: ['C'] },
  restored: { element: 'restore', letters: ['I'] },
  incident: { element: 'ensure-success', letters: BOTH },
  'run-ended': { element: 'ensure-success', letters: BOTH },
};

/** Elements that no step of this product opens a notice for yet, and why: whoever reads the matrix is told. */
export const WITHOUT_STEP: Readonly<Partial<Record<RaciElement, string>>> = {
  'platform-availability': 'there are no schedules yet whose runs could be attempted or missed',
  'agents-deploy': 'no agent is deployed yet',
  'agents-update': 'no agent is deployed yet',
};

export function ruleOf(
  kind: OccasionKind,
  outOfCycle: boolean,
): { element: RaciElement; letters: readonly NoticeLetter[] } {
  const rule = RULES[kind];
  return { element: outOfCycle ? (rule.outOfCycle ?? rule.element) : rule.element, letters: rule.letters };
}

export interface NoticeFor {
  readonly party: Party;
  readonly letter: NoticeLetter;
  /** `null`: the matrix gives the party the letter, and nobody here stands for it. Somebody has to carry it to them. */
  readonly personId: string | null;
}

/**
 * Whom a step has to be said to on one side, by one row of the matrix: each letter at least once, nobody twice for the same letter.
 *
 * @param customer whom it is said to, a customer at a time: where nobody here speaks for one of them, another's people stand in for
 *   nobody; `null`: the provider
 */
export function noticesFor(
  row: RaciRow,
  letters: readonly NoticeLetter[],
  persons: readonly RaciPerson[],
  customer: string | null,
  speaks: Speaks,
): NoticeFor[] {
  const party: Party = customer === null ? 'provider' : 'customer';
  const here = customer === null ? persons : persons.filter(({ id }) => speaks(id, customer));
  return letters
    .filter((letter) => row[party].includes(letter))
    .flatMap((letter): NoticeFor[] => {
      const holders = holdersOf(row, party, letter, here);
      if (holders.length === 0) return [{ party, letter, personId: null }];
      return holders.map(({ id }) => ({ party, letter, personId: id }));
    });
}

/** The step that an entry of a run's journal stands for, if people are to hear of it. */
export function occasionOfEvent(
  event: TaskEvent,
): Extract<OccasionKind, 'snapshot-taken' | 'snapshot-proven' | 'restore-begun' | 'restored'> | null {
  if (event.kind === 'step-started') return event.step === 'restore' ? 'restore-begun' : null;
  if (event.kind !== 'step-finished') return null;
  switch (event.result.step) {
    case 'snapshot':
      return 'snapshot-taken';
    case 'prove-snapshot':
      return 'snapshot-proven';
    case 'prove-restore':
      return event.result.differences.length === 0 ? 'restored' : null;
    default:
      return null;
  }
}
