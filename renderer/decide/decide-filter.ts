import type { DraftRow, ReviewRow } from '../../contract/reviews.ts';
import { ageOf } from './decide-words.ts';

/**
 * A filter is words in a bar: `severity:high kev:listed group:"Web servers" undecided openssl`. All must hold; a minus before a
 * word turns it round. What is in no list is looked for in names, versions, CVEs and advisories; quotes force that.
 */
export interface DecideFilter {
  /** Whether a row stays. `text` is {@link searchTextOf} of the row. */
  readonly keeps: (row: ReviewRow, text: string, draft: DraftRow | undefined, now: number) => boolean;
  /** There is nothing in it that could leave a row out. */
  readonly keepsAll: boolean;
  /** The verdicts decide which rows stay: the list changes with each decision. */
  readonly looksAtDraft: boolean;
  /** `severty:high`: a word with a colon whose first part means nothing. */
  readonly unknown: readonly string[];
}

type Test = DecideFilter['keeps'];

const DAY_MS = 86_400_000;
const SEVERE: readonly string[] = ['critical', 'emergency', 'high', 'important'];

/** Words that stand alone. */
const STATES: Readonly<Record<string, Test>> = {
  undecided: (row, _text, draft) => row.standing === 'decide' && draft === undefined,
  decided: (_row, _text, draft) => draft !== undefined,
  approved: (_row, _text, draft) => draft?.verdict === 'approve',
  rejected: (_row, _text, draft) => draft?.verdict === 'reject',
  deferred: (_row, _text, draft) => draft?.verdict === 'defer',
  asked: (_row, _text, draft) => draft?.verdict === 'ask',
  new: (row) => row.change === 'new',
  newer: (row) => row.change === 'newer',
  again: (row) => row.change === 'again',
  changed: (row) => row.change !== 'again',
  security: (row) => row.security,
  severe: (row) => SEVERE.includes(lower(row.severity)),
  exploited: (row) => isExploited(row),
  reboot: (row) => row.reboot === 'yes',
  overdue: (row, _text, _draft, now) => row.dueAt !== null && Date.parse(row.dueAt) < now,
  concern: (row) => row.quality?.verdict === 'concern',
  answered: (row) => row.answers.length > 0,
  standing: (row) => row.standing === 'approved',
  excluded: (row) => row.standing === 'excluded' || row.standing === 'out-of-scope',
  renewed: (row) => row.deferral !== null,
};
const LOOKS_AT_DRAFT: ReadonlySet<string> = new Set([
  'undecided',
  'decided',
  'approved',
  'rejected',
  'deferred',
  'asked',
]);

/** Words of the form `name:value`; a number means at least that much, and `name>number` more than it. */
const FIELDS: Readonly<Record<string, (value: string) => Test>> = {
  severity: (value) => (row) => lower(row.severity).startsWith(value),
  urgency: (value) => (row) => lower(row.urgency).startsWith(value),
  kev: (value) => (row) =>
    value === 'listed'
      ? isExploited(row)
      : value === 'no' || value === 'not'
        ? row.kev === 'not listed'
        : row.kev.startsWith(value),
  group: (value) => (row) => row.groups.some((group) => group.toLowerCase().includes(value)),
  package: (value) => (row) => row.package.toLowerCase().includes(value),
  source: (value) => (row) => row.source.toLowerCase().includes(value),
  arch: (value) => (row) => row.arch.toLowerCase() === value,
  cve: (value) => (row) => row.cves.some((cve) => cve.toLowerCase().includes(value)),
  advisory: (value) => (row) => row.advisories.some((name) => name.toLowerCase().includes(value)),
  reboot: (value) => (row) => row.reboot.startsWith(value),
  epss: (value) => atLeast(value, (row) => row.epss),
  cvss: (value) => atLeast(value, (row) => row.cvss),
  endpoints: (value) => atLeast(value, (row) => row.endpoints),
  age: (value) => atLeast(value, ageOf),
  due: (value) => (row, _text, _draft, now) =>
    row.dueAt !== null && Date.parse(row.dueAt) <= now + (Number.parseFloat(value) || 0) * DAY_MS,
};

/** Vendors have a handful of words: each is made lower case once, not at each of 50,000 rows. */
const lowered = new Map<string, string>();
function lower(word: string): string {
  let known = lowered.get(word);
  if (known === undefined) {
    known = word.toLowerCase();
    if (lowered.size < 1_000) lowered.set(word, known);
  }
  return known;
}

function isExploited(row: ReviewRow): boolean {
  return row.kev === 'listed' || row.kev === 'ransomware';
}

function atLeast(value: string, read: (row: ReviewRow, now: number) => number | null): Test {
  const [, sign = '', figure = ''] = /^(>?=?)(.*)$/.exec(value) ?? [];
  const least = Number.parseFloat(figure);
  return (row, _text, _draft, now) => {
    if (Number.isNaN(least)) return true;
    const known = read(row, now) ?? -1;
    return sign === '>' ? known > least : known >= least;
  };
}

/** What free words are looked for in. Made once for each row: lower case of 50,000 rows is no work for each key pressed. */
export function searchTextOf(row: ReviewRow): string {
  return [row.package, row.version, row.source, row.arch, ...row.cves, ...row.advisories]
    .join(' ')
    .toLowerCase();
}

export function parseFilter(words: string): DecideFilter {
  const tests: Test[] = [];
  const unknown: string[] = [];
  let looksAtDraft = false;
  for (const [whole] of words.matchAll(/-?(?:[a-zA-Z]+:)?"[^"]*"?|\S+/g)) {
    const negated = whole.length > 1 && whole.startsWith('-');
    const word = (negated ? whole.slice(1) : whole).toLowerCase();
    const field = /^([a-z]+)(?::|(?=>))(.*)$/.exec(word);
    const state = STATES[word.replace(/^is:/, '')];
    let test: Test | undefined;
    if (state !== undefined) {
      test = state;
      looksAtDraft ||= LOOKS_AT_DRAFT.has(word.replace(/^is:/, ''));
    } else if (field !== null && !word.startsWith('"')) {
      const value = unquote(field[2] ?? '');
      const make = FIELDS[field[1] ?? ''];
      // `severity:` alone, while the rest is being typed, keeps everything.
      if (make === undefined) unknown.push(whole);
      else if (value !== '') test = make(value);
    } else {
      const text = unquote(word);
      if (text !== '') test = (_row, haystack) => haystack.includes(text);
    }
    if (test === undefined) continue;
    const kept = test;
    tests.push(negated ? (row, text, draft, now) => !kept(row, text, draft, now) : kept);
  }
  return {
    keeps(row, text, draft, now) {
      for (const test of tests) if (!test(row, text, draft, now)) return false;
      return true;
    },
    keepsAll: tests.length === 0,
    looksAtDraft,
    unknown,
  };
}

function unquote(text: string): string {
  return text.replace(/^"/, '').replace(/"$/, '');
}

/** The words with this one in, or out where it was in. */
export function toggleWord(words: string, word: string): string {
  const all = splitWords(words);
  return (all.includes(word) ? all.filter((item) => item !== word) : [...all, word]).join(' ');
}

export function hasWord(words: string, word: string): boolean {
  return splitWords(words).includes(word);
}

function splitWords(words: string): string[] {
  return [...words.matchAll(/-?(?:[a-zA-Z]+:)?"[^"]*"?|\S+/g)].map(([word]) => word);
}
