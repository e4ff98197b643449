import { safeStorage } from 'electron';
import type { SystemKeyring } from './engine-link.ts';

/**
 * The keyring of the system through Electron's safeStorage. On Linux without a keyring daemon Electron falls back to a
 * fixed key (`basic_text`): that protects nothing, so it counts as no keyring.
 */
export const systemKeyring: SystemKeyring = {
  isAvailable() {
    if (!safeStorage.isEncryptionAvailable()) return false;
    return process.platform !== 'linux' || safeStorage.getSelectedStorageBackend() !== 'basic_text';
  },
  wrap(bytes) {
    return new Uint8Array(safeStorage.encryptString(Buffer.from(bytes).toString('base64')));
  },
  unwrap(bytes) {
    return new Uint8Array(Buffer.from(safeStorage.decryptString(Buffer.from(bytes)), 'base64'));
  },
};
