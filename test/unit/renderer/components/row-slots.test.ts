import { describe, expect, it } from 'vitest';
import { RowSlots } from '../../../../renderer/components/row-slots.ts';

const slotsOf = (slots: RowSlots, first: number, last: number): number[] => {
  slots.show(first, last);
  return Array.from({ length: last - first + 1 }, (_, at) => slots.of(first + at));
};

describe('rows of the document behind rows of the data', () => {
  it('gives each row in sight a place of its own', () => {
    const slots = new RowSlots();
    for (const first of [0, 1, 3, 2, 40_000, 39_995, 0, 7]) {
      const places = slotsOf(slots, first, first + 9);
      expect(new Set(places).size).toBe(10);
    }
  });

  it('keeps the place of a row that stays in sight', () => {
    const slots = new RowSlots();
    const before = slotsOf(slots, 100, 109);
    const after = slotsOf(slots, 103, 112);
    expect(after.slice(0, 7)).toEqual(before.slice(3));
    // The three that went out of sight come in at the other end.
    expect(after.slice(7)).toEqual(before.slice(0, 3));
  });

  it('leaves every row of the document where it is, and so in reading order, when nothing stays in sight', () => {
    const slots = new RowSlots();
    slotsOf(slots, 100, 109);
    const before = slotsOf(slots, 103, 112);
    expect(slotsOf(slots, 9_000, 9_009)).toEqual(before);
    expect(slotsOf(slots, 9_000, 9_009)).toEqual(before);
  });

  it('holds with fewer rows at the end and with a window that grew', () => {
    const slots = new RowSlots();
    const before = slotsOf(slots, 0, 9);
    expect(slotsOf(slots, 4, 9)).toEqual(before.slice(4));
    expect(new Set(slotsOf(slots, 0, 19)).size).toBe(20);
    expect(new Set(slotsOf(slots, -3, 4)).size).toBe(8);
  });
});
