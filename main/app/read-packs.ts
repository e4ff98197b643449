import { ReviewError } from '../../contract/errors.ts';
import type { ReviewStore } from '../catalogue/review-store.ts';
import { parseDecision, type DecidedRow, type DecisionFile } from '../core/review/decision-file.ts';
import { parseEnvelope } from '../core/review/dsse.ts';
import { PackRows } from '../core/review/pack-rows.ts';
import type { ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';

/** A question, and who asked it. */
export interface AskedRow {
  readonly personId: string;
  readonly row: DecidedRow;
}

/** Packs whose parsed form is kept: one of 50,000 findings takes some hundred MB while it is read. */
const MOST_KEPT = 2;

/** Packs that this site gave out and what came back, read for showing. A pack never changes, so its parsed form is kept. */
export class ReadPacks {
  readonly #reviews: ReviewStore;
  readonly #kept = new Map<string, PackRows>();
  /** By pack: the questions in what was signed about it, and of how many decisions that was read. Decisions are only ever added. */
  readonly #asked = new Map<string, { readonly decisions: number; readonly asked: readonly AskedRow[] }>();

  constructor(reviews: ReviewStore) {
    this.#reviews = reviews;
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

  /** Rows of what was signed about a pack that are questions to the site. */
  askedOn(packId: string): readonly AskedRow[] {
    const decisions = this.#reviews.countDecisions(packId);
    const kept = this.#asked.get(packId);
    if (kept?.decisions === decisions) return kept.asked;
    const asked = this.decisionsOn(packId).flatMap(({ personId, decision }) =>
      decision.rows.filter((row) => row.verdict === 'ask').map((row) => ({ personId, row })),
    );
    this.#asked.set(packId, { decisions, asked });
    return asked;
  }

  /** What was signed about a pack, oldest first, as it was judged when it came in: whether it still counts is not asked here. */
  decisionsOn(packId: string): readonly { readonly personId: string; readonly decision: DecisionFile }[] {
    return this.#reviews.listDecisions(packId).flatMap((row) => {
      try {
        const payload =
          row.sshSignature === null
            ? parseEnvelope(reviewCrypto.decodeUtf8(row.file), 'a decision', reviewCrypto).payload
            : row.file;
        const decision = parseDecision(reviewCrypto.decodeUtf8(payload), 'a decision');
        return [{ personId: row.personId, decision }];
      } catch (error) {
        if (error instanceof ReviewError) return [];
        throw error;
      }
    });
  }
}
