import { useRef, useState } from 'react';
import type { Failure } from '../../contract/errors.ts';
import type { Reply } from '../../contract/channels.ts';

export interface Action<A extends readonly unknown[], T> {
  readonly busy: boolean;
  readonly failure: Failure | null;
  readonly run: (...args: A) => Promise<T | null>;
  readonly dismiss: () => void;
}

/** A call that a button makes: busy while it is under way, its failure kept until the next try. `null`: it failed,
 * or the last one is still under way. */
export function useAction<A extends readonly unknown[], T>(
  call: (...args: A) => Promise<Reply<T>>,
): Action<A, T> {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const underWay = useRef(false);
  return {
    busy,
    failure,
    async run(...args) {
      // Enter in a field can send a form again before its button has been drawn as busy.
      if (underWay.current) return null;
      underWay.current = true;
      setBusy(true);
      setFailure(null);
      const reply = await call(...args);
      underWay.current = false;
      setBusy(false);
      if (reply.ok) return reply.value;
      setFailure(reply.failure);
      return null;
    },
    dismiss: () => setFailure(null),
  };
}
