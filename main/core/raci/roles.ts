import { ContractError, PolicyError } from '../../../contract/errors.ts';
import type { Role } from '../../../contract/vocabulary.ts';

/** A person as far as a change of roles is concerned. */
export interface RoleHolder {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Has a passphrase here and access that has not ended. */
  readonly canSignIn: boolean;
}

/**
 * Whether `actor` may give `target` these roles (none: their access ends). Nobody gives themselves a role while somebody
 * else can sign in: another service manager has to, so that whoever asks never grants. Safety rule 9.
 *
 * @throws PolicyError POLICY_ROLE_MISSING, POLICY_SAME_PERSON; ContractError CONTRACT_CONFLICT for the last service manager
 */
export function requireRoleChange(
  actor: RoleHolder,
  target: RoleHolder,
  roles: readonly Role[],
  persons: readonly RoleHolder[],
): void {
  if (!actor.roles.includes('service-manager')) {
    throw new PolicyError('POLICY_ROLE_MISSING', `${actor.name} may not change roles.`, {
      hint: 'A service manager has to do it.',
    });
  }
  const gained = roles.filter((role) => !target.roles.includes(role));
  const isAlone = !persons.some((person) => person.id !== actor.id && person.canSignIn);
  if (target.id === actor.id && gained.length > 0 && !isAlone) {
    throw new PolicyError(
      'POLICY_SAME_PERSON',
      `${actor.name} cannot give themselves the role ${gained.join(', ')}.`,
      {
        hint: 'Another service manager has to do it. Make somebody service manager if there is no other.',
      },
    );
  }
  const remains = persons.some(
    (person) => person.id !== target.id && person.canSignIn && person.roles.includes('service-manager'),
  );
  if (target.roles.includes('service-manager') && !roles.includes('service-manager') && !remains) {
    throw new ContractError(
      'CONTRACT_CONFLICT',
      `${target.name} is the last service manager who can sign in.`,
      {
        hint: 'Make somebody else service manager first.',
      },
    );
  }
}

/** Roles whose word lets patches on, or hands out roles. */
const TRUSTED: readonly Role[] = ['approver', 'service-manager'];

/**
 * Whether `actor` may bring a new person with these roles: who asks could otherwise add a second self that grants. The first
 * persons of a site come before there is a service manager, so until one can sign in an engineer may. Safety rule 9.
 *
 * @throws PolicyError POLICY_ROLE_MISSING
 */
export function requireNewPerson(
  actor: RoleHolder,
  roles: readonly Role[],
  persons: readonly RoleHolder[],
): void {
  const given = TRUSTED.filter((role) => roles.includes(role));
  if (given.length === 0 || actor.roles.includes('service-manager')) return;
  const managers = persons.filter((person) => person.canSignIn && person.roles.includes('service-manager'));
  if (managers.length === 0) return;
  throw new PolicyError(
    'POLICY_ROLE_MISSING',
    `${actor.name} cannot add a person with the role ${given.join(', ')}.`,
    { hint: `A service manager has to do it: ${managers.map(({ name }) => name).join(', ')}.` },
  );
}
