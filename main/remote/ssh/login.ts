import ssh2 from 'ssh2';
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware } from 'ssh2';
import { TransportError } from '../../../contract/errors.ts';
import type { RemoteTarget } from '../remote-shell.ts';

/** Tells ssh2 what to try next; see {@link loginOnce}. */
export interface LoginPlan {
  readonly handler: AuthHandlerMiddleware;
  /** Whether a credential was handed over on this connection. */
  readonly wasTried: () => boolean;
}

/**
 * Logs in with exactly one attempt. The method `none` goes first (it carries the user's name only) and the server
 * answers with what it accepts; a password then goes either to `password` or to `keyboard-interactive`, never to both,
 * because each refusal counts towards a lockout. Agents, agent forwarding and further factors are not used.
 */
export function loginOnce(target: RemoteTarget): LoginPlan {
  const { user: username, login } = target;
  if (login.kind === 'private-key') assertReadableKey(target, login.privateKey, login.passphrase);
  let asked = false;
  let tried = false;

  const handler = (
    accepted: AuthenticationType[] | null,
    partialSuccess: boolean | null,
    next: (method: AnyAuthMethod | false) => void,
  ): void => {
    if (!asked) {
      asked = true;
      next({ type: 'none', username });
      return;
    }
    if (tried || partialSuccess === true) {
      next(false);
      return;
    }
    tried = true;
    const offers = (method: AuthenticationType) => accepted?.includes(method) === true;
    if (login.kind === 'private-key' && offers('publickey')) {
      next({
        type: 'publickey',
        username,
        key: login.privateKey,
        ...(login.passphrase === undefined ? {} : { passphrase: login.passphrase }),
      });
    } else if (login.kind === 'password' && offers('password')) {
      next({ type: 'password', username, password: login.password });
    } else if (login.kind === 'password' && offers('keyboard-interactive')) {
      next({ type: 'keyboard-interactive', username, prompt: answerOnce(login.password) });
    } else {
      tried = false;
      next(false);
    }
  };
  return { handler: handler as AuthHandlerMiddleware, wasTried: () => tried };
}

/** Answers one hidden question with the password; whatever is asked beyond that gets empty answers. */
function answerOnce(password: string) {
  let answered = false;
  return (
    _name: string,
    _instructions: string,
    _language: string,
    prompts: readonly { readonly prompt: string; readonly echo?: boolean }[],
    finish: (answers: string[]) => void,
  ): void => {
    const isPassword = !answered && prompts.length === 1 && prompts[0]?.echo !== true;
    answered = true;
    finish(isPassword ? [password] : prompts.map(() => ''));
  };
}

function assertReadableKey(target: RemoteTarget, privateKey: string, passphrase: string | undefined): void {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (!(parsed instanceof Error) && parsed.isPrivateKey()) return;
  throw new TransportError(
    'TRANSPORT_AUTH_FAILED',
    `the private key for ${target.user} on ${target.name} can't be read`,
    {
      hint: 'Store the private key again, with its passphrase.',
      subject: { endpoint: target.name, address: target.address, user: target.user },
    },
  );
}
