import { compareDebVersions } from '../version/deb.ts';

/** Relation fields of a package, after Debian policy §7.1: `a (>= 1) | b [amd64], c:any`. */

export type Relation = '<<' | '<=' | '=' | '>=' | '>>';

export interface Alternative {
  readonly name: string;
  /** What follows the colon (`any`, `native`, an architecture), else `null`. */
  readonly archQualifier: string | null;
  readonly relation: Relation | null;
  readonly version: string | null;
}

/** Alternatives of which one is enough. */
export type Clause = readonly Alternative[];

const ALTERNATIVE =
  /^([a-z0-9][a-z0-9+.-]*)(?::([a-z0-9-]+))?\s*(?:\(\s*(<<|<=|<|=|>=|>>|>)\s*([^\s)]+)\s*\))?\s*(?:\[[^\]]*\])?\s*(?:<[^>]*>\s*)*$/i;

/**
 * Reads a relation field. What can't be read is left out of its clause: the result is used to carry more content, never
 * to decide what is installed (apt on the endpoint decides that).
 */
export function parseClauses(field: string): Clause[] {
  if (field.trim() === '') return [];
  const clauses: Clause[] = [];
  for (const part of field.split(',')) {
    const clause: Alternative[] = [];
    for (const piece of part.split('|')) {
      const match = ALTERNATIVE.exec(piece.trim());
      if (match === null) continue;
      // `<` and `>` are the obsolete spellings of `<=` and `>=` (policy §7.1).
      const relation = match[3] === '<' ? '<=' : match[3] === '>' ? '>=' : match[3];
      clause.push({
        name: match[1] ?? '',
        archQualifier: match[2] ?? null,
        relation: (relation as Relation | undefined) ?? null,
        version: match[4] ?? null,
      });
    }
    if (clause.length > 0) clauses.push(clause);
  }
  return clauses;
}

/** Whether a version meets the bound of an alternative; no bound is met by every version. */
export function meetsBound(version: string, alternative: Alternative): boolean {
  if (alternative.relation === null || alternative.version === null) return true;
  const order = compareDebVersions(version, alternative.version);
  switch (alternative.relation) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/**
 * Whether a `Provides` entry meets an alternative: an unversioned one meets only an unversioned demand (policy §7.5).
 */
export function meetsByProvides(provided: Alternative, wanted: Alternative): boolean {
  if (provided.name !== wanted.name) return false;
  if (wanted.relation === null) return true;
  return provided.relation === '=' && provided.version !== null && meetsBound(provided.version, wanted);
}

/** One text for equal clauses, to compare the demands of two versions of a package. */
export function clauseKey(clause: Clause): string {
  return clause
    .map((item) => `${item.name}:${item.archQualifier ?? ''} ${item.relation ?? ''} ${item.version ?? ''}`)
    .join('|');
}
