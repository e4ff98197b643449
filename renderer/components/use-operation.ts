import { useState } from 'react';
import { useStore } from 'zustand';
import type { Reply } from '../../contract/channels.ts';
import type { Operation } from '../../contract/site.ts';
import { useApplication } from '../stores/context.tsx';
import { useAction, type Action } from './use-action.ts';

/** Work in the engine that a button begins: how far it is, the way to stop it, and what came of it. */
export interface FollowedAction<A extends readonly unknown[], T> extends Action<A, T> {
  /** While it runs. */
  readonly operation: Operation | undefined;
  readonly cancel: () => void;
}

/**
 * An action whose call begins an operation, and which ends with it.
 *
 * @param read what the engine's own result is, as its channel says
 */
export function useOperation<A extends readonly unknown[], T>(
  begin: (...args: A) => Promise<Reply<{ operationId: string }>>,
  read: (result: Readonly<Record<string, unknown>>) => T,
): FollowedAction<A, T> {
  const { operations } = useApplication();
  const [id, setId] = useState('');
  const operation = useStore(operations, (state) => state.operations.get(id));
  const action = useAction(async (...args: A): Promise<Reply<T>> => {
    const begun = await begin(...args);
    if (!begun.ok) return begun;
    setId(begun.value.operationId);
    const ended = await operations.getState().wait(begun.value.operationId);
    return ended.ok ? { ok: true, value: read(ended.value.result) } : ended;
  });
  return {
    ...action,
    operation: action.busy ? operation : undefined,
    cancel: () => {
      if (id !== '') void operations.getState().cancel(id);
    },
  };
}
