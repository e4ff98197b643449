import { ContentStore } from '../../main/catalogue/content-store.ts';

type Copy = Parameters<ContentStore['copyVerified']>;
type CopyOfPart = Parameters<ContentStore['copyPart']>;

/** A content store that calls out once so many bytes have been copied into it. */
export class InterruptedContent extends ContentStore {
  readonly #interrupt: () => void;
  #left: number;

  constructor(dir: string, afterBytes: number, interrupt: () => void) {
    super(dir);
    this.#left = afterBytes;
    this.#interrupt = interrupt;
  }

  override copyVerified(source: Copy[0], expected: Copy[1], options: Copy[2] = {}): Promise<void> {
    return super.copyVerified(source, expected, this.#counting(options));
  }

  override copyPart(
    source: CopyOfPart[0],
    sha256: CopyOfPart[1],
    part: CopyOfPart[2],
    options: CopyOfPart[3] = {},
  ): Promise<void> {
    return super.copyPart(source, sha256, part, this.#counting(options));
  }

  #counting(options: NonNullable<Copy[2]>): NonNullable<Copy[2]> {
    return {
      ...options,
      onBytes: (bytes) => {
        options.onBytes?.(bytes);
        const before = this.#left;
        this.#left -= bytes;
        if (before > 0 && this.#left <= 0) this.#interrupt();
      },
    };
  }
}
