import { ReviewError } from '../../contract/errors.ts';
import type { ReviewStore } from '../catalogue/review-store.ts';
import type { SheetStore } from '../catalogue/sheet-store.ts';
import { parseCountersigned, unsignedMark } from '../core/review/countersigned.ts';
import { parseDecision, type DecidedRow } from '../core/review/decision-file.ts';
import { parseEnvelope } from '../core/review/dsse.ts';
import { PackRows } from '../core/review/pack-rows.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';

/** What somebody said of a pack. */
interface KeptWord {
  readonly personId: string;
  /** Of a spreadsheet that the person countersigned, whose words they are; else `null`. */
  readonly mark: string | null;
  readonly decidedAt: string;
  readonly rows: readonly DecidedRow[];
}

/** A question, and who asked it. */
interface AskedRow extends Pick<KeptWord, 'personId' | 'mark'> {
  readonly row: DecidedRow;
}

/** Packs whose parsed form is kept: one of 50,000 findings takes some hundred MB while it is read. */
const MOST_KEPT = 2;

/** Packs that this site gave out and what came back, read for showing. A pack never changes, so its parsed form is kept. */
export class ReadPacks {
  readonly #reviews: ReviewStore;
  readonly #sheets: SheetStore;
  readonly #kept = new Map<string, PackRows>();
  /** By pack: the questions in what was said of it, and of how many answers that was read. Answers are only ever added. */
  readonly #asked = new Map<string, { readonly answers: number; readonly asked: readonly AskedRow[] }>();

  constructor(reviews: ReviewStore, sheets: SheetStore) {
    this.#reviews = reviews;
    this.#sheets = sheets;
  }

  /** `null`: there is no such pack. */
  get(packId: string): ReviewPack | null {
    return this.rowsOf(packId)?.whole() ?? null;
  }

  /** For lists: checks only what is shown. `null`: there is no such pack. */
  rowsOf(packId: string): PackRows | null {
    const kept = this.#kept.get(packId);
    if (kept !== undefined) return kept;
    const row = this.#reviews.findPack(packId);
    if (row === undefined) return null;
    const pack = PackRows.read(reviewCrypto.decodeUtf8(row.payload), 'the pack');
    this.#keep(packId, pack);
    return pack;
  }

  /** Of a pack that was just made: whoever opens it next need not wait until it is read. */
  keep(pack: ReviewPack): void {
    this.#keep(pack.packId, PackRows.of(pack));
  }

  #keep(packId: string, pack: PackRows): void {
    this.#kept.set(packId, pack);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
  }

  /** Rows of what was said of a pack that are questions to the site. */
  askedOn(packId: string): readonly AskedRow[] {
    const answers = this.#reviews.countDecisions(packId) + this.#sheets.countCountersigned(packId);
    const kept = this.#asked.get(packId);
    if (kept?.answers === answers) return kept.asked;
    const asked = this.wordsOn(packId).flatMap(({ personId, mark, rows }) =>
      rows.filter((row) => row.verdict === 'ask').map((row) => ({ personId, mark, row })),
    );
    this.#asked.set(packId, { answers, asked });
    return asked;
  }

  /**
   * What was said of a pack, in signed files and in countersigned sheets, each oldest first, as it was judged when it came in: whether it
   * still counts is not asked here.
   */
  wordsOn(packId: string): readonly KeptWord[] {
    const signed = this.#reviews.listDecisions(packId).flatMap((row) =>
      readable((): KeptWord => {
        const payload =
          row.sshSignature === null
            ? parseEnvelope(reviewCrypto.decodeUtf8(row.file), 'a decision', reviewCrypto).payload
            : row.file;
        const { decidedAt, rows } = parseDecision(reviewCrypto.decodeUtf8(payload), 'a decision');
        return { personId: row.personId, mark: null, decidedAt, rows };
      }),
    );
    const countersigned = this.#sheets
      .list(packId)
      .flatMap(({ countersignatures }) => countersignatures)
      .flatMap(({ personId, statement }) =>
        readable((): KeptWord => {
          const { customer, saidBy, decidedAt, rows } = parseCountersigned(statement);
          return { personId, mark: unsignedMark(customer, saidBy), decidedAt, rows };
        }),
      );
    return [...signed, ...countersigned];
  }
}

/** What cannot be read any more says nothing. */
function readable<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (error instanceof ReviewError) return [];
    throw error;
  }
}
