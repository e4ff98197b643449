import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CodedError } from '../../../../../contract/errors.ts';
import {
  LETTERS,
  PARTIES,
  RACI_ELEMENTS,
  ROLES,
  STEPS,
  type Role,
} from '../../../../../contract/vocabulary.ts';
import { ballOfApproval } from '../../../../../main/core/raci/ball.ts';
import { holdersOf } from '../../../../../main/core/raci/holders.ts';
import {
  changeMatrix,
  DEFAULT_RACI,
  elementOfStep,
  findFaults,
  rowOf,
  type RaciRow,
} from '../../../../../main/core/raci/matrix.ts';
import { requireRoleChange, type RoleHolder } from '../../../../../main/core/raci/roles.ts';

const cell = fc.subarray([...LETTERS]);
const rows = fc.record({
  element: fc.constantFrom(...RACI_ELEMENTS),
  provider: cell,
  customer: cell,
  note: fc.constant(''),
  persons: fc.constant([]),
});
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
};

describe('the matrix', () => {
  test('comes with every element, and without a fault', () => {
    expect(DEFAULT_RACI.map((row) => row.element)).toEqual([...RACI_ELEMENTS]);
    expect(DEFAULT_RACI.flatMap(findFaults)).toEqual([]);
  });

  test('whatever is asked for, in force is one party that answers and one at least that works', () => {
    fc.assert(
      fc.property(fc.array(fc.array(rows, { minLength: 1, maxLength: 4 }), { maxLength: 8 }), (changes) => {
        let matrix: readonly RaciRow[] = DEFAULT_RACI;
        for (const change of changes) {
          try {
            matrix = changeMatrix(matrix, change);
          } catch (error) {
            expect(error).toMatchObject({ code: 'POLICY_RACI_INVALID' });
          }
          expect(matrix.map((row) => row.element)).toEqual([...RACI_ELEMENTS]);
          for (const row of matrix) {
            const accountable = PARTIES.filter((party) => row[party].includes('A'));
            expect(accountable.length).toBe(
              accountable.length === 2 && row.element === 'ensure-snapshot' ? 2 : 1,
            );
            expect([...row.provider, ...row.customer]).toContain('R');
          }
        }
      }),
    );
  });

  test('names what is wrong', () => {
    const row: RaciRow = { ...rowOf(DEFAULT_RACI, 'scan'), customer: ['A', 'I'] };
    expect(findFaults(row)).toEqual([
      'The customer already takes part, so leave out I.',
      'Both parties have the final word: only one can have A.',
    ]);
    expect(
      codeOf(() => changeMatrix(DEFAULT_RACI, [rowOf(DEFAULT_RACI, 'scan'), rowOf(DEFAULT_RACI, 'scan')])),
    ).toBe('POLICY_RACI_INVALID');
  });

  test('has an element for every step', () => {
    expect(STEPS.map((step) => elementOfStep(step, false))).toEqual([
      'scan',
      'snapshot',
      'ensure-snapshot',
      'apply',
      'apply',
      'apply',
      'ensure-success',
      'apply',
      'restore',
      'restore',
    ]);
    expect(elementOfStep('install', true)).toBe('apply-out-of-cycle');
  });

  test('takes a named person who is gone for nobody', () => {
    const scan: RaciRow = {
      ...rowOf(DEFAULT_RACI, 'scan'),
      persons: [{ party: 'customer', letter: 'I', personId: 'gone' }],
    };
    const grace = { id: 'grace', name: 'Grace', roles: ['approver'] as const };
    const gone = { id: 'gone', name: 'Gone', roles: [] };
    expect(holdersOf(scan, 'customer', 'I', [gone, grace])).toEqual([grace]);
    expect(holdersOf(scan, 'customer', 'A', [gone, grace])).toEqual([]);
  });
});

const people = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd'),
    roles: fc.subarray([...ROLES]),
    canSignIn: fc.boolean(),
  }),
  { minLength: 1, selector: ({ id }) => id },
);
const named = <T extends { readonly id: string }>(person: T): T & { name: string } => ({
  ...person,
  name: person.id,
});

describe('who has to act next', () => {
  test('is never who asked, nor who has answered, and never fewer than are missing', () => {
    fc.assert(
      fc.property(
        people,
        fc.integer({ min: 1, max: 3 }),
        fc.subarray(['a', 'b', 'c', 'd']),
        fc.constantFrom('a', 'b', 'c', 'd'),
        fc.constantFrom('a', 'b', 'c', 'd', 'nobody'),
        fc.subarray(['a', 'b', 'c', 'd']),
        fc.boolean(),
        (someone, needed, answeredBy, requestedBy, stranger, delegates, isOneVoice) => {
          const mayAnswer = (id: string): boolean =>
            id !== stranger &&
            (delegates.includes(id) ||
              someone.find((one) => one.id === id)?.roles.includes('approver') === true);
          const voiceOf = (id: string): string => (isOneVoice && id === 'b' ? 'a' : id);
          const ball = ballOfApproval(
            { status: 'requested', requestedBy, needed, answeredBy, mayAnswer, voiceOf },
            someone.map(named),
          );
          expect(ball).not.toBeNull();
          if (ball?.party !== 'customer') return;
          const counted = new Set(answeredBy.filter(mayAnswer).map(voiceOf));
          const voices = new Set(ball.persons.map(({ id }) => voiceOf(id)));
          expect(voices.size).toBeGreaterThanOrEqual(Math.max(1, needed - counted.size));
          for (const person of ball.persons) {
            expect(mayAnswer(person.id)).toBe(true);
            expect(counted).not.toContain(voiceOf(person.id));
            expect([requestedBy, stranger, ...answeredBy]).not.toContain(person.id);
          }
        },
      ),
    );
  });
});

describe('changes of roles', () => {
  const change = fc.record({
    actor: fc.nat(3),
    target: fc.nat(3),
    roles: fc.subarray([...ROLES]),
  });

  test('no sequence of them lets anybody gain a role by their own hand while another could sign in', () => {
    fc.assert(
      fc.property(people, fc.array(change, { maxLength: 20 }), (start, changes) => {
        let persons: readonly RoleHolder[] = start.map(named);
        const had = persons.some((one) => one.canSignIn && one.roles.includes('service-manager'));
        for (const { actor, target, roles } of changes) {
          const by = persons[actor % persons.length];
          const whom = persons[target % persons.length];
          if (by === undefined || whom === undefined || !by.canSignIn) continue;
          const code = codeOf(() => requireRoleChange(by, whom, roles, persons));
          if (code !== undefined) continue;
          const gained = roles.filter((role: Role) => !whom.roles.includes(role));
          const others = persons.filter((one) => one.id !== by.id && one.canSignIn);
          expect(by.roles).toContain('service-manager');
          expect(by.id === whom.id && gained.length > 0 && others.length > 0).toBe(false);
          persons = persons.map((one) =>
            one.id === whom.id ? { ...one, roles, canSignIn: one.canSignIn && roles.length > 0 } : one,
          );
        }
        if (had)
          expect(persons.some((one) => one.canSignIn && one.roles.includes('service-manager'))).toBe(true);
      }),
    );
  });
});
