import { createPublicKey, verify } from 'node:crypto';
import { ReviewError } from '../../contract/errors.ts';
import type { Countersignature, KnownSheet } from '../catalogue/sheet-store.ts';
import {
  countersignedFits,
  parseCountersigned,
  unsignedMark,
  type CountersignedSheet,
} from '../core/review/countersigned.ts';
import { parsePack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import type { Services } from './services.ts';

interface Countersigned {
  readonly statement: CountersignedSheet;
  /** Of the statement. */
  readonly sha256: string;
  readonly personId: string;
}

/** The countersigned sheets of a pack that hold now: signature, pack, and the bytes of the spreadsheet. */
export function countersignedOf(services: Services, packId: string): Countersigned[] {
  return services.sheets
    .list(packId)
    .flatMap((sheet) =>
      sheet.countersignatures.flatMap((item) => readCountersigned(services, sheet, item) ?? []),
    );
}

function readCountersigned(
  { reviews, site }: Services,
  sheet: KnownSheet,
  countersignature: Countersignature,
): Countersigned | null {
  const { file } = sheet;
  const { statement: text, signature, sha256, personId } = countersignature;
  const person = site.findPerson(personId);
  const packRow = reviews.findPack(sheet.packId);
  if (person === undefined || packRow === undefined) return null;
  const bytes = reviewCrypto.encodeUtf8(text);
  if (!verify(null, bytes, createPublicKey(person.publicKey), Buffer.from(signature, 'base64'))) return null;
  if (reviewCrypto.sha256(bytes) !== sha256) return null;
  try {
    const statement = parseCountersigned(text);
    const pack = parsePack(reviewCrypto.decodeUtf8(packRow.payload), 'the pack');
    const fits = countersignedFits(statement, pack, packRow.sha256, reviewCrypto.sha256(file));
    return fits && statement.countersignedBy === personId ? { statement, sha256, personId } : null;
  } catch (error) {
    if (error instanceof ReviewError) return null;
    throw error;
  }
}

/**
 * What an approval's statement has to say for ever when it rests on a spreadsheet that nobody at the customer signed; `null` when it
 * does not. Every such sheet is named. Asks for the record alone, not whether it still holds.
 */
export function unsignedMarkOf({ sheets, reviews }: Services, statement: string): string | null {
  const outcome = JSON.parse(statement) as { packId?: string; decisions?: readonly string[] };
  if (outcome.packId === undefined || outcome.decisions === undefined) return null;
  const { decisions } = outcome;
  const named = sheets
    .list(outcome.packId)
    .filter((sheet) => sheet.countersignatures.some(({ sha256 }) => decisions.includes(sha256)));
  const payload = reviews.findPack(outcome.packId)?.payload;
  if (named.length === 0 || payload === undefined) return null;
  const { customer } = parsePack(reviewCrypto.decodeUtf8(payload), 'the pack');
  return [...new Set(named.map(({ saidBy }) => unsignedMark(customer, saidBy)))].join(', ');
}
