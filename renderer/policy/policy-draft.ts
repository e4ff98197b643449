import type { PolicyTerms } from '../../contract/policies.ts';
import { dayOf, endOfDay } from '../format/days.ts';

/** The terms of a policy while somebody writes them: every field is text, and rows may be empty. */

export type MatchKind = PolicyTerms['exclusions'][number]['match']['kind'];

export interface ExclusionDraft {
  readonly kind: MatchKind;
  readonly value: string;
  readonly reason: string;
}
export interface StandingDraft extends ExclusionDraft {
  readonly security: boolean;
  readonly other: boolean;
  /** `2026-11-24`: it ends with that day. */
  readonly until: string;
}
export interface PolicyDraft {
  readonly mode: PolicyTerms['mode'];
  readonly noticeHours: string;
  readonly approvers: string;
  readonly security: boolean;
  readonly other: boolean;
  readonly exclusions: readonly ExclusionDraft[];
  readonly standing: readonly StandingDraft[];
  readonly emergency: boolean;
}

export const NO_EXCLUSION: ExclusionDraft = { kind: 'package', value: '', reason: '' };
export const NO_STANDING: StandingDraft = { ...NO_EXCLUSION, security: true, other: false, until: '' };

/** What holds for a group whose customer has signed nothing. */
export const NO_TERMS: PolicyTerms = {
  ...{ mode: 'opt-in', noticeHours: 24, approvers: 1, classes: ['security', 'other'] },
  ...{ exclusions: [], standing: [], emergency: false },
};

export const draftOf = (terms: PolicyTerms): PolicyDraft => ({
  mode: terms.mode,
  noticeHours: String(terms.noticeHours),
  approvers: String(terms.approvers),
  security: terms.classes.includes('security'),
  other: terms.classes.includes('other'),
  exclusions: terms.exclusions.map(({ match, reason }) => ({ ...match, reason })),
  standing: terms.standing.map(({ match, classes, until, reason }) => ({
    ...{ ...match, reason, until: dayOf(until) },
    ...{ security: classes.includes('security'), other: classes.includes('other') },
  })),
  emergency: terms.emergency,
});

const isEmpty = ({ value, reason }: ExclusionDraft): boolean => value.trim() === '' && reason.trim() === '';
const isWhole = (text: string, most: number): boolean =>
  /^\d{1,4}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= most;
const classesOf = (draft: {
  readonly security: boolean;
  readonly other: boolean;
}): PolicyTerms['classes'] => [
  ...(draft.security ? (['security'] as const) : []),
  ...(draft.other ? (['other'] as const) : []),
];

function matchProblem({ kind, value }: ExclusionDraft): string | null {
  if (value.trim() === '') return 'Say which patches.';
  if (kind === 'kb' && !/^KB\d{4,9}$/i.test(value.trim())) return 'Write the number as KB5031356.';
  return null;
}

/** What is missing in a row; `null`: nothing, or the row is empty and counts for nothing. */
export function exclusionProblem(row: ExclusionDraft): string | null {
  if (isEmpty(row)) return null;
  return matchProblem(row) ?? (row.reason.trim().length < 3 ? 'Give a reason.' : null);
}

/** `now`: milliseconds since 1970. */
export function standingProblem(row: StandingDraft, now: number): string | null {
  if (isEmpty(row) && row.until === '') return null;
  const end = endOfDay(row.until);
  const late = end === null || Date.parse(end) <= now;
  return (
    matchProblem(row) ??
    (!row.security && !row.other ? 'Choose security fixes, other patches, or both.' : null) ??
    (late ? 'Give a day that is still to come.' : null)
  );
}

export const noticeProblem = (draft: PolicyDraft): string | null =>
  draft.mode === 'opt-out' && !isWhole(draft.noticeHours, 2_160) ? 'Give whole hours, from 1 to 2160.' : null;
export const approversProblem = (draft: PolicyDraft): string | null =>
  isWhole(draft.approvers, 5) ? null : 'Give a number from 1 to 5.';
export const classesProblem = (draft: PolicyDraft): string | null =>
  draft.security || draft.other ? null : 'Choose security fixes, other patches, or both.';

/** Everything that keeps the terms from being signed, a sentence each. */
export function problemsOf(draft: PolicyDraft, now: number): string[] {
  const numbered = (what: string, problems: readonly (string | null)[]): string[] =>
    problems.flatMap((problem, index) =>
      problem === null ? [] : [`${what} ${String(index + 1)}: ${problem}`],
    );
  return [
    ...numbered('Exclusion', draft.exclusions.map(exclusionProblem)),
    ...numbered(
      'Approval in advance',
      draft.standing.map((row) => standingProblem(row, now)),
    ),
    ...[noticeProblem(draft), approversProblem(draft), classesProblem(draft)].filter((text) => text !== null),
  ];
}

/** The terms as they would be signed; rows with something missing are left out. */
export function termsOfDraft(draft: PolicyDraft, now: number): PolicyTerms {
  const match = ({ kind, value }: ExclusionDraft) => ({
    kind,
    value: kind === 'kb' ? value.trim().toUpperCase() : value.trim(),
  });
  return {
    ...{ mode: draft.mode, emergency: draft.emergency, classes: classesOf(draft) },
    // Of no use under opt-in, and still part of the terms.
    noticeHours: isWhole(draft.noticeHours, 2_160) ? Number(draft.noticeHours) : NO_TERMS.noticeHours,
    approvers: isWhole(draft.approvers, 5) ? Number(draft.approvers) : NO_TERMS.approvers,
    exclusions: draft.exclusions
      .filter((row) => !isEmpty(row) && exclusionProblem(row) === null)
      .map((row) => ({ match: match(row), reason: row.reason.trim() })),
    standing: draft.standing.flatMap((row) => {
      const until = endOfDay(row.until);
      if (until === null || standingProblem(row, now) !== null) return [];
      return [{ match: match(row), classes: classesOf(row), until, reason: row.reason.trim() }];
    }),
  };
}
