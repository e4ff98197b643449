import { z } from 'zod';
import { Operation } from './site.ts';
import { Id, Step } from './vocabulary.ts';

/**
 * Messages from the engine to whoever listens. They say what changed, not what it changed to: screens ask again, so a
 * lost message does no harm. Only progress carries content.
 */
export const Topic = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('changed'),
    area: z.enum([
      'site',
      'endpoints',
      'catalogue',
      'plans',
      'approvals',
      'runs',
      'snapshots',
      'incidents',
      'operations',
      'collect',
      'desk',
      'notices',
    ]),
    id: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('operation'), operation: Operation }),
  z.strictObject({
    kind: z.literal('task-progress'),
    runId: Id,
    endpointId: Id,
    step: Step,
    activity: z.string(),
    /** 0..1, or null where it can't be known. */
    progress: z.number().nullable(),
  }),
  /** From the shell: the engine process went away or came back. */
  z.strictObject({ kind: z.literal('engine'), state: z.enum(['starting', 'ready', 'lost']) }),
]);
export type Topic = z.infer<typeof Topic>;
