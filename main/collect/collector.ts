import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CollectError, PolicyError } from '../../contract/errors.ts';
import { nodeCrypto } from '../bundle/node-crypto.ts';
import { rootFingerprint } from '../bundle/trust-root.ts';
import { METADATA_LIMITS } from '../core/bundle/metadata.ts';
import { checkOwnRoot, rootFile } from '../core/bundle/verify.ts';
import type { RepositoryRef } from '../core/needs-list.ts';
import { buildBundle, type BuildOptions, type BuildProgress, type BuildResult } from './build-bundle.ts';
import { copyBundle } from './copy-bundle.ts';
import { makeMirrorFinder, readAptTargets, type AptTarget } from './mirrors.ts';
import { throughProxy } from './proxy.ts';
import type { ScryptCost } from './sealed-key.ts';
import { createSigningKeys } from './signing-keys.ts';
import { SiteRegister, type GivenBundle } from './site-register.ts';

/** Larger than the list of any site; a file beyond it is not read. */
const MAX_NEEDS_BYTES = 256 * 1024 * 1024;

/** apt takes a second to say what it is set up with, and a screen asks often. */
const TARGETS_FOR_MS = 30_000;

/** The signing keys as far as one can see without their passphrase. */
export interface KeysState {
  readonly problem: string | null;
  readonly fingerprint: string | null;
  readonly rootVersion: number;
  readonly threshold: number;
  readonly keys: number;
  readonly expiresAt: string | null;
}

/** What the Collect workspace can do with the world outside. */
export class Collector {
  readonly #mayReach: () => boolean;
  readonly #keyCost: ScryptCost | undefined;
  #targets: { readonly at: number; readonly read: Promise<readonly AptTarget[]> } | null = null;

  /**
   * @param mayReach whether this site is one that collects; asked again before every build
   * @param keyCost cheaper parameters for tests
   */
  constructor(mayReach: () => boolean, keyCost?: ScryptCost) {
    this.#mayReach = mayReach;
    this.#keyCost = keyCost;
  }

  /** The repositories that this machine's own apt is set up with, as they were within the last half minute. */
  readAptTargets(): Promise<readonly AptTarget[]> {
    const now = performance.now();
    if (this.#targets === null || now - this.#targets.at > TARGETS_FOR_MS) {
      const read = readAptTargets();
      this.#targets = { at: now, read };
      read.catch(() => {
        this.#targets = null;
      });
    }
    return this.#targets.read;
  }

  /** Base address of a repository; `null` where none is known. */
  addressOf(
    repository: RepositoryRef,
    mirrors: Readonly<Record<string, string>>,
    targets: readonly AptTarget[],
  ): string | null {
    try {
      return makeMirrorFinder(mirrors, targets)(repository).href;
    } catch (error) {
      if (error instanceof CollectError) return null;
      throw error;
    }
  }

  /** @throws CollectError COLLECT_NEEDS_LIST_INVALID when the file can't be read or is far too large */
  readNeedsFile(file: string): string {
    try {
      const { size } = statSync(file);
      if (size > MAX_NEEDS_BYTES) throw new Error(`it has ${size} bytes`);
      return readFileSync(file, 'utf8');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new CollectError('COLLECT_NEEDS_LIST_INVALID', `The needs-list could not be read: ${why}.`, {
        hint: 'Choose the file that the site exported.',
        subject: { file },
        cause: error,
      });
    }
  }

  /** Never throws for what lies in the folder: what is wrong with it is the answer. */
  describeKeys(folder: string): KeysState {
    const none = { fingerprint: null, rootVersion: 0, threshold: 0, keys: 0, expiresAt: null };
    let versions: number[];
    try {
      versions = readdirSync(folder)
        .flatMap((name) => /^([1-9]\d{0,8})\.root\.json$/.exec(name)?.[1] ?? [])
        .map(Number)
        .sort((a, b) => a - b);
    } catch {
      return { ...none, problem: 'The folder is not there. Is its medium plugged in?' };
    }
    const newest = versions.at(-1);
    if (newest === undefined) return { ...none, problem: 'The folder has no root of trust in it.' };
    try {
      const read = (version: number): Uint8Array => {
        const file = join(folder, `${version}.root.json`);
        if (statSync(file).size > METADATA_LIMITS.root) throw new Error(`${file} is too large`);
        return readFileSync(file);
      };
      const root = checkOwnRoot(read(newest), rootFile(newest), nodeCrypto);
      const hasFirst = versions[0] === 1;
      return {
        problem: hasFirst ? null : 'The first root is missing. Restore the whole folder from its backup.',
        fingerprint: hasFirst ? rootFingerprint(read(1)) : null,
        rootVersion: root.version,
        threshold: root.roles.root.threshold,
        keys: root.roles.root.keyids.length,
        expiresAt: new Date(root.expires).toISOString(),
      };
    } catch (error) {
      return { ...none, problem: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @throws CollectError COLLECT_KEY_INVALID */
  async createKeys(options: {
    readonly dir: string;
    readonly passphrase: string;
    readonly now: string;
  }): Promise<{ readonly fingerprint: string }> {
    return createSigningKeys({ ...options, ...this.#costs() });
  }

  /** What each site was given, oldest first. @throws CollectError COLLECT_REGISTER_INVALID */
  listRegisters(
    keysDir: string,
  ): readonly { readonly site: string; readonly bundles: readonly GivenBundle[] }[] {
    return SiteRegister.sites(keysDir).map((site) => ({
      site,
      bundles: new SiteRegister(keysDir, site).list(),
    }));
  }

  /** @throws CollectError COLLECT_REGISTER_INVALID when it was never given */
  takeBack(keysDir: string, site: string, stream: string, seq: number): readonly GivenBundle[] {
    return new SiteRegister(keysDir, site).takeBack(stream, seq);
  }

  /** As copyBundle does. */
  copyBundle(
    source: string,
    target: string,
    onBytes: (done: number, total: number) => void,
    signal: AbortSignal,
  ): Promise<{ readonly files: number; readonly bytes: number }> {
    return copyBundle(source, target, onBytes, signal);
  }

  /**
   * @param proxy address of a proxy, `null` for none
   * @throws PolicyError POLICY_OTHER_WORKSPACE; as buildBundle and throughProxy do
   */
  async build(
    options: BuildOptions,
    proxy: string | null,
    onProgress: (progress: BuildProgress) => void,
    signal: AbortSignal,
  ): Promise<BuildResult> {
    if (!this.#mayReach()) {
      throw new PolicyError('POLICY_OTHER_WORKSPACE', 'This site is not in Collect: it reaches no mirror.');
    }
    return throughProxy(proxy, () => buildBundle(options, onProgress, signal));
  }

  #costs(): { readonly scrypt?: ScryptCost } {
    return this.#keyCost === undefined ? {} : { scrypt: this.#keyCost };
  }
}
