import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sayNotice, type SaidNotice } from '../../../../../contract/notice-words.ts';
import { LETTERS, OCCASIONS, PARTIES, RACI_ELEMENTS, ROLES } from '../../../../../contract/vocabulary.ts';
import { DEFAULT_RACI, rowOf } from '../../../../../main/core/raci/matrix.ts';
import { toldOf } from '../../../../../main/core/raci/notice-state.ts';
import { formatPage, sayTime } from '../../../../../main/core/raci/notice-words.ts';
import { noticesFor, ruleOf, WITHOUT_STEP } from '../../../../../main/core/raci/occasions.ts';

const people = fc
  .uniqueArray(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), roles: fc.subarray([...ROLES]) }), {
    selector: ({ id }) => id,
  })
  .map((list) => list.map((person) => ({ ...person, name: person.id })));
const letters = fc.subarray([...LETTERS]);
const row = fc.record({
  element: fc.constantFrom(...RACI_ELEMENTS),
  provider: letters,
  customer: letters,
  note: fc.constant(''),
  persons: fc.array(
    fc.record({
      party: fc.constantFrom(...PARTIES),
      letter: fc.constantFrom(...LETTERS),
      personId: fc.constantFrom('a', 'b', 'c', 'gone'),
    }),
    { maxLength: 4 },
  ),
});

describe('whom a step is said to', () => {
  test('every C and I of either party at least once, nobody twice, no R and A, no customer for another', () => {
    fc.assert(
      fc.property(row, people, fc.subarray(['a', 'b', 'c', 'd']), (item, persons, ours) => {
        const speaks = (id: string, customer: string): boolean => customer === 'Trust' && ours.includes(id);
        const found = [null, 'Trust'].flatMap((customer) =>
          noticesFor(item, ['C', 'I'], persons, customer, speaks),
        );
        const keys = found.map((one) => `${one.party} ${one.letter} ${one.personId ?? ''}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const party of PARTIES) {
          for (const letter of ['C', 'I'] as const) {
            const own = found.filter((one) => one.party === party && one.letter === letter);
            expect(own.length > 0).toBe(item[party].includes(letter));
            // Nobody here: one notice that somebody has to carry, never beside one to a person.
            if (own.some((one) => one.personId === null)) expect(own).toHaveLength(1);
            for (const { personId } of own) {
              if (personId === null) continue;
              expect(persons.find(({ id }) => id === personId)?.roles.length).toBeGreaterThan(0);
              if (party === 'customer') expect(ours).toContain(personId);
            }
          }
        }
      }),
    );
  });

  test('a person named in the matrix stands alone for the letter', () => {
    const persons = [
      { id: 'a', name: 'a', roles: ['approver' as const] },
      { id: 'b', name: 'b', roles: ['approver' as const] },
    ];
    const item = {
      ...rowOf(DEFAULT_RACI, 'scan'),
      persons: [{ party: 'customer' as const, letter: 'I' as const, personId: 'b' }],
    };
    expect(noticesFor(item, ['C', 'I'], persons, 'Trust', () => true)).toEqual([
      { party: 'customer', letter: 'I', personId: 'b' },
    ]);
    // Who is named for one customer's side says nothing for another's.
    expect(noticesFor(item, ['C', 'I'], persons, 'Council', (id) => id === 'a')).toEqual([
      { party: 'customer', letter: 'I', personId: 'a' },
    ]);
  });

  test('every element has a step that says it, or a reason why none does', () => {
    const reached = new Set(
      OCCASIONS.flatMap((kind) => [ruleOf(kind, false).element, ruleOf(kind, true).element]),
    );
    for (const element of RACI_ELEMENTS)
      expect([element, reached.has(element)]).toEqual([element, WITHOUT_STEP[element] === undefined]);
  });

  test('of each element somebody is asked before it is too late: one kind of step at least asks', () => {
    for (const element of RACI_ELEMENTS.filter((item) => WITHOUT_STEP[item] === undefined)) {
      const asks = OCCASIONS.some((kind) =>
        [false, true].some((urgent) => {
          const rule = ruleOf(kind, urgent);
          return rule.element === element && rule.letters.includes('C');
        }),
      );
      const tells = OCCASIONS.some((kind) =>
        [false, true].some((urgent) => {
          const rule = ruleOf(kind, urgent);
          return rule.element === element && rule.letters.includes('I');
        }),
      );
      expect([element, asks, tells]).toEqual([element, true, true]);
    }
  });
});

describe('how somebody came to know', () => {
  const entry = (kind: 'seen' | 'printed' | 'handed-over' | 'dropped' | 'answered', at: string) => ({
    ...{ kind, at, by: 'asha', recipient: kind === 'handed-over' ? 'Grace' : null },
    file: kind === 'dropped' ? '/media/notice.txt' : null,
  });

  test('a page that was printed told nobody; the first way counts', () => {
    expect(toldOf([entry('printed', '1')], 'mo')).toBeNull();
    expect(toldOf([entry('printed', '1'), entry('handed-over', '2'), entry('seen', '3')], 'mo')).toEqual({
      ...{ by: 'printed-notice', at: '2', detail: 'Grace' },
    });
    expect(toldOf([entry('dropped', '1')], 'mo')).toEqual({
      by: 'file-drop',
      at: '1',
      detail: '/media/notice.txt',
    });
  });

  test('who answered knew, whoever wrote it down', () => {
    expect(toldOf([entry('answered', '1')], 'mo')).toEqual({ by: 'answer', at: '1', detail: '' });
    expect(toldOf([entry('answered', '1')], null)).toEqual({ by: 'answer', at: '1', detail: '' });
    expect(toldOf([entry('answered', '1')], 'asha')).toEqual({ by: 'in-app', at: '1', detail: '' });
    const told = { by: 'answer', at: '2026-11-26T10:00:00.000Z', detail: '' } as const;
    const answer = { answer: 'remark' as const, remark: 'Not on Friday.', at: told.at, by: 'Asha' };
    expect(said({ told, answer: { ...answer, onBehalf: true } })).toBe(
      'Asked before 2026-11-26: they have answered. Remark: Not on Friday. (2026-11-26, written down by Asha).',
    );
  });

  const notice: SaidNotice = {
    ...{ letter: 'C', person: 'Mo', party: 'provider', maySignIn: true, at: '2026-11-24T10:00:00.000Z' },
    ...{ told: null, answer: null, settledAt: null },
  };
  const said = (fields: Partial<SaidNotice>): string =>
    sayNotice({ ...notice, ...fields }, (at) => at.slice(0, 10));

  test('says plainly what did not happen', () => {
    expect(said({})).toBe('Not asked yet: noted 2026-11-24, it waits for them in the window. No answer yet.');
    expect(said({ maySignIn: false, letter: 'I' })).toBe(
      'Not told yet: noted 2026-11-24, they do not sign in here: hand over a printed notice, or write a file.',
    );
    expect(
      said({ settledAt: '2026-11-25T10:00:00.000Z', told: { by: 'in-app', at: notice.at, detail: '' } }),
    ).toBe('Asked 2026-11-24 in the window. Did not answer before it was settled 2026-11-25.');
  });

  test('says who wrote an answer down, and that it came late', () => {
    const answer = {
      answer: 'no-objection' as const,
      remark: '',
      at: '2026-11-26T10:00:00.000Z',
      by: 'Asha',
    };
    const told = { by: 'printed-notice' as const, at: notice.at, detail: 'Mo' };
    expect(said({ told, answer: { ...answer, onBehalf: true }, settledAt: '2026-11-25T10:00:00.000Z' })).toBe(
      'Asked 2026-11-24 by a printed notice, handed to Mo. No objection (2026-11-26, written down by Asha, after it was settled).',
    );
  });
});

describe('a notice on paper', () => {
  const page = {
    ...{ site: 'Northfield', marking: 'OFFICIAL', declaration: 'This site has one operator.', to: 'Grace' },
    ...{ party: 'customer', customer: null, made: '2026-11-24T14:05:00.000Z', by: 'Asha' },
    items: [
      { letter: 'I' as const, text: 'Scanned.\nTo: the press', at: '2026-11-24T10:00:00.000Z' },
      { letter: 'C' as const, text: 'A plan was made.', at: '2026-11-24T11:00:00.000Z' },
    ],
  };

  test('begins and ends with the marking, declares one operator, and asks with room for an answer', () => {
    const lines = formatPage(page).trimEnd().split('\n');
    expect([lines[0], lines.at(-1)]).toEqual(['OFFICIAL', 'OFFICIAL']);
    expect(lines).toContain('This site has one operator.');
    expect(lines).toContain('Answer: [ ] no objection   [ ] a remark:');
    expect(lines).toContain('- A plan was made. (24 November 2026, 11:00 UTC)');
    // What somebody wrote makes no line of its own.
    expect(lines.filter((line) => line.startsWith('To: '))).toEqual(['To: Grace (customer)']);
  });

  test('says which customer it is for where it has a name', () => {
    expect(formatPage({ ...page, customer: 'Northfield Trust' })).toContain(
      'To: Grace (customer Northfield Trust)\n',
    );
  });

  test('asks nothing where nothing is asked', () => {
    const text = formatPage({ ...page, items: page.items.slice(0, 1), declaration: null, marking: '' });
    expect(text).not.toMatch(/Answer|one operator|OFFICIAL/);
  });

  test('names days as people do', () => {
    expect(sayTime('2026-01-05T09:07:00.000Z')).toBe('5 January 2026, 09:07 UTC');
  });
});
