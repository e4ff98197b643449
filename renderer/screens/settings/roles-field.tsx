import type { Role } from '../../../contract/vocabulary.ts';
import { CheckboxField } from '../../components/fields.tsx';
import { ROLE_ORDER, ROLE_WORDS } from '../../format/words.ts';

export function Roles(props: {
  readonly roles: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
}) {
  return (
    <div className="field">
      <span className="label" id="person-roles">
        Roles
      </span>
      <div className="role-choices" role="group" aria-labelledby="person-roles">
        {ROLE_ORDER.map((role) => (
          <CheckboxField
            key={role}
            label={ROLE_WORDS[role].word}
            hint={ROLE_WORDS[role].may}
            checked={props.roles.includes(role)}
            onChange={(on) =>
              props.onChange(ROLE_ORDER.filter((one) => (one === role ? on : props.roles.includes(one))))
            }
          />
        ))}
      </div>
    </div>
  );
}
