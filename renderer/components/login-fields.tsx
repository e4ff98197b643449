import type { InputOf } from '../../contract/channels.ts';
import { RadioField, TextField } from './fields.tsx';

type Credentials = Pick<InputOf<'endpoints.add'>, 'user' | 'login' | 'sudo'>;

export interface LoginDraft {
  readonly user: string;
  readonly kind: 'private-key' | 'password';
  readonly privateKey: string;
  readonly keyPassphrase: string;
  readonly password: string;
  readonly sudo: 'passwordless' | 'password' | 'root';
  readonly sudoPassword: string;
}

export const EMPTY_LOGIN: LoginDraft = {
  user: '',
  kind: 'private-key',
  privateKey: '',
  keyPassphrase: '',
  password: '',
  sudo: 'passwordless',
  sudoPassword: '',
};

/** `null` while something that is needed is missing. */
export function readLogin(draft: LoginDraft): Credentials | null {
  const user = draft.user.trim();
  if (user === '') return null;
  const secret = draft.kind === 'private-key' ? draft.privateKey : draft.password;
  if (secret.trim() === '' || (draft.sudo === 'password' && draft.sudoPassword === '')) return null;
  return {
    user,
    login:
      draft.kind === 'password'
        ? { kind: 'password', password: draft.password }
        : {
            kind: 'private-key',
            privateKey: draft.privateKey,
            ...(draft.keyPassphrase === '' ? {} : { passphrase: draft.keyPassphrase }),
          },
    sudo:
      draft.sudo === 'password' ? { kind: 'password', password: draft.sudoPassword } : { kind: draft.sudo },
  };
}

/** How the engine logs in. What is entered goes into the vault sealed and never comes back. */
export function LoginFields(props: {
  readonly draft: LoginDraft;
  readonly onChange: (draft: LoginDraft) => void;
}) {
  const { draft } = props;
  const change = (part: Partial<LoginDraft>): void => props.onChange({ ...draft, ...part });
  return (
    <fieldset>
      <legend>How to log in</legend>
      <p className="field-hint">Sealed in the vault. It never comes back to this window.</p>
      <TextField label="User" value={draft.user} onChange={(user) => change({ user })} required mono />
      <RadioField
        label="With"
        inline
        value={draft.kind}
        onChange={(kind) => change({ kind })}
        choices={[
          { value: 'private-key', label: 'A private key' },
          { value: 'password', label: 'A password' },
        ]}
      />
      {draft.kind === 'private-key' ? (
        <>
          <TextField
            label="Private key"
            lines={3}
            placeholder="-----BEGIN OPENSSH PRIVATE KEY-----"
            value={draft.privateKey}
            onChange={(privateKey) => change({ privateKey })}
            required
            mono
          />
          <TextField
            label="Passphrase of the key, if it has one"
            type="password"
            value={draft.keyPassphrase}
            onChange={(keyPassphrase) => change({ keyPassphrase })}
          />
        </>
      ) : (
        <TextField
          label="Password"
          type="password"
          value={draft.password}
          onChange={(password) => change({ password })}
          required
        />
      )}
      <RadioField
        label="Becoming root"
        inline
        value={draft.sudo}
        onChange={(sudo) => change({ sudo })}
        choices={[
          { value: 'passwordless', label: 'sudo without a password' },
          { value: 'password', label: 'sudo with a password' },
          { value: 'root', label: 'It is root' },
        ]}
      />
      {draft.sudo === 'password' && (
        <TextField
          label="Password for sudo"
          type="password"
          value={draft.sudoPassword}
          onChange={(sudoPassword) => change({ sudoPassword })}
          required
        />
      )}
    </fieldset>
  );
}
