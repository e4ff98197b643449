import type { Severity } from '../core/advisory.ts';
import { judgeRisk, type CveRisk, type RiskContext } from '../core/risk/cve-risk.ts';
import type { VendorRelease } from '../core/clocks.ts';
import { decidingRule, type RiskFacts } from '../core/risk/order.ts';
import type { RiskRule } from '../../contract/vocabulary.ts';
import { readBundleContent } from './bundle-content.ts';
import { contentStamp } from './content-stamp.ts';
import type { Db } from './database.ts';
import { readPatchStatements, type PatchStatements } from './patch-statements.ts';
import { readCveRisks, readFeeds, readNotAffected, readRiskContext } from './risk-rows.ts';

/** Facts and what follows from them. */
export interface JudgedRisk extends Omit<RiskFacts, 'endpoints' | 'publishedAt'> {
  readonly rule: RiskRule;
  readonly kevDue: string | null;
  /** Who gave the score that counts. */
  readonly cvssSource: string | null;
}

interface Loaded {
  readonly stamp: string;
  readonly known: ReadonlyMap<string, CveRisk>;
  readonly context: RiskContext;
}

/** What imported bundles say of CVEs, kept in memory until another import changes it. */
export class RiskStore {
  readonly #db: Db;
  readonly #stamp: () => string;
  #loaded: Loaded | null = null;

  constructor(db: Db) {
    this.#db = db;
    this.#stamp = contentStamp(db);
  }

  judge(
    cves: readonly string[],
    about: { readonly security: boolean; readonly severity: Severity },
  ): JudgedRisk {
    const { known, context } = this.#load();
    const facts = judgeRisk(cves, about, known, context);
    const risks = cves.flatMap((cve) => known.get(cve) ?? []);
    const due = risks.flatMap((risk) => risk.kev?.dueDate ?? []).sort()[0];
    const scored = risks
      .flatMap((risk) => risk.cvss)
      .find((score) => score.version === facts.cvss?.version && score.base === facts.cvss.base);
    return {
      ...facts,
      rule: decidingRule(facts),
      kevDue: due ?? null,
      cvssSource: scored?.source ?? null,
    };
  }

  /** Sorted; those of which nothing is known come with nothing. */
  describe(
    cves: readonly string[],
    of: { readonly distribution: string; readonly codename: string; readonly package: string } | null,
  ): (CveRisk & { readonly isCurrent: boolean; readonly notAffected: readonly string[] })[] {
    const { known, context } = this.#load();
    const notAffected = of === null ? new Map<string, string[]>() : readNotAffected(this.#db, of);
    return [...new Set(cves)].sort().map((cve) => {
      const risk = known.get(cve) ?? { cve, kev: null, epss: null, cvss: [], vendor: [] };
      return {
        ...risk,
        isCurrent: risk.epss?.model === context.epssModel,
        notAffected: notAffected.get(cve) ?? [],
      };
    });
  }

  feeds(): ReturnType<typeof readFeeds> {
    return readFeeds(this.#db);
  }

  /** Of each release that the catalogue has, the newest date of its repositories. */
  vendorReleases(): VendorRelease[] {
    return this.#db
      .prepare(
        `SELECT distribution, codename, min(ecosystem) AS ecosystem, max(release_date) AS releasedAt
         FROM repositories GROUP BY distribution, codename ORDER BY distribution, codename`,
      )
      .all() as VendorRelease[];
  }

  /** Versions of the same package and release that a patch supersedes, and that supersede it. */
  supersedence(id: number): {
    readonly supersedes: readonly {
      readonly id: number;
      readonly version: string;
      readonly carried: boolean;
    }[];
    readonly supersededBy: readonly {
      readonly id: number;
      readonly version: string;
      readonly carried: boolean;
    }[];
  } {
    const read = (side: 'patch_id' | 'by_patch_id', other: 'patch_id' | 'by_patch_id') =>
      (
        this.#db
          .prepare(
            `SELECT p.id, p.version, EXISTS (SELECT 1 FROM content_objects c WHERE c.sha256 = p.sha256) AS carried
             FROM patch_superseded s JOIN patches p ON p.id = s.${other} WHERE s.${side} = ? ORDER BY p.id`,
          )
          .all(id) as { id: number; version: string; carried: number }[]
      ).map((row) => ({ ...row, carried: row.carried === 1 }));
    return { supersedes: read('by_patch_id', 'patch_id'), supersededBy: read('patch_id', 'by_patch_id') };
  }

  statementsOf(patchId: number): PatchStatements {
    return readPatchStatements(this.#db, patchId);
  }

  /** What an imported bundle brought; `undefined` for one that was imported before that was kept. */
  contentOf(stream: string, seq: number): ReturnType<typeof readBundleContent> {
    return readBundleContent(this.#db, stream, seq);
  }

  #load(): Loaded {
    const stamp = this.#stamp();
    if (this.#loaded?.stamp !== stamp) {
      this.#loaded = { stamp, known: readCveRisks(this.#db, null), context: readRiskContext(this.#db) };
    }
    return this.#loaded;
  }
}
