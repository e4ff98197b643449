import { PolicyError } from '../../../contract/errors.ts';
import {
  LETTERS,
  PARTIES,
  RACI_ELEMENTS,
  type Letter,
  type Party,
  type RaciElement,
  type Step,
  type TaskStatus,
} from '../../../contract/vocabulary.ts';

export interface NamedPerson {
  readonly party: Party;
  readonly letter: Letter;
  readonly personId: string;
}

export interface RaciRow {
  readonly element: RaciElement;
  readonly provider: readonly Letter[];
  readonly customer: readonly Letter[];
  readonly note: string;
  readonly persons: readonly NamedPerson[];
}

const row = (element: RaciElement, provider: string, customer: string, note = ''): RaciRow => ({
  element,
  provider: LETTERS.filter((letter) => provider.includes(letter)),
  customer: LETTERS.filter((letter) => customer.includes(letter)),
  note,
  persons: [],
});

const AGENTS = 'Only systems other than Windows need an agent. The provider can be paid to help.';

/** As the service was offered; a site changes it where its contract says otherwise. */
export const DEFAULT_RACI: readonly RaciRow[] = [
  row(
    'platform-availability',
    'AR',
    '',
    'At least one scheduled run is attempted successfully in every calendar month.',
  ),
  row('platform-updates', 'AR', '', 'Patches are at most 30 days behind the newest monthly releases.'),
  row('platform-configuration', 'AR', ''),
  row('agents-provide', 'AR', ''),
  row('agents-deploy', 'C', 'AR', AGENTS),
  row('agents-update', 'C', 'AR', AGENTS),
  row('agents-configure', 'R', 'AC', 'The customer answers for the data: which cycle is wanted.'),
  row('scan', 'AR', 'I'),
  row('approve', 'C', 'AR', 'The provider checks the quality of patches; the customer decides.'),
  row('snapshot', 'AR', 'I'),
  row('ensure-snapshot', 'AR', 'AR', 'Both answer for it: troubleshooting is by reasonable endeavours.'),
  row('apply', 'AR', ''),
  row('ensure-success', 'AR', 'RC', 'Troubleshooting is by reasonable endeavours.'),
  row('restore', 'AR', 'RC', 'Troubleshooting is by reasonable endeavours.'),
  row('name-out-of-cycle', 'I', 'AR', 'What the customer wants at once, outside of the cycle.'),
  row(
    'apply-out-of-cycle',
    'AR',
    'I',
    'The clock starts when it was asked for and the vendor has released it.',
  ),
];

/** Elements for which both parties may answer at once. */
const SHARED: readonly RaciElement[] = ['ensure-snapshot'];

const lettersOf = (item: RaciRow, party: Party): readonly Letter[] => item[party];

/** What is wrong with a row, in sentences; empty when nothing is. */
export function findFaults(item: RaciRow): string[] {
  const faults: string[] = [];
  const holds = (letter: Letter): readonly Party[] =>
    PARTIES.filter((party) => lettersOf(item, party).includes(letter));
  for (const party of PARTIES) {
    const letters = lettersOf(item, party);
    if (new Set(letters).size !== letters.length) faults.push(`The ${party} has a letter twice.`);
    if (letters.includes('I') && letters.length > 1)
      faults.push(`The ${party} already takes part, so leave out I.`);
  }
  if (holds('R').length === 0) faults.push('Nobody does the work: give one party R.');
  const accountable = holds('A');
  if (accountable.length === 0) faults.push('Nobody has the final word: give one party A.');
  if (accountable.length > 1) {
    if (!SHARED.includes(item.element)) faults.push('Both parties have the final word: only one can have A.');
    else if (holds('R').length < 2) faults.push('Where both parties have A, both must also have R.');
  }
  for (const { party, letter } of item.persons)
    if (!lettersOf(item, party).includes(letter))
      faults.push(`A person is named for ${letter} of the ${party}, which has no ${letter} here.`);
  return faults;
}

/**
 * The matrix after a change: each element once, in the order of the elements.
 *
 * @throws PolicyError POLICY_RACI_INVALID naming every element that is wrong
 */
export function changeMatrix(before: readonly RaciRow[], changes: readonly RaciRow[]): RaciRow[] {
  const elements = changes.map((item) => item.element);
  const twice = elements.find((element, index) => elements.indexOf(element) !== index);
  const faults = changes.flatMap((item) => findFaults(item).map((fault) => `${item.element}: ${fault}`));
  if (twice !== undefined) faults.unshift(`${twice}: The change names it twice.`);
  if (faults.length > 0) {
    throw new PolicyError('POLICY_RACI_INVALID', faults.join(' '), {
      hint: 'One party has A, at least one has R; who only needs to know has I.',
      subject: { elements: [...new Set(elements)].join(' ') },
    });
  }
  return RACI_ELEMENTS.map(
    (element) =>
      changes.find((item) => item.element === element) ??
      before.find((item) => item.element === element) ??
      rowOf(DEFAULT_RACI, element),
  );
}

export function rowOf(matrix: readonly RaciRow[], element: RaciElement): RaciRow {
  const found = matrix.find((item) => item.element === element);
  if (found === undefined) throw new Error(`the matrix has no row for ${element}`);
  return found;
}

/** Elements whose rows differ. */
export function changedElements(before: readonly RaciRow[], after: readonly RaciRow[]): RaciElement[] {
  return RACI_ELEMENTS.filter(
    (element) => JSON.stringify(rowOf(before, element)) !== JSON.stringify(rowOf(after, element)),
  );
}

/** An endpoint that went back is the restore's, every other incident one of success. */
export const elementOfIncident = (status: TaskStatus): RaciElement =>
  status === 'restored' ? 'restore' : 'ensure-success';

/** Which element a step of a run belongs to. `outOfCycle`: the run installs what the customer named for at once. */
export function elementOfStep(step: Step, outOfCycle: boolean): RaciElement {
  switch (step) {
    case 'preflight':
      return 'scan';
    case 'snapshot':
      return 'snapshot';
    case 'prove-snapshot':
      return 'ensure-snapshot';
    case 'stage':
    case 'install':
    case 'reboot':
    case 'clean-up':
      return outOfCycle ? 'apply-out-of-cycle' : 'apply';
    case 'verify':
      return 'ensure-success';
    case 'restore':
    case 'prove-restore':
      return 'restore';
  }
}
