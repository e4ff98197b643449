import { z } from 'zod';
import { checkPart, readPayload } from './payload.ts';
import {
  headSchema,
  MOST_PATCHES,
  PACK_FORMAT,
  patchSchema,
  type DeepReadonly,
  type PackHead,
  type PackPatch,
  type ReviewPack,
} from './review-pack.ts';

const looseSchema = z.looseObject({ patches: z.array(z.unknown()).min(1).max(MOST_PATCHES) });

/** What the order of rows is made of: the schema of these fields alone. */
const orderSchema = z.object(
  patchSchema.pick({
    sha256: true,
    package: true,
    severity: true,
    security: true,
    kev: true,
    epss: true,
    cvss: true,
  }).shape,
);
type OrderedPatch = DeepReadonly<z.infer<typeof orderSchema>>;

/**
 * A pack of which each row is checked when it is asked for: of tens of thousands, a list shows some dozens at once, and whoever opens it
 * waits for those alone. A row that is malformed is refused by whatever asks for it.
 */
export class PackRows {
  readonly head: PackHead;
  readonly #file: string;
  /** As they stand in the file until they are asked for, checked from then on. */
  readonly #rows: unknown[];
  readonly #checked: boolean[] = [];
  #whole: ReviewPack | null = null;
  #places: ReadonlyMap<string, number> | null = null;

  private constructor(head: PackHead, rows: unknown[], file: string) {
    this.head = head;
    this.#rows = rows;
    this.#file = file;
  }

  /** @throws ReviewError REVIEW_VERSION_UNKNOWN, REVIEW_CONTENT_INVALID */
  static read(json: string, file: string): PackRows {
    const { patches, ...head } = checkPart(looseSchema, readPayload(PACK_FORMAT, json, file), file);
    return new PackRows(checkPart(headSchema, head, file), patches, file);
  }

  /** Of a pack that was checked whole. */
  static of(pack: ReviewPack): PackRows {
    const rows = new PackRows(pack, [...pack.patches], 'the pack');
    rows.#whole = pack;
    for (let place = 0; place < pack.patches.length; place += 1) rows.#checked[place] = true;
    return rows;
  }

  get count(): number {
    return this.#rows.length;
  }

  /** @throws ReviewError REVIEW_CONTENT_INVALID */
  at(place: number): PackPatch {
    if (this.#checked[place] !== true) {
      this.#rows[place] = checkPart(patchSchema, this.#rows[place], this.#file, ['patches', place]);
      this.#checked[place] = true;
    }
    return this.#rows[place] as PackPatch;
  }

  /** What each row is put in order by, in the order of the file. */
  forOrder(): OrderedPatch[] {
    return this.#rows.map((row, place) => checkPart(orderSchema, row, this.#file, ['patches', place]));
  }

  /** Place of the row of a package file; `undefined`: the pack has none. */
  placeOf(sha256: string): number | undefined {
    this.#places ??= new Map(
      this.#rows.map((row, place) => [String((row as { sha256?: unknown } | null)?.sha256), place]),
    );
    return this.#places.get(sha256);
  }

  /** All of it. */
  whole(): ReviewPack {
    this.#whole ??= { ...this.head, patches: this.#rows.map((_row, place) => this.at(place)) };
    return this.#whole;
  }
}
