import { createPublicKey, verify } from 'node:crypto';
import { ReviewError } from '../../contract/errors.ts';
import type { KnownSheet } from '../catalogue/sheet-store.ts';
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
  return services.sheets.list(packId).flatMap((sheet) => readCountersigned(services, sheet) ?? []);
}

function readCountersigned({ reviews, site }: Services, sheet: KnownSheet): Countersigned | null {
  const { countersignature, file } = sheet;
  if (countersignature === null) return null;
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
 * does not. Asks for the record alone, not whether it still holds.
 */
export function unsignedMarkOf({ sheets, reviews }: Services, statement: string): string | null {
  const outcome = JSON.parse(statement) as { packId?: string; decisions?: readonly string[] };
  if (outcome.packId === undefined || outcome.decisions === undefined) return null;
  for (const sheet of sheets.list(outcome.packId)) {
    const sha256 = sheet.countersignature?.sha256;
    if (sha256 === undefined || !outcome.decisions.includes(sha256)) continue;
    const payload = reviews.findPack(sheet.packId)?.payload;
    if (payload === undefined) continue;
    return unsignedMark(parsePack(reviewCrypto.decodeUtf8(payload), 'the pack').customer, sheet.saidBy);
  }
  return null;
}
