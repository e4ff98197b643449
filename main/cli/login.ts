import type { InputOf } from '../../contract/channels.ts';
import type { OptionSpec } from './command.ts';
import type { Input } from './input.ts';
import type { Secrets } from './secrets.ts';
import { usageError } from './usage.ts';

type Added = InputOf<'endpoints.add'>;

/** Options with which an endpoint or a hypervisor is reached. No secret is ever an option's value. */
export const LOGIN_OPTIONS: readonly OptionSpec[] = [
  { flags: '--address <address>', about: 'IP address, or host name that the site resolves', required: true },
  { flags: '--port <port>', about: 'port of its SSH server (22 when absent)', whole: true },
  { flags: '--user <user>', about: 'account to log in with', required: true },
  { flags: '--key-file <file>', about: 'private key of that account' },
  { flags: '--key-passphrase-file <file>', about: 'passphrase of that key, where it has one' },
  { flags: '--password-file <file>', about: 'password of that account; asked for when there is neither' },
  {
    flags: '--sudo <how>',
    about:
      'how it becomes root (when absent: password with --sudo-password-file, root for the user root, else passwordless)',
    choices: ['root', 'passwordless', 'password'],
  },
  { flags: '--sudo-password-file <file>', about: 'password for sudo; asked for with --sudo password' },
  {
    flags: '--host-key <fingerprint>',
    about: 'SHA256:... of its SSH host key, where known; else pinned later',
  },
];

/** Reads what {@link LOGIN_OPTIONS} say, and the secrets that they name. */
export async function readLogin(
  input: Input,
  secrets: Secrets,
  name: string,
): Promise<Pick<Added, 'address' | 'port' | 'user' | 'login' | 'sudo' | 'hostKey'>> {
  const user = input.text('user');
  const port = input.whole('port');
  return {
    address: input.text('address'),
    user,
    login: await readLoginSecret(input, secrets, `${user} on ${name}`),
    sudo: await readSudo(input, secrets, user, name),
    hostKey: input.maybe('hostKey') ?? null,
    ...(port === undefined ? {} : { port }),
  };
}

async function readLoginSecret(input: Input, secrets: Secrets, who: string): Promise<Added['login']> {
  const keyFile = input.maybe('keyFile');
  const passwordFile = input.maybe('passwordFile');
  if (keyFile !== undefined && passwordFile !== undefined) {
    throw usageError('Give --key-file or --password-file, not both.');
  }
  if (keyFile === undefined) {
    const what = `the password of ${who}`;
    const password = await secrets.readLine({ what, file: passwordFile, option: '--password-file' });
    return { kind: 'password', password };
  }
  const privateKey = await secrets.readWhole(keyFile, '--key-file');
  const keyPassphraseFile = input.maybe('keyPassphraseFile');
  if (keyPassphraseFile === undefined) return { kind: 'private-key', privateKey };
  const passphrase = await secrets.readLine({
    what: 'the passphrase of the key',
    file: keyPassphraseFile,
    option: '--key-passphrase-file',
  });
  return { kind: 'private-key', privateKey, passphrase };
}

async function readSudo(input: Input, secrets: Secrets, user: string, name: string): Promise<Added['sudo']> {
  const file = input.maybe('sudoPasswordFile');
  const how =
    input.maybe('sudo') ?? (file !== undefined ? 'password' : user === 'root' ? 'root' : 'passwordless');
  if (how !== 'password') {
    if (file !== undefined) throw usageError(`--sudo ${how} and --sudo-password-file contradict each other.`);
    return how === 'root' ? { kind: 'root' } : { kind: 'passwordless' };
  }
  const what = `the sudo password of ${user} on ${name}`;
  return {
    kind: 'password',
    password: await secrets.readLine({ what, file, option: '--sudo-password-file' }),
  };
}
