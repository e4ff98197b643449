import type { KeyStatusView } from '../../../contract/keys.ts';

type Use = KeyStatusView['keys'][number]['use'];
type Why = KeyStatusView['revoked'][number]['why'];

export const KEY_USES: Readonly<Record<Use, string>> = {
  root: 'Changing the root',
  release: 'Releasing bundles',
  builder: 'Building bundles',
};

export const WHY_GONE: Readonly<Record<Why, string>> = {
  replaced: 'Replaced in good order',
  lost: 'Lost',
  compromised: 'Somebody else may have it',
};
