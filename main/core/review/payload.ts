import type { z } from 'zod';
import { ReviewError } from '../../../contract/errors.ts';

/** Reads a payload by its schema; a format of a later version is told apart from a broken file. */
export function parsePayload<T>(schema: z.ZodType<T>, format: string, json: string, file: string): T {
  return checkPart(schema, readPayload(format, json, file), file);
}

/**
 * The value of a payload before any schema was asked; `null` when it is no JSON.
 *
 * @throws ReviewError REVIEW_VERSION_UNKNOWN
 */
export function readPayload(format: string, json: string, file: string): unknown {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // Every schema refuses null.
  }
  const said = (value as { format?: unknown } | null)?.format;
  if (typeof said === 'string' && said !== `${format}/1` && said.startsWith(`${format}/`)) {
    throw new ReviewError('REVIEW_VERSION_UNKNOWN', `${file} is written in a format of a later Sallyport.`, {
      hint: 'Open it with the version that wrote it, or a newer one.',
      subject: { file },
    });
  }
  return value;
}

/**
 * A payload, or a part of one, as its schema has it.
 *
 * @param at path of the part in the payload
 * @throws ReviewError REVIEW_CONTENT_INVALID
 */
export function checkPart<T>(
  schema: z.ZodType<T>,
  value: unknown,
  file: string,
  at: readonly PropertyKey[] = [],
): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const place = [...at, ...(parsed.error.issues[0]?.path ?? [])].join('.');
  throw new ReviewError(
    'REVIEW_CONTENT_INVALID',
    `${file} is malformed at ${place === '' ? 'its top level' : place}.`,
    { hint: 'Ask for the file again.', subject: { file } },
  );
}
