import { z } from 'zod';
import { BundleError } from '../../../contract/errors.ts';

/**
 * Our own objects in a bundle: which signed index belongs to which distribution release, and what the builder has to
 * report. Parsed only after their hashes hold.
 */

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const word = z
  .string()
  .max(256)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/);

const fileSchema = z.strictObject({
  kind: z.enum(['signature', 'updateinfo', 'modules']),
  path: z.string().max(1_024),
  sha256,
});

const repositorySchema = z.strictObject({
  /** `deb` where it is not said. */
  ecosystem: z.enum(['deb', 'rpm', 'windows']).optional(),
  distribution: word,
  codename: word,
  root: z
    .string()
    .max(64)
    .regex(/^[a-z0-9][a-z0-9.-]*$/),
  suite: word,
  /** Empty where repositories have none. */
  component: word.or(z.literal('')),
  arch: word,
  /** Logical path and hash of the vendor's signed release file. */
  release: z.strictObject({ path: z.string().max(1_024), sha256 }),
  /** Of the compressed index, as the vendor serves it. */
  index: z.strictObject({ path: z.string().max(1_024), sha256 }),
  /** What else the release file names, or vouches for it. */
  files: z.array(fileSchema).max(8).optional(),
});

const agentSchema = z.strictObject({
  name: z.literal('sallyport-agent'),
  /** Without an epoch. */
  version: z.string().regex(/^[0-9][A-Za-z0-9.+~]{0,99}$/),
  architecture: z.literal('all'),
  path: z.string().max(1_024),
  sha256,
});

const repositoriesSchema = z.strictObject({
  format: z.literal('sallyport-repositories/1'),
  repositories: z.array(repositorySchema).max(4_096),
  /** Packages of our own agent; absent where there are none. */
  agents: z.array(agentSchema).min(1).max(64).optional(),
});

const reportSchema = z.strictObject({
  format: z.literal('sallyport-report/1'),
  /** Named by a signed index, but the mirror did not have the file, or not that file. */
  missing: z
    .array(z.strictObject({ path: z.string().max(1_024), sha256, reason: z.string().max(1_000) }))
    .max(200_000),
  /** Demands that nothing in the repositories meets. */
  unmet: z.array(z.string().max(2_000)).max(200_000),
});

export type BundledFile = Readonly<z.infer<typeof fileSchema>>;
export type BundledRepository = Readonly<z.infer<typeof repositorySchema>>;
export type BundledAgent = Readonly<z.infer<typeof agentSchema>>;
export interface BundleReport {
  readonly missing: readonly { readonly path: string; readonly sha256: string; readonly reason: string }[];
  readonly unmet: readonly string[];
}

/** @throws BundleError BUNDLE_CONTENT_UNREADABLE */
export function parseRepositories(json: string, file: string): readonly BundledRepository[] {
  return parseWith(repositoriesSchema, json, file).repositories;
}

/** Agents that the same list names. @throws BundleError BUNDLE_CONTENT_UNREADABLE */
export function parseAgents(json: string, file: string): readonly BundledAgent[] {
  return parseWith(repositoriesSchema, json, file).agents ?? [];
}

export function formatRepositories(
  repositories: readonly BundledRepository[],
  agents: readonly BundledAgent[] = [],
): string {
  const list = {
    format: 'sallyport-repositories/1',
    repositories,
    ...(agents.length === 0 ? {} : { agents }),
  };
  return `${JSON.stringify(list, null, 1)}\n`;
}

/** @throws BundleError BUNDLE_CONTENT_UNREADABLE */
export function parseReport(json: string, file: string): BundleReport {
  return parseWith(reportSchema, json, file);
}

export function formatReport(report: BundleReport): string {
  return `${JSON.stringify({ format: 'sallyport-report/1', ...report }, null, 1)}\n`;
}

function parseWith<T>(schema: z.ZodType<T>, json: string, file: string): T {
  let value: unknown = null;
  try {
    value = JSON.parse(json);
  } catch {
    // The schemas refuse null with the same code.
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new BundleError(
    'BUNDLE_CONTENT_UNREADABLE',
    `${file} is malformed at ${issue?.path.join('.') || 'its top level'}.`,
    {
      subject: { file },
    },
  );
}
