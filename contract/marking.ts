/** The protective marking as every screen, print and file shows it: that there is none is said as well. */
export const markingText = (marking: string): string => (marking === '' ? 'NO PROTECTIVE MARKING' : marking);

/** A name for a file that carries its marking in front, where there is one: `OFFICIAL-SENSITIVE-decision.json`. */
export function markedFileName(marking: string, name: string): string {
  const words = marking
    .normalize('NFKD')
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
  return words === '' ? name : `${words}-${name}`;
}
