import { z } from 'zod';
import { EndpointSummary } from './endpoints.ts';
import { Silence } from './packs.ts';
import { AnswerQuestion, CarriedDraft, QuestionView, QueueItem, RecordQuality, SaveDraft } from './queue.ts';
import { Enrolment, EnrolReviewer, ReadEnrolment, ReviewKeyView, RevokeReviewer } from './reviewers.ts';
import { ImportedDecision, ReviewPackView, ReviewPatchDetail, ReviewSheet, SheetPart } from './reviews.ts';
import { CountersignSheet, ImportSheet, ReadSheet, SheetReading, SheetRowView, SheetView } from './sheets.ts';
import {
  DelegationView,
  EmergencyView,
  GroupView,
  PolicyTerms,
  PolicyView,
  SetGroup,
  SettledPack,
} from './policies.ts';
import { Id, Instant, Name, Sha256 } from './vocabulary.ts';
import {
  query,
  command,
  nothing,
  ValidHours,
  started,
  filePath,
  ENGINEER,
  APPROVER,
  MANAGER,
  type Channel,
} from './channel.ts';

/** Channels for what customers decide: reviewers, packs, decisions, policies, the queue. Rows of the one table in channels.ts. */
export const REVIEW_CHANNELS = {
  'reviewers.list': query(nothing, z.array(ReviewKeyView)),
  /** Takes a customer's key for good after a person compared its fingerprint; makes the person when there is none of that name. */
  'reviewers.enrol': command(EnrolReviewer, ReviewKeyView, MANAGER),
  'reviewers.revoke': command(RevokeReviewer, ReviewKeyView, MANAGER),
  /** What an enrolment file or text says. Takes nothing in. */
  'reviewers.read': query(ReadEnrolment, Enrolment),
  'reviews.list': query(nothing, z.array(ReviewPackView)),
  /**
   * Writes a signed review pack as a new file: with a name that ends in `.zip`, or into a folder under a name of ours, with the page
   * for browsers, spreadsheets and signed sums; else the signed envelope alone. With a cut-off it makes a list, which takes the place
   * of an earlier one for the same approval; without one it writes the newest list as it is. Result of the operation: ExportedPack.
   */
  'reviews.export': command(
    z.strictObject({
      approvalId: Id,
      file: z.string().min(1).max(4_096),
      cutOffAt: Instant.nullable().default(null),
      approvers: z.number().int().min(1).max(5).default(1),
    }),
    started,
    ENGINEER,
  ),
  /** Takes in what a customer decided. `signatureFile`: of ssh-keygen, when the decision is not signed by ourselves. */
  'reviews.import': command(
    z.strictObject({
      file: z.string().min(1).max(4_096),
      signatureFile: z.string().min(1).max(4_096).nullable().default(null),
      validHours: ValidHours,
    }),
    ImportedDecision,
    ENGINEER,
  ),
  /** What a filled-in spreadsheet of a pack says, and everything that is wrong with it, at once. Takes nothing in. */
  'reviews.readSheet': query(ReadSheet, SheetReading, ['engineer', 'approver']),
  /** Keeps a spreadsheet without mistakes as an unsigned decision. It counts for nothing until somebody countersigns it. */
  'reviews.importSheet': command(ImportSheet, SheetView, ['engineer', 'approver']),
  'reviews.sheets': query(nothing, z.array(SheetView)),
  /** Every line of a sheet, what speaks against a patch first. */
  'reviews.sheetRows': query(z.strictObject({ id: Sha256 }), z.array(SheetRowView)),
  /** Stands for an unsigned decision with one's own key: another person than who asked. Marked as unsigned for ever. */
  'reviews.countersign': command(CountersignSheet, ImportedDecision, APPROVER),

  /** Patch groups with the customer that each belongs to; whatever group an endpoint names is among them. */
  'groups.list': query(nothing, z.array(GroupView)),
  'groups.set': command(SetGroup, z.array(GroupView), MANAGER),
  /** Moves an endpoint to another group. What was approved under the other group's policy does not count for it any more. */
  'endpoints.setGroup': command(z.strictObject({ id: Id, group: Name }), EndpointSummary, MANAGER),
  /** Newest first, every version that ever was. */
  'policies.list': query(nothing, z.array(PolicyView)),
  'policies.get': query(z.strictObject({ sha256: Sha256 }), PolicyView),
  'policies.import': command(filePath, PolicyView, ENGINEER),
  /** By an approver at the console, with their own key; it takes the next version. */
  'policies.sign': command(z.strictObject({ group: Name, terms: PolicyTerms }), PolicyView, APPROVER),
  /** The policies that an approval, and so its run, was made under. */
  'policies.ofApproval': query(z.strictObject({ approvalId: Id }), z.array(PolicyView)),
  'delegations.list': query(nothing, z.array(DelegationView)),
  'delegations.import': command(filePath, DelegationView, MANAGER),
  /** What was decided under it does not count any more. */
  'delegations.revoke': command(
    z.strictObject({ sha256: Sha256, reason: z.string().trim().min(3).max(500) }),
    DelegationView,
    MANAGER,
  ),
  'emergency.list': query(nothing, z.array(EmergencyView)),
  'emergency.import': command(filePath, EmergencyView, ENGINEER),
  /** Result of the operation: a plan of what the request names, with the request as its approval. */
  'emergency.plan': command(z.strictObject({ sha256: Sha256 }), started, ENGINEER),
  /**
   * Turns packs into their outcome whose cut-off has passed, or on which policies leave nothing open: all of them, or one. Never
   * before the cut-off; happens on its own when a run is asked for.
   */
  'reviews.settle': command(
    z.strictObject({ packId: Id.nullable().default(null) }),
    z.array(SettledPack),
    ENGINEER,
  ),
  /** What waits for decisions and for whom, the nearest cut-off first. */
  'queue.list': query(nothing, z.array(QueueItem)),
  /** A list to decide, opened for the person who is signed in: the whole of it, or a part. */
  'queue.sheet': query(z.strictObject({ packId: Id, part: SheetPart.nullable().default(null) }), ReviewSheet),
  /** What the person who is signed in had drafted on the list before; `null`: nothing, or there was none. */
  'queue.carried': query(z.strictObject({ packId: Id }), CarriedDraft.nullable()),
  /** What becomes of the patches that the person who is signed in has put no verdict to, when they sign now. */
  'queue.silence': query(z.strictObject({ packId: Id }), Silence),
  'queue.patch': query(z.strictObject({ packId: Id, patch: Sha256 }), ReviewPatchDetail),
  /** Keeps verdicts that are not signed yet, for this person alone. */
  'queue.draft': command(SaveDraft, z.strictObject({ drafted: z.number() }), APPROVER),
  /** Signs the draft with the person's own key and takes it in as any decision file. */
  'queue.sign': command(z.strictObject({ packId: Id, validHours: ValidHours }), ImportedDecision, APPROVER),
  /**
   * Makes the list of a plan that waits for approval; `reviews.export` makes one and writes it to a file at once. Result of the
   * operation: ReviewPackView.
   */
  'queue.prepare': command(
    z.strictObject({
      approvalId: Id,
      cutOffAt: Instant,
      approvers: z.number().int().min(1).max(5).default(1),
    }),
    started,
    ENGINEER,
  ),
  /** What the provider's own check of patches says: customers read it in the next list that is made. */
  'quality.record': command(RecordQuality, z.strictObject({ patches: z.number() }), ENGINEER),
  'questions.list': query(nothing, z.array(QuestionView)),
  /** The answer goes into the next list that is made. */
  'questions.answer': command(AnswerQuestion, QuestionView, ENGINEER),
} as const satisfies Record<string, Channel>;
