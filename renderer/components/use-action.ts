import { useState } from 'react';
import type { Failure } from '../../contract/errors.ts';
import type { Reply } from '../../contract/channels.ts';

export interface Action<A extends readonly unknown[], T> {
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly run: (...args: A) => Promise<T | null>;
  readonly dismiss: () => void;
}

/** A call that a button makes: busy while it is under way, its failure kept until the next try. `null`: it failed. */
export function useAction<A extends readonly unknown[], T>(
  call: (...args: A) => Promise<Reply<T>>,
): Action<A, T> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  return {
    busy,
    failure,
    async run(...args) {
      setBusy(true);
      setFailure(null);
      const reply = await call(...args);
      setBusy(false);
      if (reply.ok) return reply.value;
      setFailure(reply.failure);
      return null;
    },
    dismiss: () => setFailure(null),
  };
}
