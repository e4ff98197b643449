import { VaultError } from '../../contract/errors.ts';

const MINIMUM_LENGTH = 12;
/** Not a dictionary: only what people type when a form is in their way. */
const OBVIOUS = ['password', 'passphrase', 'sallyport', 'letmein', 'qwerty', '123456', 'changeme'];

/** @throws VaultError VAULT_PASSPHRASE_WEAK with what to do */
export function requireStrongPassphrase(passphrase: string): void {
  const bare = passphrase.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const leftOver = OBVIOUS.reduce((text, word) => text.replaceAll(word, ''), bare);
  if (passphrase.length < MINIMUM_LENGTH || new Set(passphrase).size < 5 || leftOver.length < 5) {
    throw new VaultError('VAULT_PASSPHRASE_WEAK', 'The passphrase is too easy to guess.', {
      hint: `Use at least ${MINIMUM_LENGTH} characters; three or four unrelated words do well.`,
    });
  }
}
