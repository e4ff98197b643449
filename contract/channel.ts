import { z } from 'zod';
import { Id, type Role as RoleName } from './vocabulary.ts';

/**
 * One row of the table of channels (channels.ts). A query may be repeated and changes nothing; a command is always audited with its actor. `requires`: `anyone` needs
 * no sign-in, `signed-in` any person, a list one of those roles.
 */
export interface Channel {
  readonly kind: 'query' | 'command';
  readonly requires: 'anyone' | 'signed-in' | readonly RoleName[];
  readonly input: z.ZodType;
  readonly output: z.ZodType;
  /** Input fields that must never be written to the audit trail or a log. */
  readonly secret?: readonly string[];
}

export const nothing = z.strictObject({});
export const byId = z.strictObject({ id: Id });
/** For how long what is granted may be started. */
export const ValidHours = z
  .number()
  .int()
  .min(1)
  .max(24 * 60)
  .default(72);
export const started = z.strictObject({ operationId: Id });
export const BundleId = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}\/[1-9][0-9]{0,15}$/);
export const filePath = z.strictObject({ file: z.string().min(1).max(4_096) });
export const folder = z.strictObject({ folder: z.string().min(1).max(4_096) });

export const query = <I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
  requires: Channel['requires'] = 'signed-in',
) => ({ kind: 'query', requires, input, output }) as const;
export const command = <I extends z.ZodType, O extends z.ZodType>(
  input: I,
  output: O,
  requires: Channel['requires'],
  secret: readonly string[] = [],
) => ({ kind: 'command', requires, input, output, secret }) as const;

export const ENGINEER: readonly RoleName[] = ['engineer'];
export const APPROVER: readonly RoleName[] = ['approver'];
/** Whose word is the second one. */
export const CONFIRMING: readonly RoleName[] = ['engineer', 'approver', 'service-manager'];
export const MANAGER: readonly RoleName[] = ['service-manager', 'engineer'];
export const SERVICE_MANAGER: readonly RoleName[] = ['service-manager'];
