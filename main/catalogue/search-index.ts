import type { Db } from './database.ts';

/** Rows taken at a time while the index catches up. */
const BATCH = 10_000;
/** Characters; of what is shorter too much is found to be of use. */
export const SHORTEST_PART = 3;

/** Words as the tokenizer of `patch_search` parts them: letters and digits of any script, and dots, which versions have. */
export const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9.\u0080-\uffff]+/)
    .filter((word) => word !== '');

/**
 * Adds the patches that came since the last call, whoever wrote them. Patches get ascending ids, so those are the ones
 * above the highest that is indexed.
 *
 * A full-text index knows the beginnings of words. So that a name is found by what is inside it too (`ssl` in
 * `openssl`), the words that names are made of are listed beside it, each once: there are few of them.
 */
export function indexForSearch(db: Db): void {
  let last = (db.prepare('SELECT rowid FROM patch_search ORDER BY rowid DESC LIMIT 1').pluck().get() ??
    0) as number;
  const fetch = db
    .prepare('SELECT id, name, source, description FROM patches WHERE id > ? ORDER BY id LIMIT ?')
    .raw();
  const insert = db.prepare('INSERT INTO patch_search (rowid, name, text) VALUES (?, ?, ?)');
  const list = db.prepare('INSERT INTO name_words (word) VALUES (?) ON CONFLICT DO NOTHING');
  const listed = new Set<string>();
  /** Names whose words are listed: a source is that of many patches. */
  const seen = new Set<string>();
  for (;;) {
    const rows = fetch.all(last, BATCH) as [number, string, string, string][];
    for (const [id, name, source, description] of rows) {
      insert.run(id, source === name ? name : `${name} ${source}`, description);
      last = id;
      for (const text of [name, source]) {
        if (seen.has(text)) continue;
        seen.add(text);
        for (const word of wordsOf(text)) {
          if (word.length <= SHORTEST_PART || listed.has(word)) continue;
          listed.add(word);
          list.run(word);
        }
      }
    }
    if (rows.length < BATCH) return;
  }
}

/** Makes the list of what repositories offer anew. To be called in the transaction that switches them. */
export function refreshOffered(db: Db): void {
  db.exec(`
    DELETE FROM offered;
    INSERT INTO offered (patch_id, position, ecosystem)
    SELECT id, row_number() OVER (ORDER BY name, arch, id DESC) - 1, ecosystem FROM patches
    WHERE id IN (SELECT patch_id FROM index_entries WHERE index_id IN (SELECT index_id FROM repositories))`);
}
