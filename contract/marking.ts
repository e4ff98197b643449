/** The protective marking as every screen, print and file shows it: that there is none is said as well. */
export const markingText = (marking: string): string => (marking === '' ? 'NO PROTECTIVE MARKING' : marking);
