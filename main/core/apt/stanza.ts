/**
 * Paragraphs of deb822(5): `Field: value` lines, continuation lines that begin with white space, paragraphs apart by
 * empty lines. Names of fields are matched without regard to case, as the manual says.
 */

export type Stanza = ReadonlyMap<string, string>;

/**
 * Reads every paragraph of a text.
 *
 * @returns one map a paragraph: name in lower case to value; continuation lines are kept, each after a `\n`, with the
 *   one leading blank removed. A later field of the same name replaces an earlier one.
 */
export function parseStanzas(text: string): Stanza[] {
  const stanzas: Stanza[] = [];
  let current = new Map<string, string>();
  let field: string | null = null;
  for (const line of text.split('\n')) {
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (bare.trim() === '') {
      if (current.size > 0) stanzas.push(current);
      current = new Map();
      field = null;
    } else if (bare.startsWith(' ') || bare.startsWith('\t')) {
      if (field !== null) current.set(field, `${current.get(field) ?? ''}\n${bare.slice(1)}`);
    } else if (!bare.startsWith('#')) {
      const colon = bare.indexOf(':');
      if (colon <= 0) continue;
      field = bare.slice(0, colon).toLowerCase();
      current.set(field, bare.slice(colon + 1).trim());
    }
  }
  if (current.size > 0) stanzas.push(current);
  return stanzas;
}

/** Splits a `Source` field: `name (version)`, or only `name` when the versions are the same; empty means the package's own. */
export function parseSourceField(
  value: string | undefined,
  name: string,
  version: string,
): { readonly source: string; readonly sourceVersion: string } {
  if (value === undefined || value === '') return { source: name, sourceVersion: version };
  const open = value.indexOf('(');
  if (open < 0) return { source: value.trim(), sourceVersion: version };
  return {
    source: value.slice(0, open).trim(),
    sourceVersion: value
      .slice(open + 1)
      .replace(/\).*$/s, '')
      .trim(),
  };
}
