import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handMark, handsOf, mustChoosePassphrase, type Handed } from '../../../../../main/core/raci/hands.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
const someone = fc.constantFrom(...IDS, null);

/** Anything that a table could hold, circles and unknown persons among it. */
const anyRecord: fc.Arbitrary<Handed[]> = fc
  .array(fc.record({ addedBy: someone, passphraseBy: someone }), { minLength: 1, maxLength: IDS.length })
  .map((rows) => rows.map((row, index) => ({ id: IDS[index] ?? 'a', ...row })));

/** As sites come about: each is added by one who is there, and some have chosen a passphrase of their own. */
const site = fc
  .array(fc.record({ adder: fc.nat(), isOwn: fc.boolean() }), { minLength: 1, maxLength: IDS.length })
  .map((steps) =>
    steps.map(({ adder, isOwn }, index): Handed => {
      const id = IDS[index] ?? 'a';
      const addedBy = index === 0 ? id : (IDS[adder % index] ?? 'a');
      return { id, addedBy, passphraseBy: isOwn || index === 0 ? id : addedBy };
    }),
  );

describe('hands', () => {
  it('sort persons into hands, whatever the record says: reflexive, symmetric, transitive', () => {
    fc.assert(
      fc.property(anyRecord, (persons) => {
        const same = handsOf(persons);
        for (const a of IDS) {
          expect(same(a, a)).toBe(true);
          for (const b of IDS) {
            expect(same(a, b)).toBe(same(b, a));
            for (const c of IDS) if (same(a, b) && same(b, c)) expect(same(a, c)).toBe(true);
          }
        }
      }),
    );
  });

  it('are one for everybody whose passphrase one person typed, and two once each has chosen their own', () => {
    fc.assert(
      fc.property(site, (persons) => {
        const same = handsOf(persons);
        for (const a of persons) {
          if (a.passphraseBy !== null) expect(same(a.id, a.passphraseBy)).toBe(true);
          for (const b of persons) {
            const bothOwn = a.passphraseBy === a.id && b.passphraseBy === b.id;
            if (a.id !== b.id && bothOwn) expect(same(a.id, b.id)).toBe(false);
          }
        }
      }),
    );
  });

  it('leave a mark whenever one of two persons stands behind the other, in both directions', () => {
    fc.assert(
      fc.property(site, (persons) => {
        for (const a of persons) {
          for (const b of persons) {
            const down = handMark(a.id, b.id, persons);
            const up = handMark(b.id, a.id, persons);
            const isDown = down?.includes(' by ') === true;
            if (isDown) expect(up).toBe(down.replace(' by ', ' '));
            expect(down === null).toBe(up === null);
            if (a.id !== b.id && b.addedBy === a.id) expect(down).toBe('added by whoever asked');
          }
        }
      }),
    );
  });

  it('say who has to choose: whoever can sign in and is not on record as having chosen', () => {
    const person = { id: 'a', addedBy: 'm', keyslot: 'x' };
    expect(mustChoosePassphrase({ ...person, passphraseBy: 'm' })).toBe(true);
    expect(mustChoosePassphrase({ ...person, passphraseBy: null })).toBe(true);
    expect(mustChoosePassphrase({ ...person, passphraseBy: 'a' })).toBe(false);
    expect(mustChoosePassphrase({ ...person, passphraseBy: null, keyslot: '' })).toBe(false);
  });
});
