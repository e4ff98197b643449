import type { DeskPackEntry, DeskPackRow } from '../catalogue/desk-store.ts';
import type { PackHead } from '../core/review/review-pack.ts';
import { openEnvelope, type OpenedPack } from '../review/review-files.ts';
import type { Services } from './services.ts';

/** Packs that the desk keeps, opened: whole for whoever decides on one, by their heads for lists. */

export const openRow = (row: DeskPackRow): OpenedPack =>
  openEnvelope(row.envelope.toString('utf8'), 'the pack');

/** Packs whose opened form is kept: a list of 50,000 takes some hundred MB. */
const MOST_KEPT = 2;
const opened = new Map<string, { readonly envelope: Buffer; readonly pack: OpenedPack }>();

/** The same for showing, without checking the signature over tens of megabytes at each call. Signing opens afresh. */
export function readRow(row: DeskPackRow): OpenedPack {
  const kept = opened.get(row.id);
  if (kept?.envelope.equals(row.envelope) === true) return kept.pack;
  const pack = openRow(row);
  opened.delete(row.id);
  opened.set(row.id, { envelope: row.envelope, pack });
  const [oldest] = opened.keys();
  if (oldest !== undefined && opened.size > MOST_KEPT) opened.delete(oldest);
  return pack;
}

/** What a list shows of a pack; small, so that those of all packs are kept: without endpoints, evidence and diff. */
export interface DeskPackHead extends PackHead {
  readonly patchCount: number;
  /** Of the key that signed it. */
  readonly siteFingerprint: string;
}
/** By id, which is made of the bytes and the key: read and verified once in the life of the process. */
const heads = new Map<string, DeskPackHead>();

/** Opens the file only when its head is not known yet. */
export function headOfPack({ desk }: Services, entry: DeskPackEntry): DeskPackHead {
  const known = heads.get(entry.id);
  if (known !== undefined) return known;
  const row = desk.findPack(entry.id);
  if (row === undefined) throw new Error(`Pack ${entry.id} was listed and is not there.`);
  return keepHead(row.id, openRow(row));
}

/** Of a pack that has just been opened. */
export function keepHead(id: string, { pack, siteFingerprint }: OpenedPack): DeskPackHead {
  const { patches, ...whole } = pack;
  const small = { ...whole, endpoints: [], evidence: [], diff: null };
  const head = { ...small, patchCount: patches.length, siteFingerprint };
  heads.set(id, head);
  return head;
}
