import type { DelegationView, EmergencyView, PolicyTerms } from '../../contract/policies.ts';
import { formatDay, formatInstant } from './dates.ts';
import { countOf } from './figures.ts';
import { capitalise } from './words.ts';

/** What customers sign, in plain words. */

export interface PolicyWord {
  readonly label: string;
  readonly lines: readonly string[];
}

type Match = PolicyTerms['exclusions'][number]['match'];
const MATCH_WORDS: Readonly<Record<Match['kind'], string>> = {
  package: 'Package',
  kb: 'Update',
  pattern: 'Names like',
};
const CLASS_WORDS = { security: 'security fixes', other: 'other patches' } as const;

const classesOf = (classes: PolicyTerms['classes']): string =>
  ['security' as const, 'other' as const]
    .filter((kind) => classes.includes(kind))
    .map((kind) => CLASS_WORDS[kind])
    .join(' and ');

const matchOf = ({ kind, value }: Match): string => `${MATCH_WORDS[kind]} ${value}`;

/** A policy as sentences, one fact for each term. `now`: what standing approvals are measured against, ms since 1970. */
export function sayPolicy(terms: PolicyTerms, now: number): PolicyWord[] {
  return [
    {
      label: 'How it is decided',
      lines: [
        terms.mode === 'opt-in'
          ? 'Opt-in: nothing is installed without an explicit yes.'
          : `Opt-out: silence at the cut-off means yes, if the list went out at least ${countOf(terms.noticeHours, 'hour')} before.`,
      ],
    },
    {
      label: 'Who must approve',
      lines: [
        terms.approvers === 1
          ? 'One approver.'
          : `${String(terms.approvers)} different approvers, each for themselves.`,
      ],
    },
    { label: 'In scope', lines: [`${capitalise(classesOf(terms.classes))}.`] },
    {
      label: 'Never installed',
      lines: none(terms.exclusions.map((item) => `${matchOf(item.match)}: ${item.reason}`)),
    },
    {
      label: 'Approved in advance',
      lines: none(
        terms.standing.map((item) => {
          const ended = Date.parse(item.until) <= now;
          const reason = item.reason === '' ? '' : `: ${item.reason}`;
          return `${matchOf(item.match)}, ${classesOf(item.classes)}, ${ended ? 'ended' : 'until'} ${formatDay(item.until)}${reason}`;
        }),
      ),
    },
    {
      label: 'Emergencies',
      lines: [
        terms.emergency
          ? 'The customer may name patches out of cycle.'
          : 'The customer names no patches out of cycle.',
      ],
    },
  ];
}

export interface ChangedTerm {
  readonly label: string;
  /** Sentences that hold no more, and those that are new. */
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

/** What one policy says otherwise than another, term by term; terms that stay are left out. */
export function changedTerms(before: PolicyTerms, after: PolicyTerms, now: number): ChangedTerm[] {
  const old = new Map(sayPolicy(before, now).map(({ label, lines }) => [label, lines]));
  return sayPolicy(after, now).flatMap(({ label, lines }) => {
    const was = old.get(label) ?? [];
    const gone = was.filter((line) => !lines.includes(line));
    const come = lines.filter((line) => !was.includes(line));
    return gone.length + come.length === 0 ? [] : [{ label, gone, come }];
  });
}

const none = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['Nothing.'] : lines);

/** `Counts until 3 December 2026, 09:00`. */
export function sayDelegation(view: DelegationView): string {
  switch (view.state) {
    case 'counts':
      return `Counts until ${formatInstant(view.validUntil)}`;
    case 'not yet':
      return `Counts from ${formatInstant(view.validFrom)}`;
    case 'ended':
      return `Ended ${formatInstant(view.validUntil)}`;
    case 'revoked':
      return `Revoked ${formatInstant(view.revokedAt ?? view.validUntil)}: ${view.revokedReason ?? ''}`;
  }
}

/** `openssl 3.0.2, CVE-2026-1234`. */
export function sayEmergency(view: EmergencyView): string {
  return view.names
    .map(({ value, version }) => (version === null ? value : `${value} ${version}`))
    .join(', ');
}
