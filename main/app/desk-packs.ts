import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { DeskPackView } from '../../contract/packs.ts';
import { fingerprintWords, readFingerprint } from '../bundle/fingerprint.ts';
import type { DeskPackEntry, DeskPackRow } from '../catalogue/desk-store.ts';
import { parseDecision } from '../core/review/decision-file.ts';
import { parseEnvelope } from '../core/review/dsse.ts';
import { keyAtSite } from '../core/review/key-at-site.ts';
import { detailOf, headOf, rowsOf } from '../core/review/rows.ts';
import { silenceOf } from '../core/review/silence.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import {
  composeDecision,
  openEnvelope,
  readPackFile,
  signDecision,
  writeNewFile,
} from '../review/review-files.ts';
import { currentOf, openCurrentKey } from './desk-keys.ts';
import { headOfPack, keepHead, openRow, readRow } from './desk-pack-files.ts';
import { mustBeAbsolute } from './collect-settings.ts';
import type { Handlers } from './dispatch.ts';
import { partOfWhole } from './list-parts.ts';
import type { Services } from './services.ts';

/** Channels of the customer's desk about packs. Nothing here opens a connection, and nothing needs an account. */
export type DeskPackChannel =
  | 'packs.list'
  | 'packs.open'
  | 'packs.sheet'
  | 'packs.silence'
  | 'packs.patch'
  | 'packs.draft'
  | 'packs.trustSite'
  | 'packs.export';

export const deskPackHandlers: Pick<Handlers, DeskPackChannel> = {
  'packs.list': (_input, { services }) => services.desk.listPacks().map((row) => viewOf(services, row)),
  'packs.open': (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.file);
    const text = readPackFile(input.file);
    const opened = openEnvelope(text, input.file);
    const id = reviewCrypto.sha256(reviewCrypto.encodeUtf8(`${opened.siteFingerprint} ${opened.sha256}`));
    const known = services.desk.findPack(id);
    if (known !== undefined) return viewOf(services, known);
    const { siteId, approvalId, createdAt, packId } = opened.pack;
    const row = {
      ...{ id, siteId, approvalId, createdAt },
      ...{ envelope: Buffer.from(text, 'utf8'), openedAt: services.now() },
    };
    context.commit({ pack: packId, site: opened.pack.siteName, key: opened.siteFingerprint }, () =>
      services.desk.insertPack(row),
    );
    keepHead(id, opened);
    tell(services);
    return viewOf(services, row);
  },
  'packs.sheet': (input, { services }) => {
    const row = requirePack(services, input.id);
    const { pack, sha256 } = readRow(row);
    const because = whyNot(services, row);
    const { part } = input;
    const rows = part === null ? rowsOf(pack, pack.patches) : partOfWhole(pack, part);
    const here = part === null ? undefined : rows.map(({ patch }) => patch);
    return {
      ...{ head: headOf(pack, sha256), rows, total: pack.patches.length },
      draft: services.desk.listDraft(row.id, here),
      ...{ mayDecide: because === null, mayNotDecideBecause: because?.message ?? null },
    };
  },
  'packs.silence': (input, { services }) => {
    const row = requirePack(services, input.id);
    const decided = new Set(services.desk.listDraft(row.id).map(({ patch }) => patch));
    return silenceOf(readRow(row).pack, decided);
  },
  'packs.patch': (input, { services }) => {
    const { pack } = readRow(requirePack(services, input.id));
    const detail = detailOf(
      pack,
      pack.patches.find(({ sha256 }) => sha256 === input.patch),
    );
    if (detail === null) {
      throw new ContractError('CONTRACT_NOT_FOUND', 'The pack has no such patch.', {
        subject: { patch: input.patch },
      });
    }
    return detail;
  },
  'packs.draft': (input, context) => {
    const { services } = context;
    const row = requirePack(services, input.id);
    const because = whyNot(services, row);
    if (because !== null) throw because;
    const shown = new Set(readRow(row).pack.patches.map(({ sha256 }) => sha256));
    const strange = [...input.rows.map(({ patch }) => patch), ...input.clear].find((id) => !shown.has(id));
    if (strange !== undefined) {
      throw new ReviewError('REVIEW_PATCH_UNKNOWN', `Patch ${strange} is not in this pack.`, {
        subject: { pack: row.id },
      });
    }
    context.commit(
      { pack: row.id, rows: String(input.rows.length), cleared: String(input.clear.length) },
      () => {
        for (const patch of input.clear) services.desk.dropDraft(row.id, patch);
        for (const item of input.rows) services.desk.putDraft(row.id, item);
      },
    );
    tell(services);
    return viewOf(services, row);
  },
  'packs.trustSite': (input, context) => {
    const { services } = context;
    const row = requirePack(services, input.id);
    const { siteFingerprint, pack } = openRow(row);
    if (readFingerprint(input.fingerprint) !== siteFingerprint) {
      throw new ReviewError(
        'REVIEW_SITE_KEY_DIFFERS',
        'These are not the words of the key that signed this pack.',
        {
          hint: 'Read them again from what the site sent you by letter or said by telephone. If they still differ, do not decide on this pack, and tell the site.',
          subject: { pack: pack.packId, key: siteFingerprint },
        },
      );
    }
    const trusted = services.desk.siteKeyOf(pack.siteId);
    if (trusted !== null && trusted !== siteFingerprint) throw otherKey(pack.siteName, siteFingerprint);
    if (trusted === null) {
      context.commit({ site: pack.siteName, key: siteFingerprint }, () =>
        services.desk.insertSiteKey(pack.siteId, siteFingerprint, services.now()),
      );
      tell(services);
    }
    return viewOf(services, row);
  },
  'packs.export': async (input, context) => {
    const { services } = context;
    mustBeAbsolute(input.file);
    const row = requirePack(services, input.id);
    const kept = services.desk.findAnswer(row.id);
    const file = kept?.file ?? (await sign());
    const counts = countRows(file);
    // The signed decision is kept before it is written: a medium that fails can be tried again, and the answer stays one answer.
    writeNewFile(input.file, file);
    return { file: input.file, sha256: reviewCrypto.sha256(file), ...counts };

    async function sign(): Promise<Buffer> {
      const because = whyNot(services, row);
      if (because !== null) throw because;
      const opened = openRow(row);
      if (services.desk.siteKeyOf(row.siteId) === null) {
        throw new ReviewError('REVIEW_SITE_KEY_UNTRUSTED', 'Nobody has compared the key of the site yet.', {
          hint: 'Compare its 24 words with what the site told you by letter or telephone, then sign.',
          subject: { pack: opened.pack.packId },
        });
      }
      const draft = services.desk.listDraft(row.id);
      const decidedAt = services.now();
      // Judged before the passphrase is tried: what is missing is said first.
      composeDecision(opened, draft, { decidedBy: '', decidedAt });
      const key = await openCurrentKey(services, input.passphrase ?? '');
      const text = signDecision(composeDecision(opened, draft, { decidedBy: key.name, decidedAt }), key);
      const signed = Buffer.from(text, 'utf8');
      // Read as it will be read for ever after: what nobody can read must not become the one answer.
      countRows(signed);
      context.commit({ pack: opened.pack.packId, key: key.fingerprint, file: input.file }, () =>
        services.desk.insertAnswer({
          packId: row.id,
          file: signed,
          key: key.fingerprint,
          signedAt: decidedAt,
        }),
      );
      tell(services);
      return signed;
    }
  },
};

function countRows(file: Buffer) {
  const { payload } = parseEnvelope(reviewCrypto.decodeUtf8(file), 'the decision', reviewCrypto);
  const { rows } = parseDecision(reviewCrypto.decodeUtf8(payload), 'the decision');
  const of = (verdict: string): number => rows.filter((item) => item.verdict === verdict).length;
  return { approved: of('approve'), rejected: of('reject'), deferred: of('defer'), asked: of('ask') };
}

const tell = (services: Services): void => services.publish({ kind: 'changed', area: 'desk', id: null });

function requirePack(services: Services, id: string): DeskPackRow {
  const row = services.desk.findPack(id);
  if (row === undefined) {
    throw new ContractError('CONTRACT_NOT_FOUND', 'No such pack was opened here.', { subject: { id } });
  }
  return row;
}

function stateOf(services: Services, row: DeskPackEntry, cutOffAt: string): DeskPackView['state'] {
  const { desk } = services;
  if (desk.findAnswer(row.id) !== undefined) return 'decided';
  const { siteFingerprint } = headOfPack(services, row);
  const newer = desk.listPacks().some(
    (other) =>
      other.siteId === row.siteId &&
      other.approvalId === row.approvalId &&
      Date.parse(other.createdAt) > Date.parse(row.createdAt) &&
      // A pack that somebody else signed takes nothing's place.
      headOfPack(services, other).siteFingerprint === siteFingerprint,
  );
  if (newer) return 'superseded';
  return Date.parse(cutOffAt) < Date.parse(services.now()) ? 'late' : 'open';
}

/** Why nothing may be decided on a pack; `null` when it may. */
function whyNot(services: Services, row: DeskPackEntry): ReviewError | null {
  const pack = headOfPack(services, row);
  const { siteFingerprint } = pack;
  const trusted = services.desk.siteKeyOf(row.siteId);
  if (trusted !== null && trusted !== siteFingerprint) return otherKey(pack.siteName, siteFingerprint);
  const subject = { pack: pack.packId };
  switch (stateOf(services, row, pack.cutOffAt)) {
    case 'decided':
      return new ReviewError('REVIEW_DECIDED_ALREADY', 'You have signed your decision on this pack.', {
        hint: 'Write the decision file again if it was lost. To change a decision, ask the site for a new pack.',
        subject,
      });
    case 'superseded':
      return new ReviewError('REVIEW_PACK_SUPERSEDED', 'A newer pack takes the place of this one.', {
        hint: 'Decide on the newer pack.',
        subject,
      });
    case 'late':
      return new ReviewError('REVIEW_LATE', 'The cut-off of this pack has passed.', {
        hint: 'Ask the site for a new pack.',
        subject,
      });
    case 'open':
      return null;
  }
}

const otherKey = (siteName: string, fingerprint: string): ReviewError =>
  new ReviewError(
    'REVIEW_SITE_KEY_DIFFERS',
    `This pack is not signed with the key that you compared for ${siteName}.`,
    {
      hint: 'Do not decide on it. Ask the site, by telephone, whether it sent this pack.',
      subject: { key: fingerprint },
    },
  );

function viewOf(services: Services, row: DeskPackEntry): DeskPackView {
  const pack = headOfPack(services, row);
  const { siteFingerprint } = pack;
  const trusted = services.desk.siteKeyOf(row.siteId);
  const mine = currentOf(services);
  return {
    ...{ id: row.id, packId: pack.packId, siteId: pack.siteId, siteName: pack.siteName },
    ...{
      marking: pack.marking,
      customer: pack.customer,
      createdAt: pack.createdAt,
      createdBy: pack.createdBy,
    },
    ...{ openedAt: row.openedAt, cutOffAt: pack.cutOffAt, patches: pack.patchCount },
    decided: services.desk.countDraft(row.id),
    state: stateOf(services, row, pack.cutOffAt),
    decidedAt: services.desk.findAnswer(row.id)?.signedAt ?? null,
    siteKey: siteFingerprint,
    siteKeyWords: fingerprintWords(siteFingerprint),
    siteKeyState: trusted === null ? 'to-compare' : trusted === siteFingerprint ? 'trusted' : 'other',
    // Whoever signed a pack could say anything of a key; only the site's own word is passed on.
    myKey:
      mine === null || trusted !== siteFingerprint
        ? 'not-said'
        : keyAtSite(pack, mine.fingerprint, services.now()),
  };
}
