import { existsSync } from 'node:fs';
import type { ParsedInputOf } from '../../contract/channels.ts';
import { ContractError, ReviewError } from '../../contract/errors.ts';
import type { PolicyTerms } from '../../contract/policies.ts';
import type { DeskStatement } from '../../contract/statements.ts';
import { readEnrolmentText } from '../../contract/vocabulary.ts';
import { fingerprintWords } from '../bundle/fingerprint.ts';
import type { DeskStatementRow } from '../catalogue/desk-statement-store.ts';
import { parseEnvelope } from '../core/review/dsse.ts';
import type { GroupPolicy } from '../core/review/policy.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { keyFingerprint, parsePublicKey } from '../review/public-key.ts';
import { writeNewFile } from '../review/review-files.ts';
import {
  canonicalJson,
  DELEGATION_TYPE,
  EMERGENCY_TYPE,
  parseDelegation,
  parseEmergency,
  parsePolicy,
  POLICY_TYPE,
  signStatement,
} from '../review/statement-files.ts';
import { mustBeAbsolute } from './collect-settings.ts';
import { openCurrentKey } from './desk-keys.ts';
import { deskSites, requireComparedSite } from './desk-sites.ts';
import type { Handlers } from './dispatch.ts';
import { readEnrolmentFile } from './reviewer-handlers.ts';
import type { CallContext, Services } from './services.ts';

/** Channels of the customer's desk about what they sign beside decisions. Nothing here opens a connection or needs an account. */
export type DeskStatementChannel =
  | 'statements.sites'
  | 'statements.list'
  | 'statements.readKey'
  | 'statements.signPolicy'
  | 'statements.signDelegation'
  | 'statements.signEmergency'
  | 'statements.write';

export const deskStatementHandlers: Pick<Handlers, DeskStatementChannel> = {
  'statements.sites': (_input, { services }) =>
    deskSites(services, signedPolicies(services)).map((site) => ({
      ...site,
      groups: site.groups.map((group) => ({
        ...group,
        inForce: group.inForce === null ? null : knownPolicy(group.inForce),
        signedHere: group.signedHere === null ? null : knownPolicy(group.signedHere),
      })),
    })),
  'statements.list': (_input, { services }) =>
    services.deskStatements.list().map((row) => present(services, row)),
  'statements.readKey': (input) => {
    const text = 'file' in input ? readEnrolmentFile(input.file) : input.text;
    const publicKey = parsePublicKey(text);
    const fingerprint = keyFingerprint(publicKey);
    const name = readEnrolmentText(text)?.name ?? '';
    return { name, publicKey, fingerprint, words: fingerprintWords(fingerprint) };
  },
  'statements.signPolicy': async (input, context) => {
    const { services } = context;
    const { siteId, customer, group, terms } = input;
    const siteName = requireComparedSite(services, siteId);
    requireSensibleTerms(terms, services.now());
    const known = highestKnown(services, siteId, group);
    const version = input.version ?? known + 1;
    if (version <= known) {
      throw new ReviewError(
        'REVIEW_POLICY_OLDER',
        `Version ${known} of the policy for ${group} is known here, and this is version ${version}.`,
        { hint: `Sign it as version ${known + 1} or later.`, subject: { group } },
      );
    }
    return sign(context, input, { kind: 'policy', siteName, toName: '' }, (signedBy, signedAt) =>
      canonicalJson({
        ...{ format: 'sallyport-policy/1', siteId, customer, group, version },
        ...terms,
        ...{ signedAt, signedBy },
      }),
    );
  },
  'statements.signDelegation': async (input, context) => {
    const { services } = context;
    const siteName = requireComparedSite(services, input.siteId);
    const to = parsePublicKey(input.to);
    const from = input.from ?? services.now();
    const refuse = (code: ReviewError['code'], message: string, hint: string): ReviewError =>
      new ReviewError(code, message, { hint, subject: { site: input.siteId } });
    if (services.desk.listKeys().some(({ publicKey }) => publicKey === to)) {
      throw refuse(
        'REVIEW_DELEGATION_INVALID',
        'This is a key of your own.',
        'Give the key of the other approver.',
      );
    }
    if (Date.parse(input.until) <= Date.parse(from)) {
      throw refuse('REVIEW_DELEGATION_INVALID', 'It would end before it begins.', 'Give a later end.');
    }
    if (Date.parse(input.until) <= Date.parse(services.now())) {
      throw refuse('REVIEW_DELEGATION_EXPIRED', 'It would have ended already.', 'Give a later end.');
    }
    const toName = readEnrolmentText(input.to)?.name ?? '';
    return sign(context, input, { kind: 'delegation', siteName, toName }, (signedBy, signedAt) =>
      canonicalJson({
        ...{ format: 'sallyport-delegation/1', siteId: input.siteId, to, from, until: input.until },
        ...{ reason: input.reason, signedAt, signedBy },
      }),
    );
  },
  'statements.signEmergency': async (input, context) => {
    const { services } = context;
    const { siteId, customer, groups, names, pullsIn, reason, until } = input;
    const siteName = requireComparedSite(services, siteId);
    if (Date.parse(until) <= Date.parse(services.now())) {
      throw new ReviewError('REVIEW_EMERGENCY_ENDED', 'The request would have ended already.', {
        hint: 'Give a later end.',
        subject: { site: siteId },
      });
    }
    return sign(context, input, { kind: 'emergency', siteName, toName: '' }, (signedBy, requestedAt) =>
      canonicalJson({
        ...{ format: 'sallyport-emergency/1', siteId, customer, groups: [...new Set(groups)], names },
        ...{ pullsIn, reason, until, requestedAt, signedBy },
      }),
    );
  },
  'statements.write': (input, context) => {
    const { services } = context;
    const row = services.deskStatements.find(input.sha256);
    if (row === undefined) {
      throw new ContractError('CONTRACT_NOT_FOUND', 'Nothing of the kind was signed here.', {
        subject: { statement: input.sha256 },
      });
    }
    mustBeAbsolute(input.file);
    write(context, row, input.file);
    return present(services, row);
  },
};

const TYPES = { policy: POLICY_TYPE, delegation: DELEGATION_TYPE, emergency: EMERGENCY_TYPE } as const;
const PARSERS = { policy: parsePolicy, delegation: parseDelegation, emergency: parseEmergency } as const;

/**
 * Signs, keeps, writes, in this order: a medium that fails can be tried again, and what was signed is the same to the byte.
 *
 * @param payloadOf what is signed, from the name on the key and the time
 * @throws ContractError CONTRACT_CONFLICT; VaultError; ReviewError REVIEW_CONTENT_INVALID
 */
async function sign(
  context: CallContext,
  input: { readonly siteId: string; readonly file: string; readonly passphrase: string },
  what: Pick<DeskStatementRow, 'kind' | 'siteName' | 'toName'>,
  payloadOf: (signedBy: string, at: string) => string,
): Promise<DeskStatement> {
  const { services } = context;
  mustBeAbsolute(input.file);
  // Looked at before anything is signed: a second try would be a second version.
  if (existsSync(input.file)) {
    throw new ContractError('CONTRACT_CONFLICT', `${input.file} is there already.`, {
      hint: 'Choose another name, or another folder. Nothing is overwritten.',
      subject: { file: input.file },
    });
  }
  const key = await openCurrentKey(services, input.passphrase);
  const signedAt = services.now();
  const payload = payloadOf(key.name, signedAt);
  PARSERS[what.kind](payload, 'the form');
  const row: DeskStatementRow = {
    ...{ ...what, sha256: reviewCrypto.sha256(reviewCrypto.encodeUtf8(payload)), siteId: input.siteId },
    ...{ file: Buffer.from(signStatement(TYPES[what.kind], payload, key)), key: key.fingerprint, signedAt },
  };
  context.commit({ [what.kind]: row.sha256, site: row.siteId, key: row.key }, () =>
    services.deskStatements.insert(row),
  );
  tell(services);
  write(context, row, input.file);
  return present(services, row);
}

function write(context: CallContext, row: DeskStatementRow, file: string): void {
  const { services } = context;
  try {
    writeNewFile(file, row.file);
  } catch (error) {
    throw new ContractError('CONTRACT_CONFLICT', `${file} cannot be written as a new file.`, {
      hint: 'It is signed and kept: open it in the list and write it again, under another name or to another medium.',
      subject: { file, [row.kind]: row.sha256 },
      cause: error,
    });
  }
  context.commit({ [row.kind]: row.sha256, file }, () =>
    services.deskStatements.insertFile(row.sha256, file, services.now()),
  );
  tell(services);
}

const tell = (services: Services): void => services.publish({ kind: 'changed', area: 'desk', id: null });

/** What a policy may say and would still be a slip of the pen. @throws ReviewError REVIEW_CONTENT_INVALID */
function requireSensibleTerms(terms: ParsedInputOf<'statements.signPolicy'>['terms'], now: string): void {
  const refuse = (message: string, hint: string): ReviewError =>
    new ReviewError('REVIEW_CONTENT_INVALID', message, { hint });
  for (const { match } of [...terms.exclusions, ...terms.standing]) {
    if (match.kind === 'kb' && !/^KB\d{4,9}$/i.test(match.value)) {
      throw refuse(`${match.value} is no number of an update.`, 'Write it as KB5031356.');
    }
  }
  for (const { match, until } of terms.standing) {
    if (Date.parse(until) <= Date.parse(now)) {
      throw refuse(
        `The approval in advance of ${match.value} would have ended already.`,
        'Give a later day, or take it out.',
      );
    }
  }
}

function payloadOf(row: DeskStatementRow): string {
  const { payload } = parseEnvelope(reviewCrypto.decodeUtf8(row.file), 'a kept file', reviewCrypto);
  return reviewCrypto.decodeUtf8(payload);
}

const signedPolicies = ({ deskStatements }: Services): GroupPolicy[] =>
  deskStatements
    .list()
    .filter(({ kind }) => kind === 'policy')
    .map((row) => parsePolicy(payloadOf(row), 'a kept file'));

/** The highest version that a pack named or that was signed here; 0: none. */
function highestKnown(services: Services, siteId: string, group: string): number {
  const own = signedPolicies(services);
  const inPack = deskSites(services, own)
    .find((site) => site.siteId === siteId)
    ?.groups.find(({ name }) => name === group)?.inForce;
  const here = own.filter((policy) => policy.siteId === siteId && policy.group === group);
  return Math.max(0, inPack?.version ?? 0, ...here.map(({ version }) => version));
}

const knownPolicy = (policy: GroupPolicy) => ({ version: policy.version, terms: termsOf(policy) });

function termsOf(policy: GroupPolicy): PolicyTerms {
  const { mode, noticeHours, approvers, classes, exclusions, standing, emergency } = policy;
  return {
    ...{ mode, noticeHours, approvers, emergency, classes: [...classes] },
    exclusions: exclusions.map((item) => ({ ...item, match: { ...item.match } })),
    standing: standing.map((item) => ({ ...item, match: { ...item.match }, classes: [...item.classes] })),
  };
}

function present(services: Services, row: DeskStatementRow): DeskStatement {
  const { sha256, siteId, siteName, signedAt, key } = row;
  const payload = payloadOf(row);
  const files = services.deskStatements.listFiles(sha256);
  const common = { sha256, siteId, siteName, signedAt, key, files };
  switch (row.kind) {
    case 'policy': {
      const said = parsePolicy(payload, 'a kept file');
      const { group, customer, version, signedBy } = said;
      return { kind: 'policy', group, customer, version, terms: termsOf(said), signedBy, ...common };
    }
    case 'delegation': {
      const { from, until, reason, signedBy, to } = parseDelegation(payload, 'a kept file');
      const other = { to: keyFingerprint(to), toName: row.toName };
      return { kind: 'delegation', ...other, from, until, reason, signedBy, ...common };
    }
    case 'emergency': {
      const said = parseEmergency(payload, 'a kept file');
      const { customer, pullsIn, reason, until, signedBy } = said;
      const names = said.names.map((name) => ({ ...name }));
      const wish = { customer, groups: [...said.groups], names, pullsIn, reason, until };
      return { kind: 'emergency', ...wish, signedBy, ...common };
    }
  }
}
