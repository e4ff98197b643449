import { useState } from 'react';

export interface KeptDraft<T> {
  readonly value: T;
  readonly set: (value: T) => void;
  /** It was begun before the form was opened now. */
  readonly wasKept: boolean;
  /** Begins anew, and keeps nothing. */
  readonly clear: () => void;
}

/**
 * What somebody typed into a long form, kept by the window until it is sent: closing the window loses nothing. Never for a passphrase.
 *
 * @param name of the form; another one when its fields change their shape
 */
export function useKeptDraft<T extends object>(name: string, begin: () => T): KeptDraft<T> {
  const key = `draft.${name}`;
  const [kept] = useState(() => read<T>(key));
  const [wasKept, setWasKept] = useState(kept !== null);
  const [value, setValue] = useState<T>(() => ({ ...begin(), ...kept }));
  return {
    value,
    wasKept,
    set(next) {
      setValue(next);
      window.localStorage.setItem(key, JSON.stringify(next));
    },
    clear() {
      setValue(begin());
      setWasKept(false);
      window.localStorage.removeItem(key);
    },
  };
}

function read<T>(key: string): Partial<T> | null {
  try {
    const value: unknown = JSON.parse(window.localStorage.getItem(key) ?? 'null');
    return typeof value === 'object' ? value : null;
  } catch {
    // What cannot be read is no draft.
    return null;
  }
}
