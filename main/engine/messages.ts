import { z } from 'zod';
import { ERROR_CODES } from '../../contract/errors.ts';
import { Topic } from '../../contract/topics.ts';

/**
 * What the shell and the engine process say to each other. Both ends parse what they receive: a message that is not one of
 * these is a bug of ours and ends the conversation.
 *
 *   engine                                shell
 *     hello {protocol}          ->
 *                               <-          start {keyring}
 *     ready | failed {failure}  ->
 *                               <-          invoke {id, client, name, input}
 *     reply {id, reply}         ->
 *     topic {topic}             ->
 *     keyring {id, op, bytes}   ->
 *                               <-          keyring-reply {id, ...}
 *                               <-          forget {client}     a window has gone: its session ends
 *                               <-          shutdown
 */
export const PROTOCOL_VERSION = 1;

const id = z.number().int().nonnegative();
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const FailureMessage = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.exactOptional(z.string()),
  retry: z.enum(['never', 'same', 'after-reconnect']),
  subject: z.exactOptional(z.record(z.string(), z.string())),
});

export const ToEngine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('start'), keyring: z.boolean() }),
  z.strictObject({ kind: z.literal('invoke'), id, client: id, name: z.string(), input: z.unknown() }),
  z.strictObject({ kind: z.literal('forget'), client: id }),
  z.strictObject({ kind: z.literal('keyring-reply'), id, ok: z.literal(true), bytes }),
  z.strictObject({ kind: z.literal('keyring-refusal'), id, message: z.string() }),
  z.strictObject({ kind: z.literal('shutdown') }),
]);
export type ToEngine = z.infer<typeof ToEngine>;

const ReplyMessage = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), failure: FailureMessage }),
]);

export const FromEngine = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), protocol: z.number(), node: z.string() }),
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('failed'), failure: FailureMessage }),
  z.strictObject({ kind: z.literal('reply'), id, reply: ReplyMessage }),
  z.strictObject({ kind: z.literal('topic'), topic: Topic }),
  z.strictObject({ kind: z.literal('keyring'), id, op: z.enum(['wrap', 'unwrap']), bytes }),
]);
export type FromEngine = z.infer<typeof FromEngine>;
