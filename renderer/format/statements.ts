import type { DeskStatement } from '../../contract/statements.ts';
import { formatDay } from './dates.ts';
import { countOf } from './figures.ts';

/** What a customer signed at their desk, in plain words. */

export const STATEMENT_KINDS: Readonly<Record<DeskStatement['kind'], string>> = {
  policy: 'Policy',
  delegation: 'Delegation',
  emergency: 'Emergency request',
};

/** `Opt-out for web, version 5`, `Inès Okoye decides until 3 December 2026`. */
export function sayStatement(item: DeskStatement): string {
  switch (item.kind) {
    case 'policy':
      return `${item.terms.mode === 'opt-in' ? 'Opt-in' : 'Opt-out'} for ${item.group}, version ${String(item.version)}`;
    case 'delegation':
      return `${item.toName === '' ? `The key ${item.to.slice(0, 16)}` : item.toName} decides for you until ${formatDay(item.until)}`;
    case 'emergency':
      return `${sayNames(item.names)}, ${countOf(item.groups.length, 'group')}`;
  }
}

type Names = Extract<DeskStatement, { kind: 'emergency' }>['names'];

/** `openssl 3.0.2, CVE-2026-1234`. */
export const sayNames = (names: Names): string =>
  names
    .map((name) =>
      name.kind === 'package' && name.version !== null ? `${name.value} ${name.version}` : name.value,
    )
    .join(', ');

/** What a file of it is called when nobody says otherwise. */
export function fileNameOf(kind: DeskStatement['kind'], about: string): string {
  const slug = about
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return `${kind}${slug === '' ? '' : `-${slug.slice(0, 60)}`}.json`;
}
