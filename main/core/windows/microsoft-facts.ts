import { z } from 'zod';
import { CollectError } from '../../../contract/errors.ts';
import { ARCHITECTURES, type WindowsArchitecture } from './update-list.ts';

/**
 * What a person writes down of files that no scan file of Microsoft's names, from the Update Catalog's pages: a file
 * `catalogue.json` or `catalogue.csv` beside them.
 */
export interface PayloadFacts {
  /** Name of the file in the folder. */
  readonly file: string;
  /** `KB5034122` */
  readonly kb: string;
  readonly title: string | null;
  readonly products: readonly string[];
  readonly arch: WindowsArchitecture | null;
  readonly classification: string | null;
  /** Microsoft's word. */
  readonly severity: string | null;
  readonly fixedBuild: string | null;
  /** Articles that it replaces. */
  readonly supersedes: readonly string[];
  /** Lower-case hex. One of the two must be known from somewhere, or the file is not carried. */
  readonly sha1: string | null;
  readonly sha256: string | null;
}

const text = z.string().max(500).min(1).optional();
const article = z
  .string()
  .regex(/^(?:KB)?\d{5,8}$/i)
  .transform((value) => `KB${value.replace(/^KB/i, '')}`);
const hex = (digits: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-fA-F]{${digits}}$`))
    .transform((value) => value.toLowerCase())
    .optional();

const rowSchema = z.strictObject({
  file: z.string().max(256).min(1),
  kb: article,
  title: text,
  products: z.array(z.string().max(200).min(1)).max(512).default([]),
  arch: z.enum(ARCHITECTURES).optional(),
  classification: z.string().max(128).min(1).optional(),
  severity: z.string().max(32).min(1).optional(),
  fixedBuild: z.string().max(64).min(1).optional(),
  supersedes: z.array(article).max(1_000).default([]),
  sha1: hex(40),
  sha256: hex(64),
});
const factsSchema = z.strictObject({
  format: z.literal('sallyport-microsoft-files/1'),
  files: z.array(rowSchema).max(100_000),
});

const COLUMNS = Object.keys(rowSchema.shape);
const LISTS = new Set(['products', 'supersedes']);

function invalid(name: string, why: string): CollectError {
  return new CollectError('COLLECT_FACTS_INVALID', `${name} can't be used: ${why}.`, {
    hint: 'docs/CLI.md says which fields it has ("bundle build --microsoft").',
    subject: { file: name },
  });
}

/**
 * @param name `catalogue.json` or `catalogue.csv`
 * @throws CollectError COLLECT_FACTS_INVALID
 */
export function parsePayloadFacts(content: string, name: string): readonly PayloadFacts[] {
  const value = name.endsWith('.csv')
    ? { format: 'sallyport-microsoft-files/1', files: readCsv(content, name) }
    : readJson(content, name);
  const parsed = factsSchema.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(name, `it is malformed at ${issue?.path.join('.') ?? 'its top level'}`);
  }
  const names = new Set<string>();
  return parsed.data.files.map((row) => {
    if (names.has(row.file.toLowerCase())) throw invalid(name, `it tells of ${row.file} twice`);
    names.add(row.file.toLowerCase());
    return {
      file: row.file,
      kb: row.kb,
      title: row.title ?? null,
      products: row.products,
      arch: row.arch ?? null,
      classification: row.classification ?? null,
      severity: row.severity ?? null,
      fixedBuild: row.fixedBuild ?? null,
      supersedes: row.supersedes,
      sha1: row.sha1 ?? null,
      sha256: row.sha256 ?? null,
    };
  });
}

function readJson(content: string, name: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch {
    throw invalid(name, 'it is no JSON');
  }
}

/** RFC 4180: the first line names the columns; lists are apart by semicolons; an empty cell is nothing. */
function readCsv(content: string, name: string): Record<string, unknown>[] {
  const [head, ...rows] = cellsOf(content.replace(/^\uFEFF/, ''));
  const columns = (head ?? []).map((cell) => cell.trim());
  const unknown = columns.find((column) => !COLUMNS.includes(column));
  if (unknown !== undefined) throw invalid(name, `it has a column "${unknown.slice(0, 64)}"`);
  return rows
    .filter((row) => row.some((cell) => cell !== ''))
    .map((row) => {
      if (row.length !== columns.length) throw invalid(name, 'its lines have different numbers of cells');
      const cells = columns.map((column, index): [string, unknown] => {
        const cell = (row[index] ?? '').trim();
        if (!LISTS.has(column)) return [column, cell === '' ? undefined : cell];
        return [column, cell.split(';').flatMap((part) => (part.trim() === '' ? [] : part.trim()))];
      });
      return Object.fromEntries(cells.filter(([, cell]) => cell !== undefined));
    });
}

function cellsOf(content: string): string[][] {
  const rows: string[][] = [[]];
  for (const match of content.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    const [whole, quoted, plain = '', end = ''] = match;
    const row = rows.at(-1);
    if (whole === '' && (row?.length ?? 0) === 0) break;
    row?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') break;
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}
