/** `1 endpoint`, `3 endpoints`. */
export const noun = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** `24 November 2026, 14:05 UTC`: a notice is read elsewhere, so it names its zone. */
export function sayTime(instant: string): string {
  const [, year = '', month = '', day = '', time = ''] =
    /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})/.exec(instant) ?? [];
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? ''} ${year}, ${time} UTC`;
}

/** A notice as it is read by somebody without Sallyport. */
interface Page {
  readonly site: string;
  readonly marking: string;
  readonly declaration: string | null;
  readonly to: string;
  readonly party: string;
  /** `null`, '': none by name. */
  readonly customer: string | null;
  readonly made: string;
  readonly by: string;
  readonly items: readonly { readonly letter: 'C' | 'I'; readonly text: string; readonly at: string }[];
}

/** Text of a notice for a file: one for each person, in plain words, with the marking first and last. */
export function formatPage(page: Page): string {
  const part = (title: string, letter: 'C' | 'I', after: readonly string[]): string[] => {
    const items = page.items.filter((item) => item.letter === letter);
    if (items.length === 0) return [];
    return [title, '', ...items.map((item) => `- ${oneLine(item.text)} (${sayTime(item.at)})`), '', ...after];
  };
  const marking = page.marking === '' ? [] : [oneLine(page.marking)];
  return [
    ...marking,
    `Notice from ${oneLine(page.site)}`,
    '',
    `To: ${oneLine(page.to)} (${page.party}${page.customer === null || page.customer === '' ? '' : ` ${oneLine(page.customer)}`})`,
    `Made: ${sayTime(page.made)}, by ${oneLine(page.by)}`,
    ...(page.declaration === null ? [] : [page.declaration]),
    '',
    ...part('You are asked what you think of this:', 'C', [
      'Answer: [ ] no objection   [ ] a remark:',
      '',
      'Name, date and signature:',
      '',
    ]),
    ...part('You should know:', 'I', []),
    ...marking,
    '',
  ].join('\n');
}

/** Text of others never makes a line of its own. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
