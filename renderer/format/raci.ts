import type { Letter, Party, RaciElement } from '../../contract/vocabulary.ts';

export const LETTER_WORDS: Readonly<Record<Letter, string>> = {
  R: 'does the work',
  A: 'has the final word',
  C: 'is asked',
  I: 'is told',
};

export const LETTER_ORDER: readonly Letter[] = ['R', 'A', 'C', 'I'];
export const PARTY_ORDER: readonly Party[] = ['provider', 'customer'];

export const PARTY_WORDS: Readonly<Record<Party, string>> = { provider: 'provider', customer: 'customer' };

export const RACI_ELEMENT_WORDS: Readonly<Record<RaciElement, string>> = {
  'platform-availability': 'Keeping the platform available',
  'platform-updates': 'Keeping the patches up to date',
  'platform-configuration': 'Configuring the platform',
  'agents-provide': 'Making the latest agents available',
  'agents-deploy': 'Deploying agents for the first time',
  'agents-update': 'Deploying newer agents',
  'agents-configure': 'Configuring agents',
  scan: 'Scanning for patches that apply',
  approve: 'Approving patches',
  snapshot: 'Taking a snapshot before patching',
  'ensure-snapshot': 'Ensuring that the snapshot succeeded',
  apply: 'Applying approved patches',
  'ensure-success': 'Ensuring that the patches succeeded',
  restore: 'Restoring from the snapshot',
  'name-out-of-cycle': 'Naming patches out of cycle',
  'apply-out-of-cycle': 'Applying patches out of cycle',
};
