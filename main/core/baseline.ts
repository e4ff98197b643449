import { z } from 'zod';
import { CollectError } from '../../contract/errors.ts';
import { parseNeedsList, type NeedsList } from './needs-list.ts';

/**
 * A baseline: for sites that let nothing out, not even a needs-list. It names repositories instead of packages, and
 * means the newest version of everything in them.
 */

const baselineSchema = z.strictObject({
  format: z.literal('sallyport-baseline/1'),
  platforms: z.array(z.record(z.string(), z.unknown())).min(1).max(256),
});

/**
 * Reads a baseline. Its platforms are those of a needs-list without `packages`.
 *
 * @param createdAt ISO-8601
 * @throws CollectError COLLECT_NEEDS_LIST_INVALID
 */
export function parseBaseline(json: string, createdAt: string): NeedsList {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schema refuses null with the same code.
  }
  const parsed = baselineSchema.safeParse(value);
  const named = parsed.success ? parsed.data.platforms : [];
  if (!parsed.success || named.some((platform) => 'packages' in platform || 'everything' in platform)) {
    throw new CollectError('COLLECT_NEEDS_LIST_INVALID', 'The baseline is malformed.', {
      hint: 'It has "format": "sallyport-baseline/1" and "platforms", each with distribution, architecture and repositories.',
    });
  }
  const platforms = named.map((platform) => ({ ...platform, packages: [], everything: true }));
  return parseNeedsList(
    JSON.stringify({ format: 'sallyport-needs-list/1', createdAt, platforms, holdings: null }),
  );
}
