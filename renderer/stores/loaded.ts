import type { Failure } from '../../contract/errors.ts';
import type { Reply } from '../../contract/channels.ts';
import type { Topic } from '../../contract/topics.ts';
import type { Client } from '../client/client.ts';

/** Something that is read from the engine: the last good value stays while it is read again or fails. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly failure: Failure | null;
  readonly loading: boolean;
}

export const NOT_LOADED: Loaded<never> = { value: null, failure: null, loading: false };

export function beginLoading<T>(before: Loaded<T>): Loaded<T> {
  return { ...before, loading: true };
}

export function endLoading<T>(before: Loaded<T>, reply: Reply<T>): Loaded<T> {
  return reply.ok
    ? { value: reply.value, failure: null, loading: false }
    : { ...before, failure: reply.failure, loading: false };
}

type Area = Extract<Topic, { kind: 'changed' }>['area'];

/**
 * Calls `refresh` when one of the areas changed, at most once every `quietMs`: a run of hundreds of endpoints changes
 * its area many times a second, and asking that often would only slow the engine down.
 */
export function refreshOn(
  client: Client,
  areas: readonly Area[],
  refresh: (id: string | null) => void,
  quietMs = 150,
): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const ids = new Set<string | null>();
  const unsubscribe = client.subscribe((topic) => {
    const concerns =
      (topic.kind === 'changed' && areas.includes(topic.area)) ||
      (topic.kind === 'engine' && topic.state === 'ready');
    if (!concerns) return;
    ids.add(topic.kind === 'changed' ? topic.id : null);
    timer ??= setTimeout(() => {
      timer = null;
      const only = ids.size === 1 ? ([...ids][0] ?? null) : null;
      ids.clear();
      refresh(only);
    }, quietMs);
  });
  return () => {
    if (timer !== null) clearTimeout(timer);
    unsubscribe();
  };
}
