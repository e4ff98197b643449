import { ContractError } from '../../contract/errors.ts';
import type { DraftRow } from '../../contract/reviews.ts';
import type { ApprovalRow } from '../catalogue/plan-store.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import { composeDecision } from '../core/review/compose-decision.ts';
import { DECISION_TYPE } from '../core/review/decision-file.ts';
import { formatEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { judgeDecision, keyIdOf } from '../core/review/judge-decision.ts';
import type { PackRows } from '../core/review/pack-rows.ts';
import type { PackHead } from '../core/review/review-pack.ts';
import { detailOf, headOf, rowsOf } from '../core/review/rows.ts';
import { silenceOf } from '../core/review/silence.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { requirePlan, statusOf } from './approvals.ts';
import { carriedDraft } from './carried-drafts.ts';
import type { Handlers } from './dispatch.ts';
import { partOf } from './list-parts.ts';
import { keepPack, makePack, PACK_STEPS, requireOpen } from './make-pack.ts';
import { noticeQuality } from './notice-steps.ts';
import { listQuestions } from './pack-answers.ts';
import { presentPack } from './present-packs.ts';
import { listQueue } from './queue-list.ts';
import { knownDecisions, reviewSite } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { rawKeyOf, siteTime } from './statements.ts';
import { takeIn } from './take-in.ts';
import { whyNotAnswer } from './who-answers.ts';

type QueueHandlers = Pick<
  Handlers,
  | 'queue.list'
  | 'queue.sheet'
  | 'queue.silence'
  | 'queue.carried'
  | 'queue.patch'
  | 'queue.draft'
  | 'queue.sign'
  | 'queue.prepare'
  | 'quality.record'
  | 'questions.list'
  | 'questions.answer'
>;

/** What waits for decisions at this site, and deciding on it at the console. */
export const queueHandlers: QueueHandlers = {
  'queue.list': (_input, context) => listQueue(context),
  'queue.sheet': ({ packId, part }, context) => {
    const { services } = context;
    const list = requireRows(services, packId);
    const person = context.person();
    const why = whyNotDecide(services, list.head, person);
    const rows = part === null ? rowsOf(list.head, list.whole().patches) : partOf(list, part);
    const here = part === null ? undefined : rows.map((row) => row.patch);
    return {
      head: headOf(list.head, services.reviews.findPackFacts(packId)?.sha256 ?? ''),
      rows,
      total: list.count,
      draft: services.queue.draftOf(packId, person.id, here).map((row): DraftRow => ({ ...row })),
      mayDecide: why === null,
      mayNotDecideBecause: why,
    };
  },
  'queue.carried': ({ packId }, context) => carriedDraft(context.services, packId, context.person().id),
  'queue.silence': ({ packId }, context) => {
    const { services } = context;
    const pack = requireRows(services, packId).whole();
    const draft = services.queue.draftOf(packId, context.person().id);
    const decided = new Set(draft.map(({ patch }) => patch));
    return silenceOf(pack, decided, services.reviews.firstExportOf(packId));
  },
  'queue.patch': ({ packId, patch }, { services }) => {
    const list = requireRows(services, packId);
    const place = list.placeOf(patch);
    const detail = detailOf(list.head, place === undefined ? undefined : list.at(place));
    if (detail !== null) return detail;
    throw new ContractError('CONTRACT_NOT_FOUND', 'The list has no such patch.', {
      subject: { packId, patch },
    });
  },
  'queue.draft': ({ packId, rows, removed }, context) => {
    const { services } = context;
    const list = requireRows(services, packId);
    const person = requireDecider(context, list.head);
    const stranger = rows.find((row) => list.placeOf(row.patch) === undefined);
    if (stranger !== undefined) {
      throw new ContractError('CONTRACT_INPUT_INVALID', `The list has no patch ${stranger.patch}.`, {
        hint: 'Open the list again.',
        subject: { packId },
      });
    }
    context.commit({ pack: packId, rows: String(rows.length), removed: String(removed.length) }, () =>
      services.queue.saveDraft(packId, person.id, rows, removed),
    );
    return { drafted: services.queue.countDraft(packId, person.id) };
  },
  'queue.sign': ({ packId, validHours }, context) => {
    const { services, session } = context;
    const pack = requireRows(services, packId).whole();
    const person = requireDecider(context, pack);
    if (session.signer === null) throw new ContractError('CONTRACT_NOT_SIGNED_IN', 'Nobody is signed in.');
    const sha256 = services.reviews.findPackFacts(packId)?.sha256 ?? '';
    const rows = services.queue.draftOf(packId, person.id);
    const who = { decidedBy: person.name, decidedAt: siteTime(services) };
    const payload = reviewCrypto.encodeUtf8(composeDecision({ pack, sha256 }, rows, who));
    const message = preAuthEncode(DECISION_TYPE, payload, reviewCrypto);
    const signature = Buffer.from(session.signer.sign(reviewCrypto.decodeUtf8(message)), 'base64');
    const keyId = keyIdOf(rawKeyOf(person), reviewCrypto);
    const text = formatEnvelope(
      { payloadType: DECISION_TYPE, payload, signatures: [{ keyId, signature }] },
      reviewCrypto,
    );
    const file = reviewCrypto.encodeUtf8(text);
    // The same judgement as of a file that comes on a medium.
    const input = { kind: 'envelope', file: 'the decision', bytes: file } as const;
    const judged = judgeDecision(input, reviewSite(services), reviewCrypto);
    return takeIn(
      context,
      {
        ...{ sent: judged.sent, decision: judged.decision, sha256: judged.sha256 },
        person: { id: person.id, name: person.name },
      },
      validHours,
      (at) => {
        services.reviews.insertDecision({
          ...{ sha256: judged.sha256, packId, personId: person.id, file, sshSignature: null },
          ...{ importedAt: at, importedBy: person.id },
        });
        services.queue.saveDraft(
          packId,
          person.id,
          [],
          rows.map((row) => row.patch),
        );
      },
    );
  },
  'queue.prepare': (input, context) => {
    const { services } = context;
    const by = context.person().name;
    requireOpen(services, input);
    const operationId = services.operations.begin(
      'prepare',
      'Prepare a list to decide',
      async (report, signal) => {
        const made = await makePack(services, { ...input, by }, { report, signal });
        keepPack(context, made);
        return { ...presentPack(services, made.head.packId) };
      },
      PACK_STEPS,
    );
    return { operationId };
  },
  'quality.record': ({ patches, verdict, note }, context) => {
    const { services } = context;
    if (verdict === 'concern' && note === '') {
      throw new ContractError('CONTRACT_INPUT_INVALID', 'A concern needs a note that says what it is.', {
        hint: 'Say what was seen, on which system.',
      });
    }
    const unknown = patches.find((patch) => services.catalogue.findPatchId(patch) === undefined);
    if (unknown !== undefined) {
      throw new ContractError('CONTRACT_NOT_FOUND', `The catalogue has no patch ${unknown}.`, {
        hint: 'Give the SHA-256 of a package file of the catalogue.',
      });
    }
    const check = { verdict, note, checkedBy: context.person().id, checkedAt: services.now() };
    context.commit({ patches: String(patches.length), first: patches[0] ?? '', verdict }, () => {
      for (const patch of patches) services.queue.insertQuality({ patch, ...check });
      const said = verdict === 'concern' ? `a concern: ${note}` : 'no concern';
      noticeQuality(services, waitingFor(services, patches), {
        ...{ id: services.newId(), by: context.person().name, patches, verdict: said },
      });
    });
    services.publish({ kind: 'changed', area: 'approvals', id: null });
    return { patches: patches.length };
  },
  'questions.list': (_input, { services }) => listQuestions(services),
  'questions.answer': ({ packId, patch, askedById, answer }, context) => {
    const { services } = context;
    const find = () =>
      listQuestions(services).find(
        (item) => item.packId === packId && item.patch === patch && item.askedById === askedById,
      );
    const question = find();
    if (question === undefined) {
      throw new ContractError('CONTRACT_NOT_FOUND', 'Nobody asked this.', { subject: { packId, patch } });
    }
    if (question.answer !== null) {
      throw new ContractError('CONTRACT_CONFLICT', 'This question has been answered.', {
        subject: { packId, patch },
      });
    }
    context.commit({ pack: packId, patch, asked: question.askedBy }, () =>
      services.queue.insertAnswer({
        ...{ packId, patch, askedBy: askedById, question: question.question, answer },
        ...{ answeredBy: context.person().id, answeredAt: services.now() },
      }),
    );
    services.publish({ kind: 'changed', area: 'approvals', id: null });
    return find() ?? question;
  },
};

/** Approvals that wait for a decision on one of these patches. */
function waitingFor(services: Services, patches: readonly string[]): ApprovalRow[] {
  const wanted = new Set(patches);
  return services.plans
    .listApprovals()
    .filter((row) => statusOf(row, siteTime(services)) === 'requested')
    .filter((row) =>
      requirePlan(services, row.planId).plan.endpoints.some((endpoint) =>
        endpoint.packages.some(({ sha256 }) => wanted.has(sha256)),
      ),
    );
}

/** @throws ContractError CONTRACT_NOT_FOUND */
function requireRows(services: Services, packId: string): PackRows {
  const list = services.readPacks.rowsOf(packId);
  if (list !== null) return list;
  throw new ContractError('CONTRACT_NOT_FOUND', 'There is no such list.', { subject: { packId } });
}

/** @throws ContractError CONTRACT_FORBIDDEN */
function requireDecider(context: CallContext, pack: PackHead): PersonRow {
  const person = context.person();
  const why = whyNotDecide(context.services, pack, person);
  if (why === null) return person;
  throw new ContractError('CONTRACT_FORBIDDEN', why, { subject: { packId: pack.packId } });
}

function whyNotDecide(services: Services, pack: PackHead, person: PersonRow): string | null {
  const approval = services.plans.getApproval(pack.approvalId);
  const row = services.reviews.findPackFacts(pack.packId);
  const status = approval === undefined ? 'withdrawn' : statusOf(approval, siteTime(services));
  if (row?.supersededBy !== null && row !== undefined) return 'A newer list took the place of this one.';
  if (status !== 'requested') return `What this list asks is ${status}.`;
  if (Date.parse(siteTime(services)) > Date.parse(pack.cutOffAt)) return 'The cut-off has passed.';
  const why = approval === undefined ? null : whyNotAnswer(services, approval, [pack.customer], person);
  if (why !== null) return why;
  const answered = knownDecisions(services).some(
    (item) => item.packId === pack.packId && item.personId === person.id,
  );
  return answered ? 'You have answered this list.' : null;
}
