import { readFileSync } from 'node:fs';
import type { InputOf, OutputOf } from '../../contract/channels.ts';
import { ContractError } from '../../contract/errors.ts';
import { parseKeyring } from '../bundle/openpgp-keys.ts';
import type { CallContext } from './services.ts';

/** Pins one key of a keyring file, after a person compared its fingerprint with what the vendor publishes. */
export function pinVendorKey(
  input: InputOf<'vendorKeys.pin'>,
  context: CallContext,
): OutputOf<'vendorKeys.list'>[number] {
  const { services } = context;
  let file: Uint8Array;
  try {
    file = readFileSync(input.file);
  } catch (cause) {
    throw new ContractError('CONTRACT_NOT_FOUND', `The keyring ${input.file} can't be read.`, { cause });
  }
  const wanted = input.fingerprint.toUpperCase();
  const keys = parseKeyring(file, input.file);
  const found = keys.find(({ fingerprint }) => fingerprint === wanted);
  if (found === undefined) {
    throw new ContractError('CONTRACT_NOT_FOUND', `${input.file} has no key ${wanted}.`, {
      hint: `It has ${keys.map((key) => `${key.fingerprint} ${key.userId}`).join(', ')}`.slice(0, 1_000),
    });
  }
  const facts = {
    fingerprint: found.fingerprint,
    root: input.root,
    userId: found.userId,
    pinnedBy: context.person().name,
    pinnedAt: services.now(),
  };
  context.commit({ fingerprint: found.fingerprint, root: input.root, userId: found.userId }, () => {
    services.vendorKeys.pin({ ...facts, bytes: found.bytes });
  });
  return facts;
}
