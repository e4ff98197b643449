import { CollectError } from '../../../contract/errors.ts';
import type { Advisory } from '../advisory.ts';
import type { CveStatement } from '../risk/risk-list.ts';

/** A distribution release whose advisories are wanted, and the packages that matter there. */
export interface WantedRelease {
  readonly distribution: string;
  readonly codename: string;
  /** Names of source packages. */
  readonly sources: ReadonlySet<string>;
  /** Names of binary packages. */
  readonly packages: ReadonlySet<string>;
}

/** The file that is read, for the provenance of each statement. */
export interface AdvisoryDocument {
  readonly name: string;
  readonly sha256: string;
}

export interface AdvisoryReading {
  readonly advisories: readonly Advisory[];
  /** What the document says of CVEs beside what fixes them. */
  readonly statements: readonly CveStatement[];
}

export const ADVISORY_CVE = /^(?:CVE|TEMP)-\d{4,}-[0-9A-Z]{4,}$/;
export const MAX_BODY = 20_000;
export const MAX_TITLE = 500;

export function invalidDocument(document: AdvisoryDocument, what: string, place?: string): CollectError {
  return new CollectError(
    'COLLECT_ADVISORIES_INVALID',
    `${document.name} is not ${what}${place === undefined ? '' : `: it is malformed at ${place || 'its top level'}`}.`,
    { hint: 'Give the file that the vendor serves, unchanged.', subject: { file: document.name } },
  );
}

/** Versions of a Linux release that has a code name, for documents that write its number. */
const CODENAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: { '10': 'buster', '11': 'bullseye', '12': 'bookworm', '13': 'trixie', '14': 'forky' },
  ubuntu: {
    '14.04': 'trusty',
    '16.04': 'xenial',
    '18.04': 'bionic',
    '20.04': 'focal',
    '22.04': 'jammy',
    '24.04': 'noble',
    '24.10': 'oracular',
    '25.04': 'plucky',
    '25.10': 'questing',
  },
};

/** The name that endpoints of a release go by in the catalogue: the code name where there is one, else the number. */
export function codenameOf(distribution: string, version: string): string {
  return CODENAMES[distribution]?.[version] ?? version;
}
