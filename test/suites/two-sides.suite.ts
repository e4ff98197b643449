import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { parseDecision } from '../../main/core/review/decision-file.ts';
import { parseEnvelope } from '../../main/core/review/dsse.ts';
import type { ReviewPack } from '../../main/core/review/review-pack.ts';
import { reviewCrypto } from '../../main/review/node-crypto.ts';
import { openPack } from '../../main/review/review-files.ts';
import { Hands } from '../e2e/hands.ts';
import {
  addEndpoint,
  addHypervisor,
  addPerson,
  askForApproval,
  beginSite,
  bringBundleIn,
  enrolReviewer,
  scanAll,
} from '../e2e/site-by-hand.ts';
import { launchWindow, type OpenWindow } from '../e2e/window.ts';
import type { DemoLab, PackageList } from '../lab/demo/demo-lab.ts';

const ENGINEER = { name: 'Ada Whitfield', passphrase: 'seven grey herons at dusk' };
const MANAGER = { name: 'Mo Brandt', passphrase: 'quiet lanterns on a pier' };
const CUSTOMER = { name: 'Grace Lindqvist', passphrase: 'nine wet umbrellas drying' };
/** Nothing depends on one version of it, so what is left can be installed without. */
const REJECTED = 'tzdata';
const REASON = 'The application was certified with the one that is installed';

/** What a customer is told by telephone, and what they are to say no to. */
export interface Request {
  readonly pack: string;
  /** Folder that is carried between the two: the only thing that both sides see. */
  readonly media: string;
  /** Folders of the site, which the customer's side must not see. */
  readonly hidden: readonly string[];
  /** Fingerprint of the site's key, as read out. */
  readonly siteFingerprint: string;
  readonly siteWords: readonly string[];
  readonly customer: typeof CUSTOMER;
  /** Name of the package to reject, and in how many rows it stands; everything else is approved. */
  readonly reject: string;
  readonly rejectRows: number;
  readonly reason: string;
}

/** What the customer gives back. */
export interface Answer {
  /** Decision file, in the media folder. */
  readonly decision: string;
  /** Name and public key: a file in the media folder, or what the QR code of the enrolment sheet says. */
  readonly enrolment: { readonly file: string } | { readonly text: string };
  /** What the customer reads out. */
  readonly fingerprint: string;
}

export interface TwoSides {
  readonly customer: string;
  readonly openLab: (folder: string) => Promise<DemoLab>;
  readonly decide: (request: Request) => Promise<Answer>;
  /** For everything that the lab does, milliseconds. */
  readonly patienceMs: number;
}

/**
 * A month from both sides: an engineer at the site and a customer elsewhere, who share a folder on a medium and nothing else. Ends with
 * the packages that the endpoints' own disks show.
 */
export function describeTwoSides(sides: TwoSides): void {
  describe(`the engineer's window and ${sides.customer}, with nothing in common but the medium`, () => {
    let folder: string;
    let media: string;
    let lab: DemoLab;
    let window: OpenWindow;
    let hands: Hands;
    let pack: ReviewPack;
    let before: ReadonlyMap<string, PackageList>;
    let request: Request;
    let answer: Answer;

    const packagesNow = (): ReadonlyMap<string, PackageList> =>
      new Map(lab.endpoints.map(({ name }) => [name, lab.readPackages(name)]));

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sallyport-two-sides-'));
      media = join(folder, 'media');
      for (const name of ['media', 'lab']) mkdirSync(join(folder, name));
      lab = await sides.openLab(join(folder, 'lab'));
      before = packagesNow();
      window = await launchWindow({
        dataDir: join(folder, 'site'),
        userDataDir: join(folder, 'preferences'),
        size: { width: 1_280, height: 800 },
      });
      hands = new Hands(window.page, sides.patienceMs / 3);
    }, sides.patienceMs);
    afterEach(async ({ task }) => {
      if (task.result?.state === 'fail') await window.screenshot('two-sides-failed');
    });
    afterAll(async () => {
      await window.close();
      await lab.close();
      rmSync(folder, { recursive: true, force: true });
    }, sides.patienceMs);

    test(
      'the engineer scans, plans, asks, and writes a review pack onto the medium',
      async () => {
        const { page } = window;
        await beginSite(hands, 'Harbour Street', ENGINEER);
        await addPerson(hands, ENGINEER, MANAGER, ['Service manager']);
        await addHypervisor(hands, lab.host);
        for (const endpoint of lab.endpoints) await addEndpoint(hands, endpoint);
        await scanAll(hands, lab.endpoints.length);
        await bringBundleIn(hands, lab, media);
        await page.keyboard.press('Escape');
        await askForApproval(hands);
        await hands.press('Prepare the list');
        await page.getByRole('dialog').getByRole('button', { name: 'Prepare the list' }).click();
        await page.getByRole('grid', { name: 'Patches to decide' }).waitFor();
        await hands.press('Export review pack');
        const file = join(media, 'november.zip');
        await hands.fill('Folder or new file on the medium', file);
        await hands.press('Write the pack');
        await page.getByRole('heading', { name: 'The review pack is written' }).waitFor();
        const siteWords = await page
          .getByRole('list', { name: 'Key of this site in words' })
          .getByRole('listitem')
          .allTextContents();
        const opened = openPack(file);
        ({ pack } = opened);
        expect(siteWords).toHaveLength(24);
        await hands.press('Close');
        const rejected = pack.patches.filter((patch) => patch.package === REJECTED);
        expect(rejected.length).toBeGreaterThan(0);
        request = {
          ...{ pack: file, media, siteFingerprint: opened.siteFingerprint, siteWords },
          ...{ customer: CUSTOMER, reject: REJECTED, rejectRows: rejected.length, reason: REASON },
          hidden: [join(folder, 'site'), join(folder, 'preferences'), join(folder, 'lab')],
        };
      },
      sides.patienceMs,
    );

    test(
      'the customer opens it elsewhere, approves all but one, and signs',
      async () => {
        answer = await sides.decide(request);
        const text = readFileSync(answer.decision, 'utf8');
        const decision = parseDecision(
          reviewCrypto.decodeUtf8(parseEnvelope(text, 'decision', reviewCrypto).payload),
          'decision',
        );
        const rejected = new Set(
          pack.patches.filter((patch) => patch.package === request.reject).map(({ sha256 }) => sha256),
        );
        expect(decision.rows).toHaveLength(pack.patches.length);
        for (const row of decision.rows) {
          expect([row.patch, row.verdict]).toEqual([
            row.patch,
            rejected.has(row.patch) ? 'reject' : 'approve',
          ]);
        }
      },
      sides.patienceMs,
    );

    test(
      'the site takes in nothing before the key is enrolled, then the decision binds',
      async () => {
        const { page } = window;
        const importDecision = async (): Promise<void> => {
          await hands.go('Approvals');
          await hands.press('Import decision');
          await hands.fill('Decision file', answer.decision);
          await hands.press('Check and import');
        };
        await importDecision();
        await page.getByText('REVIEW_KEY_NOT_ENROLLED').waitFor();
        await hands.press('Cancel');
        await hands.signIn(MANAGER);
        await enrolReviewer(hands, { ...answer, name: CUSTOMER.name });
        await hands.signIn(ENGINEER);
        await importDecision();
        // What was asked for, behind the dialog, leads to the same place.
        const outcome = page.getByRole('dialog', { name: 'The decision is taken in' });
        await outcome.getByText('Some of it is approved').waitFor();
        await outcome.getByRole('button', { name: 'Show what is approved' }).click();
      },
      sides.patienceMs,
    );

    test(
      'the run installs exactly what was approved',
      async () => {
        const { page } = window;
        await hands.press('Start the run');
        const grid = page.getByRole('grid', { name: /^Endpoints of this run/ });
        // Each endpoint with the word that it ended with; an endpoint under way has another word.
        const ends = async (): Promise<readonly string[]> => {
          const rows = await grid.getByRole('row').allTextContents();
          return lab.endpoints.map(({ name }) => {
            const row = rows.find((text) => text.includes(name)) ?? '';
            return `${name} ${/Succeeded|Restored|Refused|Unproven|Failed|Skipped|Needs attention/.exec(row)?.[0] ?? 'under way'}`;
          });
        };
        await expect
          .poll(async () => (await ends()).filter((end) => end.endsWith('under way')), {
            timeout: sides.patienceMs * 0.8,
            interval: 500,
          })
          .toEqual([]);
        await window.screenshot(`two-sides-run-${sides.customer.replaceAll(/\W+/g, '-')}`);
        expect(await ends()).toEqual(lab.endpoints.map(({ name }) => `${name} Succeeded`));
        expect(packagesNow()).toEqual(withApproved(before, pack, request.reject));
        expect([...new Set(window.complaints)]).toEqual([]);
      },
      sides.patienceMs,
    );
  });
}

/** The packages as they were, with each approved patch where the pack names it, and nothing else. */
function withApproved(
  before: ReadonlyMap<string, PackageList>,
  pack: ReviewPack,
  rejected: string,
): ReadonlyMap<string, PackageList> {
  return new Map(
    [...before].map(([endpoint, packages]) => {
      const after = new Map(packages);
      for (const patch of pack.patches) {
        if (patch.package === rejected) continue;
        if (patch.endpoints.some(({ name }) => name === endpoint)) {
          after.set(`${patch.package}:${patch.arch}`, patch.version);
        }
      }
      return [endpoint, after];
    }),
  );
}
