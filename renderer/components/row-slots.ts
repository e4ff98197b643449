/**
 * Which row of the document shows which row of the data. A scroll puts other words into rows that are there instead of making new
 * ones, and the rows stay in reading order: moved by a little, the row that went out of sight comes in again at the other end; moved
 * to somewhere else, every one stays where it stands.
 */
export class RowSlots {
  #first = 0;
  #last = -1;
  /** Slot of the row `#first`. */
  #slot = 0;
  /** How many slots there are. Grows with the window, never shrinks. */
  #size = 1;

  /** Rows `first` to `last`, both included, are drawn now. May be called again with the same. */
  show(first: number, last: number): void {
    const count = Math.max(1, last - first + 1);
    if (count > this.#size) {
      // Everything gets a new place: the window grew.
      this.#size = count;
      this.#slot = 0;
    } else if (first <= this.#last && last >= this.#first) {
      this.#slot = modulo(this.#slot + first - this.#first, this.#size);
    }
    this.#first = first;
    this.#last = last;
  }

  /** The slot of a row between `first` and `last` of {@link show}. */
  of(index: number): number {
    return modulo(this.#slot + index - this.#first, this.#size);
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
