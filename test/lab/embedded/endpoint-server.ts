import type { ServerChannel } from 'ssh2';
import type { CommandResult } from '../../../main/remote/remote-shell.ts';
import { makeHostKey, type HostKey } from '../../support/loopback-endpoint.ts';
import { startSshServer, type ServerUser, type SshServer } from '../../support/ssh-server.ts';
import { complain } from './answer.ts';
import { playPlainCommand, playScript } from './apt-answers.ts';
import { parseCommand, type SudoRequest } from './command-line.ts';
import type { Machine, Moment } from './machine.ts';
import { serveUploads } from './upload-server.ts';

/** What sudo wants of the login user: `null` nothing, else this password. */
export interface Account {
  readonly user: string;
  readonly login: ServerUser;
  sudoPassword: string | null;
}

/** How one command that has arrived whole is answered; `undefined`: nobody here knows it. */
export type Answer = (request: {
  readonly argv: readonly string[];
  readonly stdin: string;
  readonly asRoot: boolean;
}) => CommandResult | undefined;

export interface EndpointServer {
  readonly server: SshServer;
  hostKey: HostKey;
  /** Passwords that sudo was given so far. */
  sudoAttempts: number;
}

/** A real SSH server on loopback in front of a simulated machine. */
export async function serveMachine(machine: Machine, account: Account): Promise<EndpointServer> {
  const hostKey = makeHostKey();
  const answer: Answer = ({ argv, stdin, asRoot }) => {
    const name = argv[0] === 'sh' ? (argv[3] ?? 'sh') : (argv[0] ?? '');
    machine.asked.push(name);
    machine.reach(`before ${name}` as Moment);
    if (!machine.answers) return complain('the connection is gone', 255);
    const result =
      asRoot && argv[0] === 'sh' ? playScript(machine, argv, stdin) : playPlainCommand(machine, argv);
    machine.reach(`after ${name}` as Moment);
    return result;
  };
  const front: { sudoAttempts: number } = { sudoAttempts: 0 };
  const server = await startSshServer({
    hostKeys: [hostKey.privateKey],
    users: { [account.user]: account.login },
    admits: () => machine.answers,
    serveFiles: (sftp) => serveUploads(machine, sftp),
    serveCommand: (line, channel, user) =>
      serveCommand(line, channel, user, account, answer, machine.unexpected, () => {
        front.sudoAttempts += 1;
      }),
  });
  machine.onNetworkLoss = (how) => (how === 'cut' ? server.drop() : server.hangUp());
  return Object.assign(front, { server, hostKey });
}

/** Reads a command's standard input to its end, after sudo has had its line of it. */
export function serveCommand(
  line: string,
  channel: ServerChannel,
  user: string,
  account: Pick<Account, 'sudoPassword'>,
  answer: Answer,
  unexpected: string[],
  onSudoAttempt: () => void,
): void {
  let input = Buffer.alloc(0);
  let onInput = (): void => undefined;
  const exit = ({ exitCode, stdout, stderr }: CommandResult): void => {
    if (channel.destroyed) return;
    if (stderr !== '') channel.stderr.write(stderr);
    if (stdout !== '') channel.write(stdout);
    channel.exit(exitCode);
    channel.end();
  };
  channel.on('data', (chunk: Buffer) => {
    input = Buffer.concat([input, chunk]);
    onInput();
  });
  const ended = new Promise<void>((resolve) => channel.once('end', resolve));
  const takeLine = (): Promise<string | undefined> =>
    new Promise((resolve) => {
      onInput = () => {
        const at = input.indexOf('\n');
        if (at < 0) return;
        const text = input.subarray(0, at).toString('utf8');
        input = input.subarray(at + 1);
        onInput = () => undefined;
        resolve(text);
      };
      void ended.then(() => resolve(undefined));
      onInput();
    });
  const mayBeRoot = async (sudo: SudoRequest): Promise<CommandResult | undefined> => {
    if (account.sudoPassword === null) return undefined;
    if (!sudo.mayAsk) return complain('sudo: a password is required');
    for (let tries = 0; tries < 3; tries += 1) {
      channel.stderr.write(sudo.question);
      const given = await takeLine();
      if (given === undefined) return complain('sudo: no password was provided');
      onSudoAttempt();
      if (given === account.sudoPassword) return undefined;
      channel.stderr.write('Sorry, try again.\n');
    }
    return complain('sudo: 3 incorrect password attempts');
  };
  const serve = async (): Promise<void> => {
    const { argv, sudo } = parseCommand(line);
    const refusal = sudo === null ? undefined : await mayBeRoot(sudo);
    if (refusal !== undefined) {
      exit(refusal);
      return;
    }
    await ended;
    const asRoot = sudo !== null || user === 'root';
    const result = answer({ argv, stdin: input.toString('utf8'), asRoot });
    if (result === undefined)
      unexpected.push(`${asRoot ? 'as root' : `as ${user}`}: ${argv.join(' ').slice(0, 500)}`);
    exit(result ?? complain(`sh: 1: ${argv[0] ?? ''}: not found`, 127));
  };
  serve().catch((error: unknown) => {
    unexpected.push(`${line.slice(0, 300)}: ${String(error instanceof Error ? error.stack : error)}`);
    exit(complain('the simulated endpoint failed', 127));
  });
}
