import { HypervisorError, TransportError } from '../../../contract/errors.ts';
import type { CommandResult, RemoteSession, RemoteShell, RemoteTarget } from '../../remote/remote-shell.ts';
import type { PowerState } from '../hypervisor.ts';
import { parseClock, parseFreeBytes, parseNested, parseSubvolume } from './parse.ts';
import type { Subvolume } from './parse.ts';

/** What is at a path: a subvolume, nothing, or something that is no subvolume. */
export type Found =
  | { readonly kind: 'subvolume'; readonly subvolume: Subvolume }
  | { readonly kind: 'absent' }
  | { readonly kind: 'something-else' };

const QUERY_MS = 30_000;
/** Taking and deleting wait for the disk to be written: on a busy one that can take long. */
const CHANGE_MS = 300_000;

/** The commands of a host whose VM disks are btrfs subvolumes, one function each, over one session. */
export class BtrfsHost {
  readonly #shell: RemoteShell;
  readonly #target: RemoteTarget;
  readonly #powerCommand: string;
  #session: Promise<RemoteSession> | undefined;

  constructor(shell: RemoteShell, target: RemoteTarget, powerCommand: string) {
    this.#shell = shell;
    this.#target = target;
    this.#powerCommand = powerCommand;
  }

  get name(): string {
    return this.#target.name;
  }

  async show(path: string, signal?: AbortSignal): Promise<Found> {
    return this.#readShow(await this.#query(['btrfs', 'subvolume', 'show', path], signal));
  }

  /** Looks a subvolume up by its UUID in the file system that holds `anyPath`. */
  async showById(uuid: string, anyPath: string, signal?: AbortSignal): Promise<Subvolume | undefined> {
    const found = this.#readShow(
      await this.#query(['btrfs', 'subvolume', 'show', '-u', uuid, anyPath], signal),
    );
    return found.kind === 'subvolume' ? found.subvolume : undefined;
  }

  async listNested(path: string, signal?: AbortSignal): Promise<readonly string[]> {
    const argv = ['btrfs', 'subvolume', 'list', '-o', path];
    return parseNested(this.#expectSuccess(argv, await this.#query(argv, signal)));
  }

  async readFreeBytes(path: string, signal?: AbortSignal): Promise<number> {
    const argv = ['btrfs', 'filesystem', 'usage', '-b', path];
    const bytes = parseFreeBytes(this.#expectSuccess(argv, await this.#query(argv, signal)));
    if (bytes === undefined) throw this.#unreadable(argv);
    return bytes;
  }

  async readClock(signal?: AbortSignal): Promise<string> {
    const argv = ['date', '-u', '+%Y-%m-%dT%H:%M:%S.%3NZ'];
    const clock = parseClock(this.#expectSuccess(argv, await this.#query(argv, signal)));
    if (clock === undefined) throw this.#unreadable(argv);
    return clock;
  }

  /** Whether `path` below `root` is reached through no symbolic link: it stays inside what is ours. */
  async isDirect(root: string, path: string, signal?: AbortSignal): Promise<boolean> {
    const result = await this.#query(['realpath', '-e', '--', root, path], signal);
    const [realRoot, realPath] = result.stdout.split('\n');
    return result.exitCode === 0 && realPath === `${String(realRoot)}${path.slice(root.length)}`;
  }

  makeFolder(path: string, signal?: AbortSignal): Promise<CommandResult> {
    return this.#change(['mkdir', '-p', '--', path], signal);
  }

  /** Writes out what the guest has written so far. */
  syncFileSystem(path: string, signal?: AbortSignal): Promise<CommandResult> {
    return this.#change(['btrfs', 'filesystem', 'sync', path], signal);
  }

  /** `to` must not exist: where it is a folder, btrfs would make the snapshot inside it. */
  snapshot(
    from: string,
    to: string,
    mode: 'read-only' | 'writable',
    signal?: AbortSignal,
  ): Promise<CommandResult> {
    const flags = mode === 'read-only' ? ['-r'] : [];
    return this.#change(['btrfs', 'subvolume', 'snapshot', ...flags, from, to], signal);
  }

  deleteSubvolume(path: string, signal?: AbortSignal): Promise<CommandResult> {
    return this.#change(['btrfs', 'subvolume', 'delete', '-c', path], signal);
  }

  /** `-T`: a folder at `to` is never moved into. */
  move(from: string, to: string, signal?: AbortSignal): Promise<CommandResult> {
    return this.#change(['mv', '-T', '--', from, to], signal);
  }

  async readPower(vm: string, signal?: AbortSignal): Promise<PowerState> {
    const result = await this.#query([this.#powerCommand, 'status', vm], signal);
    const state = result.stdout.trim();
    if (state === 'running' || state === 'stopped') return state;
    throw this.#powerFailed(vm, 'the power state can not be read', result);
  }

  /** Switches and reads back: a command that says it worked is no proof. */
  async setPower(vm: string, wanted: PowerState, signal?: AbortSignal): Promise<void> {
    const verb = wanted === 'running' ? 'start' : 'stop';
    const result = await this.#change([this.#powerCommand, verb, vm], signal);
    if ((await this.readPower(vm, signal)) === wanted) return;
    throw this.#powerFailed(vm, `it is not ${wanted} after ${verb}`, result);
  }

  async close(): Promise<void> {
    const opening = this.#session;
    this.#session = undefined;
    if (opening === undefined) return;
    const [session] = await Promise.allSettled([opening]);
    if (session.status === 'fulfilled') await session.value.close();
  }

  /** The session, opened at first use and again after a loss. */
  #open(): Promise<RemoteSession> {
    if (this.#session !== undefined) return this.#session;
    const opening = this.#shell.connect(this.#target).then(
      (session) => {
        void session.closed.then(() => {
          if (this.#session === opening) this.#session = undefined;
        });
        return session;
      },
      (error: unknown) => {
        if (this.#session === opening) this.#session = undefined;
        throw error;
      },
    );
    this.#session = opening;
    return opening;
  }

  async #query(argv: readonly string[], signal: AbortSignal | undefined): Promise<CommandResult> {
    const session = await this.#open();
    return session.run({ argv, asRoot: true, timeoutMs: QUERY_MS }, signal);
  }

  async #change(argv: readonly string[], signal: AbortSignal | undefined): Promise<CommandResult> {
    const session = await this.#open();
    return session.run({ argv, asRoot: true, timeoutMs: CHANGE_MS }, signal);
  }

  #readShow(result: CommandResult): Found {
    if (result.exitCode === 0) {
      const subvolume = parseSubvolume(result.stdout);
      if (subvolume === undefined) throw this.#unreadable(['btrfs', 'subvolume', 'show']);
      return { kind: 'subvolume', subvolume };
    }
    if (/No such file or directory|can't find uuid/.test(result.stderr)) return { kind: 'absent' };
    if (/Not a Btrfs (subvolume|filesystem)|not a subvolume/i.test(result.stderr))
      return { kind: 'something-else' };
    throw this.#failed(['btrfs', 'subvolume', 'show'], result);
  }

  #expectSuccess(argv: readonly string[], result: CommandResult): string {
    if (result.exitCode !== 0) throw this.#failed(argv, result);
    return result.stdout;
  }

  #failed(argv: readonly string[], result: CommandResult): TransportError {
    const what = argv.slice(0, 3).join(' ');
    return new TransportError(
      'TRANSPORT_PROTOCOL',
      `${what} failed on ${this.name}: ${toolMessage(result)}`,
      {
        hint: 'Check that btrfs-progs is installed there and that the login may run it as root.',
        subject: { hypervisor: this.name },
      },
    );
  }

  #unreadable(argv: readonly string[]): TransportError {
    const what = argv.slice(0, 3).join(' ');
    return new TransportError('TRANSPORT_PROTOCOL', `what ${what} prints on ${this.name} can't be read`, {
      hint: 'Its version of btrfs-progs may be one that is not known yet.',
      subject: { hypervisor: this.name },
    });
  }

  #powerFailed(vm: string, what: string, result: CommandResult): HypervisorError {
    return new HypervisorError(
      'HYPERVISOR_POWER_FAILED',
      `${vm} on ${this.name}: ${what} (${toolMessage(result)})`,
      {
        subject: { hypervisor: this.name, vm },
      },
    );
  }
}

/** What a tool said about its failure: the end of stderr, else its status. */
export function toolMessage(result: CommandResult): string {
  const text = (result.stderr.trim() === '' ? result.stdout : result.stderr).trim();
  return text === '' ? `status ${String(result.exitCode)}` : text.slice(-500);
}
