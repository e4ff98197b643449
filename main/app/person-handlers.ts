import { ContractError } from '../../contract/errors.ts';
import type { Role } from '../../contract/vocabulary.ts';
import { requireRoleChange, type RoleHolder } from '../core/raci/roles.ts';
import type { PersonRow } from '../catalogue/site-store.ts';
import type { Handlers } from './dispatch.ts';
import type { CallContext } from './services.ts';

type PersonHandlers = Pick<Handlers, 'persons.setRoles' | 'persons.endAccess' | 'persons.history'>;

const holder = (person: PersonRow): RoleHolder => ({ ...person, canSignIn: person.keyslot !== '' });

export const personHandlers: PersonHandlers = {
  'persons.setRoles': (input, context) => change(context, input.person, input.roles, input.reason),
  'persons.endAccess': (input, context) => change(context, input.person, [], input.reason),
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
      holder(context.person()),
      holder(target),
      roles,
      services.site.listPersons().map(holder),
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
  return {
    id: changed.id,
    name: changed.name,
    roles: [...changed.roles],
    keyFingerprint: changed.keyFingerprint,
    createdAt: changed.createdAt,
  };
}
