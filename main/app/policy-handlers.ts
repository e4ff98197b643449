import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { ContractError, PolicyError, ReviewError } from '../../contract/errors.ts';
import type { DelegationView, GroupView, PolicyView } from '../../contract/policies.ts';
import type { DelegationRow, PolicyRow } from '../catalogue/policy-store.ts';
import { DELEGATION_TYPE, parseDelegation } from '../core/review/delegation.ts';
import { formatEnvelope, parseEnvelope, preAuthEncode } from '../core/review/dsse.ts';
import { judgeDelegation, judgeEmergency, judgePolicy } from '../core/review/judge-statement.ts';
import { formatPolicy, POLICY_TYPE } from '../core/review/policy.ts';
import { keyIdOf, openSigned, REVIEW_LIMITS } from '../core/review/signed-file.ts';
import { reviewCrypto } from '../review/node-crypto.ts';
import { requireApproval } from './approvals.ts';
import type { Handlers } from './dispatch.ts';
import { noticeEmergency, noticeGroup, noticeMove, noticePolicy } from './site-notices.ts';
import { planEmergency, presentEmergency } from './emergencies.ts';
import { presentOne } from './endpoint-handlers.ts';
import { settlePacks } from './review-outcomes.ts';
import { policiesNamedBy } from './reviews.ts';
import type { CallContext, Services } from './services.ts';
import { rawKeyOf, readPolicy, siteTime, statementKeys, statementSite } from './statements.ts';

type PolicyHandlers = Pick<
  Handlers,
  | 'groups.list'
  | 'groups.set'
  | 'endpoints.setGroup'
  | 'policies.list'
  | 'policies.get'
  | 'policies.import'
  | 'policies.sign'
  | 'policies.ofApproval'
  | 'delegations.list'
  | 'delegations.import'
  | 'delegations.revoke'
  | 'emergency.list'
  | 'emergency.import'
  | 'emergency.plan'
  | 'reviews.settle'
>;

export const policyHandlers: PolicyHandlers = {
  'groups.list': (_input, { services }) => listGroups(services),
  'groups.set': (input, context) => {
    const { services } = context;
    const inForce = services.policies.policyInForce(input.name);
    const signed = inForce === undefined ? null : presentPolicy(services, inForce);
    if (signed !== null && signed.customer !== input.customer) {
      throw new ContractError(
        'CONTRACT_CONFLICT',
        `${signed.customer} has signed a policy for ${input.name}: it stays theirs.`,
        { hint: 'Make another group for the other customer, and move endpoints there.' },
      );
    }
    const before = services.policies.listGroups().find(({ name }) => name === input.name)?.customer ?? '';
    const { id: by, name: who, roles } = context.person();
    if (before !== '' && before !== input.customer && !roles.includes('service-manager')) {
      throw new PolicyError('POLICY_ROLE_MISSING', `${who} cannot take ${input.name} from ${before}.`, {
        hint: 'A service manager has to do it, and another person than whoever asks for approval there.',
      });
    }
    const move = { id: input.name, before, after: input.customer, at: services.now(), by };
    context.commit({ group: input.name, customer: input.customer, before }, () => {
      services.policies.putGroup(input.name, input.customer);
      services.policies.insertGroupOwner(move);
      noticeGroup(services, { group: input.name, before, customer: input.customer, by: who });
    });
    services.publish({ kind: 'changed', area: 'site', id: null });
    return listGroups(services);
  },
  'endpoints.setGroup': (input, context) => {
    const { services } = context;
    const row = services.reach.endpoint(input.id);
    const { id: by, name } = context.person();
    context.commit({ endpoint: row.name, group: input.group, before: row.group }, () => {
      services.endpoints.setGroup(row.id, input.group);
      services.policies.insertEndpointMove({
        ...{ id: row.id, before: row.group, after: input.group, at: services.now(), by },
      });
      noticeMove(services, { endpoint: row, to: input.group, by: name });
    });
    services.publish({ kind: 'changed', area: 'endpoints', id: row.id });
    return presentOne(services, services.reach.endpoint(row.id));
  },
  'policies.list': (_input, { services }) =>
    services.policies.listPolicies().map((row) => presentPolicy(services, row)),
  'policies.get': (input, { services }) => {
    const row = services.policies.findPolicy(input.sha256);
    if (row === undefined) throw notFound('policy', input.sha256);
    return presentPolicy(services, row);
  },
  'policies.import': (input, context) => keepPolicy(context, readStatement(input.file), basename(input.file)),
  'policies.sign': (input, context) => {
    const { services, session } = context;
    const person = context.person();
    const { signer } = session;
    if (signer === null) throw new ContractError('CONTRACT_NOT_SIGNED_IN', 'Nobody is signed in.');
    const customer = services.policies.listGroups().find(({ name }) => name === input.group)?.customer ?? '';
    if (customer === '') {
      throw new ContractError('CONTRACT_CONFLICT', `Nobody said yet whose ${input.group} is.`, {
        hint: 'Set the customer of the group first.',
      });
    }
    const payload = formatPolicy({
      ...{ format: 'sallyport-policy/1', siteId: services.site.getSetting('site.id') ?? '', customer },
      ...{ group: input.group, version: (services.policies.policyInForce(input.group)?.version ?? 0) + 1 },
      ...input.terms,
      ...{ signedAt: siteTime(services), signedBy: person.name },
    });
    const bytes = reviewCrypto.encodeUtf8(payload);
    const text = reviewCrypto.decodeUtf8(preAuthEncode(POLICY_TYPE, bytes, reviewCrypto));
    const signature = Buffer.from(signer.sign(text), 'base64');
    const envelope = formatEnvelope(
      {
        payloadType: POLICY_TYPE,
        payload: bytes,
        signatures: [{ keyId: keyIdOf(rawKeyOf(person), reviewCrypto), signature }],
      },
      reviewCrypto,
    );
    return keepPolicy(context, Buffer.from(envelope), 'the policy');
  },
  'policies.ofApproval': (input, { services }) =>
    policiesNamedBy(requireApproval(services, input.approvalId)).flatMap(({ sha256 }) => {
      const row = sha256 === null ? undefined : services.policies.findPolicy(sha256);
      return row === undefined ? [] : [presentPolicy(services, row)];
    }),

  'delegations.list': (_input, { services }) =>
    services.policies.listDelegations().map((row) => presentDelegation(services, row)),
  'delegations.import': (input, context) => {
    const { services } = context;
    const file = readStatement(input.file);
    const judged = judgeDelegation(
      { file: basename(input.file), bytes: file },
      statementSite(services, services.policies.listDelegations()),
      reviewCrypto,
    );
    const { sha256, signer, delegate } = judged;
    context.commit({ delegation: sha256, from: signer.personName, to: delegate.personName }, () =>
      services.policies.insertDelegation({
        ...{ sha256, personId: signer.personId, toPerson: delegate.personId, file },
        ...{ importedAt: siteTime(services), importedBy: context.person().id },
      }),
    );
    services.publish({ kind: 'changed', area: 'approvals', id: null });
    return presentDelegation(services, requireDelegation(services, sha256));
  },
  'delegations.revoke': (input, context) => {
    const { services } = context;
    const row = requireDelegation(services, input.sha256);
    if (row.revokedAt !== null)
      throw new ContractError('CONTRACT_CONFLICT', 'This delegation is revoked already.');
    context.commit({ delegation: row.sha256, reason: input.reason }, () =>
      services.policies.revokeDelegation(row.sha256, context.person().id, siteTime(services), input.reason),
    );
    services.publish({ kind: 'changed', area: 'approvals', id: null });
    return presentDelegation(services, requireDelegation(services, row.sha256));
  },

  'emergency.list': (_input, { services }) =>
    services.policies.listEmergencies().map((row) => presentEmergency(services, row)),
  'emergency.import': (input, context) => {
    const { services } = context;
    const file = readStatement(input.file);
    const { sha256, signer, statement } = judgeEmergency(
      { file: basename(input.file), bytes: file },
      statementSite(services, services.policies.listEmergencies()),
      reviewCrypto,
    );
    const row = {
      ...{ sha256, personId: signer.personId, file },
      ...{ importedAt: siteTime(services), importedBy: context.person().id },
    };
    context.commit({ emergency: sha256, by: signer.personName }, () => {
      services.policies.insertEmergency(row);
      const { customer, until } = statement;
      noticeEmergency(services, { sha256, by: signer.personName, customer, until });
    });
    services.publish({ kind: 'changed', area: 'approvals', id: null });
    return presentEmergency(services, row);
  },
  'emergency.plan': (input, context) => ({ operationId: planEmergency(context, input.sha256) }),
  'reviews.settle': (input, context) => settlePacks(context, input.packId),
};

function keepPolicy(context: CallContext, file: Uint8Array, name: string): PolicyView {
  const { services } = context;
  const { policies } = services;
  const judged = judgePolicy(
    { file: name, bytes: file },
    statementSite(services, policies.listPolicies()),
    reviewCrypto,
  );
  const { sha256, signer, statement } = judged;
  const row: PolicyRow = {
    ...{ sha256, group: statement.group, version: statement.version, personId: signer.personId, file },
    ...{ importedAt: siteTime(services), importedBy: context.person().id },
  };
  context.commit(
    { policy: sha256, group: row.group, version: String(row.version), by: signer.personName },
    () => {
      policies.insertPolicy(row);
      const { group, version } = row;
      noticePolicy(services, { sha256, group, version, by: signer.personName, customer: statement.customer });
    },
  );
  services.publish({ kind: 'changed', area: 'approvals', id: null });
  return presentPolicy(services, row);
}

function listGroups({ policies }: Services): GroupView[] {
  return policies
    .listGroups()
    .map((row) => ({ ...row, policySha256: policies.policyInForce(row.name)?.sha256 ?? null }));
}

function presentPolicy(services: Services, row: PolicyRow): PolicyView {
  const read = readPolicy(row, statementKeys(services));
  if (read === null) throw new Error(`The policy ${row.sha256} is damaged.`);
  const { statement, signer } = read;
  const { mode, noticeHours, approvers, classes, exclusions, standing, emergency } = statement;
  const envelope = parseEnvelope(reviewCrypto.decodeUtf8(row.file), 'the policy', reviewCrypto);
  return {
    ...{ sha256: row.sha256, group: row.group, customer: statement.customer, version: row.version },
    terms: {
      ...{ mode, noticeHours, approvers, emergency, classes: [...classes] },
      exclusions: exclusions.map((item) => ({ ...item, match: { ...item.match } })),
      standing: standing.map((item) => ({ ...item, match: { ...item.match }, classes: [...item.classes] })),
    },
    ...{ signedBy: signer.personName, signedAt: statement.signedAt, importedAt: row.importedAt },
    importedBy: services.site.findPerson(row.importedBy)?.name ?? row.importedBy,
    inForce: services.policies.policyInForce(row.group)?.sha256 === row.sha256,
    signature: reviewCrypto.encodeBase64(envelope.signatures[0]?.signature ?? new Uint8Array()),
  };
}

function requireDelegation(services: Services, sha256: string): DelegationRow {
  const row = services.policies.listDelegations().find((item) => item.sha256 === sha256);
  if (row === undefined) throw notFound('delegation', sha256);
  return row;
}

function presentDelegation(services: Services, row: DelegationRow): DelegationView {
  const { payload } = openSigned(
    { bytes: row.file, file: 'the delegation', type: DELEGATION_TYPE, what: 'delegation' },
    statementKeys(services),
    reviewCrypto,
  );
  const said = parseDelegation(reviewCrypto.decodeUtf8(payload), 'the delegation');
  const person = (id: string) => ({ id, name: services.site.findPerson(id)?.name ?? id });
  const now = Date.parse(siteTime(services));
  const state =
    row.revokedAt !== null
      ? 'revoked'
      : now < Date.parse(said.from)
        ? 'not yet'
        : now < Date.parse(said.until)
          ? 'counts'
          : 'ended';
  return {
    ...{ sha256: row.sha256, from: person(row.personId), to: person(row.toPerson), state },
    ...{ validFrom: said.from, validUntil: said.until, reason: said.reason, importedAt: row.importedAt },
    ...{ revokedAt: row.revokedAt, revokedReason: row.revokedReason },
  };
}

const notFound = (what: string, sha256: string): ContractError =>
  new ContractError('CONTRACT_NOT_FOUND', `There is no such ${what}.`, { subject: { [what]: sha256 } });

/** @throws ReviewError REVIEW_FILE_UNREADABLE, REVIEW_FILE_TOO_LARGE */
function readStatement(file: string): Uint8Array {
  const refuse = (code: ReviewError['code'], why: string, cause?: unknown): ReviewError =>
    new ReviewError(code, `${basename(file)} ${why}.`, {
      hint: 'Look at the path and the medium.',
      subject: { file },
      ...(cause === undefined ? {} : { cause }),
    });
  try {
    if (statSync(file).size <= REVIEW_LIMITS.bytes) return readFileSync(file);
  } catch (error) {
    throw refuse('REVIEW_FILE_UNREADABLE', 'cannot be read', error);
  }
  throw refuse('REVIEW_FILE_TOO_LARGE', 'is larger than anything that a customer signs');
}
