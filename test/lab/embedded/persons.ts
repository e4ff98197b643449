import type { EngineOptions } from '../../../main/app/compose.ts';

/** Whoever works on a site of the tests, with their passphrases. */
export const PERSONS = {
  engineer: { name: 'Asha', passphrase: 'seven lanterns over the quay' },
  approver: { name: 'Bilal', passphrase: 'a quiet lighthouse in the fog' },
} as const;

/** What makes an engine quick enough for tests; nothing of it changes what the engine does. */
export const QUICK = {
  kdfCost: { N: 1024, r: 8, p: 1 },
  timings: { reconnectMs: 20_000, installMs: 60_000, rebootMs: 20_000, pollMs: 10, backoffMs: 20 },
} as const satisfies Partial<EngineOptions>;
