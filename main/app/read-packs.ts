import { ReviewError } from '../../contract/errors.ts';
import type { ReviewStore } from '../catalogue/review-store.ts';
import { parseDecision, type DecisionFile } from '../core/review/decision-file.ts';
import { parseEnvelope } from '../core/review/dsse.ts';
import { parsePack, type ReviewPack } from '../core/review/review-pack.ts';
import { reviewCrypto } from '../review/node-crypto.ts';

/** Packs whose parsed form is kept: one of 50,000 findings takes some hundred MB while it is read. */
const MOST_KEPT = 2;

/** Packs that this site gave out and what came back, read for showing. A pack never changes, so its parsed form is kept. */
export class ReadPacks {
  readonly #reviews: ReviewStore;
  readonly #kept = new Map<string, ReviewPack>();

  constructor(reviews: ReviewStore) {
    this.#reviews = reviews;
  }

  /** `null`: there is no such pack. */
  get(packId: string): ReviewPack | null {
    const kept = this.#kept.get(packId);
    if (kept !== undefined) return kept;
    const row = this.#reviews.findPack(packId);
    if (row === undefined) return null;
    const pack = parsePack(reviewCrypto.decodeUtf8(row.payload), 'the pack');
    this.#kept.set(packId, pack);
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined && this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
    return pack;
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
