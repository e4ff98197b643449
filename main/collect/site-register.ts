import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CollectError } from '../../contract/errors.ts';
import { writeDurably } from './sealed-key.ts';

/**
 * What each site was given, kept in the folder of the keys: for sites that let nothing out, the next bundle leaves out
 * what earlier ones brought. It says what was written, not what arrived: a bundle that never did is taken back.
 */

const whole = z.number().int().nonnegative();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const givenSchema = z.strictObject({
  stream: z.string().max(32),
  seq: whole,
  base: whole,
  createdAt: z.iso.datetime(),
  manifestSha256: sha256,
  bytes: whole,
  /** Vendor files that it brought; what the site had by then is not in it. */
  objects: z.array(sha256),
});
const registerSchema = z.strictObject({
  format: z.literal('sallyport-register/1'),
  site: z.string(),
  bundles: z.array(givenSchema),
});

export type GivenBundle = Readonly<z.infer<typeof givenSchema>>;

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export class SiteRegister {
  readonly #file: string;
  readonly #site: string;

  /** @throws CollectError COLLECT_REGISTER_INVALID for a name that can't be one of a file */
  constructor(keysDir: string, site: string) {
    if (!NAME.test(site)) {
      throw new CollectError('COLLECT_REGISTER_INVALID', `"${site.slice(0, 100)}" is no name of a site.`, {
        hint: 'Use lower-case letters, digits and hyphens.',
      });
    }
    this.#site = site;
    this.#file = join(keysDir, 'register', `${site}.json`);
  }

  /** Names of the sites that a folder of keys has a register of. */
  static sites(keysDir: string): string[] {
    const dir = join(keysDir, 'register');
    if (!existsSync(dir)) return [];
    return readdirSync(dir)
      .flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []))
      .filter((name) => NAME.test(name))
      .sort();
  }

  /** Oldest first. @throws CollectError COLLECT_REGISTER_INVALID */
  list(): readonly GivenBundle[] {
    if (!existsSync(this.#file)) return [];
    try {
      return registerSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).bundles;
    } catch (cause) {
      throw new CollectError('COLLECT_REGISTER_INVALID', `The register of ${this.#site} can’t be read.`, {
        hint: 'Restore it from a backup, or remove it: the next bundle is a full one then.',
        subject: { file: this.#file },
        cause,
      });
    }
  }

  /** What the site has by now, as far as this builder knows: the newest bundle of a stream, and all objects given in it. */
  holdings(stream: string): { readonly seq: number; readonly objects: ReadonlySet<string> } {
    const bundles = this.list().filter((bundle) => bundle.stream === stream);
    return {
      seq: bundles.reduce((newest, bundle) => Math.max(newest, bundle.seq), 0),
      objects: new Set(bundles.flatMap((bundle) => bundle.objects)),
    };
  }

  /** To be called when the bundle is whole on its medium, never before. */
  add(bundle: GivenBundle): void {
    this.#write([...this.list(), bundle]);
  }

  /**
   * Takes back a bundle that did not arrive, and those after it that build on it: a site without the one refuses the
   * others.
   *
   * @returns what was taken back
   * @throws CollectError COLLECT_REGISTER_INVALID when it was never given
   */
  takeBack(stream: string, seq: number): readonly GivenBundle[] {
    const all = this.list();
    const first = all.find((bundle) => bundle.stream === stream && bundle.seq === seq);
    if (first === undefined) {
      throw new CollectError(
        'COLLECT_REGISTER_INVALID',
        `${this.#site} was not given bundle ${stream}/${seq}.`,
      );
    }
    const gone = new Set([first]);
    const lost = new Set([seq]);
    for (const bundle of all) {
      if (bundle.stream !== stream || !lost.has(bundle.base)) continue;
      gone.add(bundle);
      lost.add(bundle.seq);
    }
    this.#write(all.filter((bundle) => !gone.has(bundle)));
    return [...gone];
  }

  #write(bundles: readonly GivenBundle[]): void {
    mkdirSync(join(this.#file, '..'), { recursive: true });
    writeDurably(
      this.#file,
      `${JSON.stringify({ format: 'sallyport-register/1', site: this.#site, bundles }, null, 1)}\n`,
    );
  }
}
