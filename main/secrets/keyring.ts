/**
 * The system's keyring, where there is one (Windows DPAPI, macOS Keychain, libsecret through Electron's safeStorage).
 * It wraps the vault key so that runs resume after a restart without a passphrase; it signs nobody in.
 */
export interface Keyring {
  isAvailable(): Promise<boolean>;
  wrap(key: Uint8Array): Promise<Uint8Array>;
  /** `null`: the keyring does not know this blob (another machine, another account). */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array | null>;
}

/** For the command line and for systems without one. */
export const NO_KEYRING: Keyring = {
  isAvailable: () => Promise.resolve(false),
  wrap: () => Promise.reject(new Error('This process has no keyring.')),
  unwrap: () => Promise.resolve(null),
};
