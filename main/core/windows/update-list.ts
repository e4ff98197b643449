import { z } from 'zod';
import { BundleError } from '../../../contract/errors.ts';
import { SEVERITIES } from '../advisory.ts';

/**
 * Our own list of Windows updates, `sallyport/windows-updates.jsonl`: what of Microsoft's catalogue the site needs to
 * know. One line of JSON for what the list is, then one line an update, so that a long list is read piece by piece.
 */

/** Logical path of the list. */
export const WINDOWS_UPDATES_PATH = 'sallyport/windows-updates.jsonl';
const WINDOWS_UPDATES_FORMAT = 'sallyport-windows-updates/1';
export const ARCHITECTURES = ['x86', 'x64', 'arm64', 'ia64', 'all'] as const;
export type WindowsArchitecture = (typeof ARCHITECTURES)[number];

const text = (max: number): z.ZodString => z.string().max(max);
const hex = (digits: number): z.ZodString => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
/** Microsoft's UpdateId where there is one, else the article and the architecture. */
const updateId = z
  .string()
  .regex(/^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|KB\d{5,8}(?:-[a-z0-9]+)?)$/);

const fileSchema = z.strictObject({
  /** As Microsoft calls it. */
  name: text(256).min(1),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  sha1: hex(40).nullable(),
  sha256: hex(64).nullable(),
  /** Where Microsoft serves it. */
  url: text(1_024).nullable(),
  /** Logical path below `microsoft/` where this bundle or an earlier one carries it. */
  path: text(512).nullable(),
  /** Authenticode facts as the builder read them; the endpoint's own check decides. */
  signature: z
    .strictObject({
      /** `read`: the digest holds, and this is who signed; `not read`: the builder had no tool for it. */
      state: z.enum(['read', 'not read', 'none', 'broken']),
      subject: text(512).nullable(),
      digest: text(256).nullable(),
    })
    .nullable(),
});

const updateSchema = z.strictObject({
  id: updateId,
  kb: z
    .string()
    .regex(/^KB\d{5,8}$/)
    .nullable(),
  title: text(500),
  description: text(4_000),
  /** Microsoft's word: `Security Updates`, `Update Rollups`. */
  classification: text(128),
  severity: z.enum(SEVERITIES),
  /** `MS17-010`, of the years that had bulletins. */
  bulletin: text(32).nullable(),
  products: z.array(text(200).min(1)).max(512),
  arch: z.enum(ARCHITECTURES),
  createdAt: z.iso.datetime().nullable(),
  reboot: z.enum(['never', 'possible', 'always']).nullable(),
  /** Builds that it brings a machine to, one a branch. */
  fixedBuilds: z.array(text(64).min(1)).max(64),
  /** Ids of updates of this list that replace it. */
  supersededBy: z.array(updateId).max(20_000),
  /** Each group is met by one of its updates. */
  prerequisites: z.array(z.array(updateId).min(1).max(20_000)).max(1_000),
  cves: z.array(z.string().regex(/^CVE-\d{4}-\d{4,}$/)).max(5_000),
  files: z.array(fileSchema).max(20_000),
});

const headSchema = z.strictObject({
  format: z.literal(WINDOWS_UPDATES_FORMAT),
  /** When the list was made. */
  date: z.iso.datetime(),
  /** The scan file it was read from. */
  scan: z.strictObject({ sha256: hex(64), createdAt: z.iso.datetime().nullable() }).nullable(),
  updates: z.number().int().nonnegative().max(2_000_000),
  /** What the builder had to leave out or decide: circles of supersedence, updates without a known file. */
  notes: z.array(text(2_000)).max(10_000),
});

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type WindowsUpdate = DeepReadonly<z.infer<typeof updateSchema>>;
export type WindowsFile = DeepReadonly<z.infer<typeof fileSchema>>;
export type WindowsUpdatesHead = DeepReadonly<z.infer<typeof headSchema>>;

/** Longest line that is read. */
const MAX_LINE = 16 * 1024 * 1024;

/** Lines of the list, each with its line feed. */
export function* formatWindowsUpdates(
  head: Omit<WindowsUpdatesHead, 'format' | 'updates'>,
  updates: readonly WindowsUpdate[],
): Generator<string> {
  yield `${JSON.stringify({ format: WINDOWS_UPDATES_FORMAT, ...head, updates: updates.length })}\n`;
  for (const update of updates) yield `${JSON.stringify(update)}\n`;
}

/** Reads the list piece by piece. Each update has an id of its own; what one refers to need not be in the list. */
export class WindowsUpdatesReader {
  readonly #file: string;
  readonly #ids = new Set<string>();
  #rest = '';
  #head: WindowsUpdatesHead | null = null;

  /** @param file name for messages */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * @returns the updates of the lines that are whole
   * @throws BundleError BUNDLE_CONTENT_UNREADABLE
   */
  write(piece: string): WindowsUpdate[] {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MAX_LINE) throw this.#malformed('a line has no end');
    return lines.flatMap((line) => this.#readLine(line) ?? []);
  }

  /** Date of the list; `null` before its first line was read. */
  get date(): string | null {
    return this.#head?.date ?? null;
  }

  /** @throws BundleError BUNDLE_CONTENT_UNREADABLE when the list is cut off */
  end(): WindowsUpdatesHead {
    if (this.#rest !== '' || this.#head === null || this.#ids.size !== this.#head.updates)
      throw this.#malformed('it is cut off');
    return this.#head;
  }

  #readLine(line: string): WindowsUpdate | null {
    let value: unknown = null;
    try {
      value = JSON.parse(line);
    } catch {
      // The schemas refuse null.
    }
    if (this.#head === null) {
      this.#head = this.#check(headSchema, value, 'its first line');
      return null;
    }
    const update = this.#check(updateSchema, value, `line ${this.#ids.size + 2}`);
    if (this.#ids.has(update.id)) throw this.#malformed(`it lists ${update.id} twice`);
    this.#ids.add(update.id);
    return update;
  }

  #check<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw this.#malformed(`${where} is wrong at ${parsed.error.issues[0]?.path.join('.') ?? ''}`);
  }

  #malformed(why: string): BundleError {
    return new BundleError('BUNDLE_CONTENT_UNREADABLE', `${this.#file} is malformed: ${why}.`, {
      subject: { file: this.#file },
    });
  }
}
