import type { ApprovalStatus, Party, TaskStatus } from '../../../contract/vocabulary.ts';
import type { RaciPerson } from './holders.ts';

/** Who has to act next. */
export interface Ball {
  readonly party: Party;
  readonly persons: readonly RaciPerson[];
  readonly task: string;
}

const having = (persons: readonly RaciPerson[], role: RaciPerson['roles'][number]): RaciPerson[] =>
  persons.filter((person) => person.roles.includes(role));

const engineers = (persons: readonly RaciPerson[], task: string): Ball => ({
  party: 'provider',
  persons: having(persons, 'engineer'),
  task,
});

export interface ApprovalFacts {
  readonly status: ApprovalStatus;
  readonly requestedBy: string;
  /** How many different approvers have to say yes. */
  readonly needed: number;
  /** Ids of those who have answered. */
  readonly answeredBy: readonly string[];
  /** Whether a word of this person could come and count: an approver's, or that of somebody who stands in for one. */
  readonly mayAnswer: (personId: string) => boolean;
  /** Persons with one voice, a delegate and whoever lets them, have one name. */
  readonly voiceOf: (personId: string) => string;
}

/** Whoever asked can't grant, whoever has answered is done, and nobody answers whose word could not count: the rest are left. */
export function ballOfApproval(facts: ApprovalFacts, persons: readonly RaciPerson[]): Ball | null {
  switch (facts.status) {
    case 'requested': {
      const answered = new Set(facts.answeredBy.filter(facts.mayAnswer).map(facts.voiceOf));
      const left = persons.filter(
        ({ id }) =>
          id !== facts.requestedBy &&
          facts.mayAnswer(id) &&
          !facts.answeredBy.includes(id) &&
          !answered.has(facts.voiceOf(id)),
      );
      const missing = Math.max(1, facts.needed - answered.size);
      if (new Set(left.map(({ id }) => facts.voiceOf(id))).size < missing) {
        const managers = having(persons, 'service-manager');
        return {
          party: 'provider',
          persons: managers.length > 0 ? managers : having(persons, 'engineer'),
          task: 'Find an approver: nobody is left who may decide.',
        };
      }
      const task =
        answered.size === 0
          ? 'Decide on the patches.'
          : `Decide as well: ${answered.size} of ${facts.needed} approvers have answered.`;
      return { party: 'customer', persons: left, task };
    }
    case 'granted':
      return engineers(persons, 'Start the run.');
    case 'rejected':
      return engineers(persons, 'Read the reason. Make another plan to ask again.');
    case 'expired':
      return engineers(persons, 'Ask again: the approval was not used in time.');
    case 'used':
    case 'withdrawn':
      return null;
  }
}

/** While a task goes on by itself it is the provider's, without anything to do. */
export function ballOfTask(status: TaskStatus, persons: readonly RaciPerson[]): Ball | null {
  switch (status) {
    case 'waiting':
    case 'running':
      return engineers(persons, 'Nothing: the run goes on by itself.');
    case 'needs-attention':
      return engineers(persons, 'Settle what is true on this endpoint.');
    case 'failed':
      return engineers(persons, 'Find out why it failed, and agree with the customer what comes next.');
    case 'unproven':
      return engineers(persons, 'Find out why the second reading does not agree.');
    case 'restored':
      return engineers(persons, 'Agree with the customer what comes next: the endpoint is as it was before.');
    case 'refused':
      return engineers(persons, 'Put right what the rule refused, then plan again.');
    case 'succeeded':
    case 'skipped':
      return null;
  }
}
