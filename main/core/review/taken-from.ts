/** An endpoint's move to another group, or a group's to another customer. The same before and after: somebody confirmed it. */
export interface Move {
  readonly before: string;
  readonly by: string;
}

/**
 * Where something was before whoever asks moved it; `null` where somebody else made or confirmed the newest move. Whoever asks cannot
 * choose the rules that judge it. Safety rule 9.
 *
 * @param moves oldest first
 * @param now where it is
 */
export function takenFrom(
  moves: readonly Move[],
  isAsker: (personId: string) => boolean,
  now: string,
): string | null {
  const others = moves.findLastIndex(({ by }) => !isAsker(by));
  const from = moves[others + 1]?.before ?? null;
  return from === now ? null : from;
}
