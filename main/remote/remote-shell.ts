/**
 * The port through which the engine reaches an endpoint or a hypervisor over a remote shell.
 *
 * Contract for every adapter and decorator:
 * - `connect` pins the host key **before** any credential leaves this machine. A key that differs from the pinned one
 *   is TRANSPORT_HOST_KEY_MISMATCH (retry never); no pin at all is TRANSPORT_HOST_KEY_UNPINNED.
 * - Refused login is TRANSPORT_AUTH_FAILED, refused sudo TRANSPORT_SUDO_DENIED (both never); no answer is
 *   TRANSPORT_UNREACHABLE (same); a session lost while open is TRANSPORT_DROPPED (after-reconnect), and what it was
 *   doing must be asked of the other side; a command over its time is TRANSPORT_TIMEOUT (after-reconnect).
 * - A non-zero exit status is a value, never an error: the caller knows what each status means.
 * - Arguments are passed as a list; the adapter quotes. No caller builds a command line by joining strings.
 * - Nothing secret (passwords, keys, stdin marked secret) appears in errors or in what decorators record.
 * - `close` never throws and may be called twice.
 */

export type Login =
  | { readonly kind: 'private-key'; readonly privateKey: string; readonly passphrase?: string }
  | { readonly kind: 'password'; readonly password: string };

export type Sudo =
  /** The login is root already. */
  | { readonly kind: 'root' }
  | { readonly kind: 'passwordless' }
  | { readonly kind: 'password'; readonly password: string };

export interface RemoteTarget {
  /** Name for messages; never used to resolve anything. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned fingerprint as OpenSSH prints it: `SHA256:` and base64 without padding. `null`: not pinned yet. */
  readonly hostKey: string | null;
  readonly login: Login;
  readonly sudo: Sudo;
}

export interface RemoteCommand {
  /** Program and arguments. */
  readonly argv: readonly string[];
  /** Run as root through sudo as the target says. */
  readonly asRoot?: boolean;
  readonly stdin?: string | Uint8Array;
  /** Milliseconds until TRANSPORT_TIMEOUT; default 60 000. */
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Upload {
  /** File on this machine, or bytes. */
  readonly from: { readonly file: string } | { readonly bytes: Uint8Array };
  /** Absolute path on the other side; its folder exists. Written with mode 0600 by the login user. */
  readonly to: string;
}

export interface RemoteSession {
  readonly target: RemoteTarget;
  run(command: RemoteCommand, signal?: AbortSignal): Promise<CommandResult>;
  /** Copies files in order. `onBytes` is told how many bytes went since the last call. */
  upload(files: readonly Upload[], onBytes?: (bytes: number) => void, signal?: AbortSignal): Promise<void>;
  /** Resolves once, when the session is gone for whatever reason. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

export interface RemoteShell {
  connect(target: RemoteTarget, signal?: AbortSignal): Promise<RemoteSession>;
  /** Asks for the host key only: no credential is sent. Returns the fingerprint as above. */
  readHostKey(address: string, port: number, signal?: AbortSignal): Promise<string>;
}
