import { ContractError, PolicyError } from '../../contract/errors.ts';
import type { Role } from '../../contract/vocabulary.ts';
import { mustChoosePassphrase } from '../core/raci/hands.ts';
import { requireRoleChange, type RoleHolder } from '../core/raci/roles.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import type { Handlers } from './dispatch.ts';
import type { CallContext, Services } from './services.ts';

type PersonHandlers = Pick<
  Handlers,
  | 'persons.changePassphrase'
  | 'persons.setRoles'
  | 'persons.endAccess'
  | 'persons.history'
  | 'persons.customers'
  | 'persons.setCustomers'
>;

export const roleHolder = (person: PersonRow): RoleHolder => ({
  ...person,
  canSignIn: person.keyslot !== '',
});

export function presentPerson({ site }: Pick<Services, 'site'>, person: PersonRow) {
  const { id, name, keyFingerprint, createdAt, addedBy } = person;
  return {
    ...{ id, name, roles: [...person.roles], keyFingerprint, createdAt },
    addedBy: addedBy === null || addedBy === id ? null : (site.findPerson(addedBy)?.name ?? addedBy),
    mustChoosePassphrase: mustChoosePassphrase(person),
  };
}

export const personHandlers: PersonHandlers = {
  'persons.changePassphrase': (input, context) => changePassphrase(context, input),
  'persons.setRoles': (input, context) => change(context, input.person, input.roles, input.reason),
  'persons.endAccess': (input, context) => change(context, input.person, [], input.reason),
  'persons.customers': (_input, { services }) => listSpeakers(services),
  'persons.setCustomers': (input, context) => setCustomers(context, input),
  'persons.history': (_input, { services }) => {
    const nameOf = (id: string): string => services.site.findPerson(id)?.name ?? id;
    return services.raci.listRoleChanges().map((row) => ({
      person: nameOf(row.personId),
      before: [...row.before],
      after: [...row.after],
      at: row.at,
      by: nameOf(row.by),
      reason: row.reason,
    }));
  },
};

/** @throws VaultError VAULT_PASSPHRASE_WRONG, VAULT_PASSPHRASE_WEAK; ContractError CONTRACT_INPUT_INVALID */
async function changePassphrase(
  context: CallContext,
  passphrases: { readonly current: string; readonly next: string },
) {
  const { services, session } = context;
  const person = context.person();
  if (passphrases.current.normalize('NFC') === passphrases.next.normalize('NFC')) {
    throw new ContractError('CONTRACT_INPUT_INVALID', 'The new passphrase is the one before.', {
      hint: 'Choose one that nobody else has ever known.',
    });
  }
  // Whoever knew the passphrase that was given can have copied the key. What is signed with a key stays with it, though.
  const isGiven = person.passphraseBy !== null && person.passphraseBy !== person.id;
  const { keyslot, publicKey, fingerprint } = await services.vault.changePassphrase(
    person.keyslot,
    passphrases,
    isGiven ? 'new' : 'keep',
  );
  const signer = await services.vault.open(keyslot, passphrases.next);
  context.commit({ person: person.name, key: fingerprint }, () =>
    services.site.replaceKeys(person.id, { keyslot, publicKey, keyFingerprint: fingerprint }),
  );
  const changed = { ...person, keyslot, publicKey, keyFingerprint: fingerprint, passphraseBy: person.id };
  session.person = changed;
  session.signer = signer;
  services.publish({ kind: 'changed', area: 'site', id: null });
  return presentPerson(services, changed);
}

function listSpeakers({ policies, site }: Services) {
  const nameOf = (id: string): string => site.findPerson(id)?.name ?? id;
  return policies.listSpeakers().map((row) => ({
    ...{ person: nameOf(row.personId), customers: [...row.customers], reason: row.reason },
    ...{ at: row.at, by: nameOf(row.by) },
  }));
}

/** @throws ContractError CONTRACT_NOT_FOUND; PolicyError POLICY_SAME_PERSON */
function setCustomers(
  context: CallContext,
  input: { readonly person: string; readonly customers: readonly string[]; readonly reason: string },
) {
  const { services } = context;
  const target = services.site.findPerson(input.person);
  if (target === undefined)
    throw new ContractError('CONTRACT_NOT_FOUND', `Nobody here is called ${input.person}.`, {
      hint: 'Look at the list of persons.',
    });
  const facts = {
    person: target.name,
    customers: input.customers.join(', ') || 'none',
    reason: input.reason,
  };
  context.commit(facts, () => recordSpeaker(context, target, input.customers, input.reason));
  services.publish({ kind: 'changed', area: 'site', id: null });
  return listSpeakers(services);
}

/**
 * Puts on record for whom a person speaks, within the transaction of a command.
 *
 * @throws PolicyError POLICY_ROLE_MISSING, POLICY_SAME_PERSON
 */
export function recordSpeaker(
  context: CallContext,
  target: Pick<PersonRow, 'id' | 'name'>,
  given: readonly string[],
  reason: string,
): void {
  const { services } = context;
  const actor = context.person();
  const by = actor.id;
  if (!actor.roles.includes('service-manager')) {
    throw new PolicyError('POLICY_ROLE_MISSING', `${actor.name} cannot say for whom ${target.name} speaks.`, {
      hint: 'A service manager has to do it.',
    });
  }
  const isAlone = services.site.listPersons().every(({ id, keyslot }) => id === by || keyslot === '');
  if (target.id === by && !isAlone) {
    throw new PolicyError('POLICY_SAME_PERSON', `${target.name} cannot say for whom they speak themselves.`, {
      hint: 'Another service manager has to do it.',
    });
  }
  const customers = [...new Set(given)].toSorted();
  services.policies.insertSpeaker({ personId: target.id, customers, reason, at: services.now(), by });
}

/** @throws ContractError CONTRACT_NOT_FOUND, CONTRACT_CONFLICT; PolicyError as `requireRoleChange` */
function change(context: CallContext, name: string, given: readonly Role[], reason: string) {
  const { services } = context;
  const roles = [...new Set(given)];
  const commit = (): PersonRow => {
    const target = services.site.findPerson(name);
    if (target === undefined)
      throw new ContractError('CONTRACT_NOT_FOUND', `Nobody here is called ${name}.`, {
        hint: 'Look at the list of persons.',
      });
    if (target.roles.length === 0) {
      throw new ContractError('CONTRACT_CONFLICT', `The access of ${target.name} has ended.`, {
        hint: 'Add them anew, under a name that was not used before.',
      });
    }
    const isSame = roles.length === target.roles.length && roles.every((role) => target.roles.includes(role));
    if (isSame) throw new ContractError('CONTRACT_CONFLICT', `${target.name} has exactly these roles.`);
    requireRoleChange(
      roleHolder(context.person()),
      roleHolder(target),
      roles,
      services.site.listPersons().map(roleHolder),
    );
    services.raci.changeRoles({
      personId: target.id,
      before: target.roles,
      after: roles,
      at: services.now(),
      by: context.person().id,
      reason,
    });
    return { ...target, roles };
  };
  const changed = context.commit({ person: name, roles: roles.join(' ') || 'none', reason }, commit);
  services.publish({ kind: 'changed', area: 'site', id: null });
  return presentPerson(services, changed);
}
