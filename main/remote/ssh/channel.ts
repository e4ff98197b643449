import { PassThrough } from 'node:stream';
import type { NodeSSH } from 'node-ssh';
import type { ClientChannel } from 'ssh2';
import { TransportError } from '../../../contract/errors.ts';
import type { CommandResult, RemoteTarget } from '../remote-shell.ts';
import { abortReason } from '../semaphore.ts';
import { sudoDenied } from './sudo.ts';

/** One command on a channel of its own. */
export interface ChannelRun {
  /** Quoted already. */
  readonly line: string;
  readonly stdin: Uint8Array | undefined;
  readonly timeoutMs: number;
  readonly outputBytes: number;
  /** The program, for messages. */
  readonly what: string;
  readonly target: RemoteTarget;
  readonly signal: AbortSignal | undefined;
  /** Answers `question` on stderr with one line of stdin; everything up to the question is cut from stderr. */
  readonly password:
    { readonly question: string; readonly answer: string; readonly withinMs: number } | undefined;
}

export interface ChannelResult extends CommandResult {
  /** Whether the question for the password came. */
  readonly asked: boolean;
}

/** Shells report a program ended by a signal as 128 and the signal's number; SSH names the signal (RFC 4254 6.10). */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
};

/**
 * Runs one command line. Over its time, over its output or cancelled, it closes the channel and no more: what runs on
 * the other side is not killed, because killing a package manager midway does harm.
 */
export function runOnChannel(ssh: NodeSSH, run: ChannelRun): Promise<ChannelResult> {
  return new Promise((resolve, reject) => {
    const stdin = new PassThrough();
    const timers: NodeJS.Timeout[] = [];
    let channel: ClientChannel | undefined;
    let isStopped = false;

    const settle = () => {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
      run.signal?.removeEventListener('abort', onAbort);
      // stdin is left alone: node-ssh takes a destroyed stream for a string and breaks the session with it.
    };
    const stop = (error: Error) => {
      if (isStopped) return;
      settle();
      channel?.close();
      reject(error);
    };
    const onAbort = () => stop(abortReason(run.signal));
    if (run.signal?.aborted === true) {
      reject(abortReason(run.signal));
      return;
    }
    run.signal?.addEventListener('abort', onAbort, { once: true });
    timers.push(setTimeout(() => stop(overTime(run)), run.timeoutMs));

    const answer = answerQuestion(run, stdin, stop);
    if (run.password === undefined) stdin.end(run.stdin);
    else timers.push(setTimeout(answer.onSilence, run.password.withinMs));

    const measure = () => {
      let bytes = 0;
      return (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > run.outputBytes) stop(overOutput(run));
      };
    };
    const onStdout = measure();
    const onStderr = measure();

    ssh
      .execCommand(run.line, {
        stdin,
        noTrim: true,
        // One character per byte, so that a character cut by two packets survives until it is decoded as a whole.
        encoding: 'latin1',
        onChannel: (opened) => {
          channel = opened;
          // A command that ends before it has read all its stdin is no failure.
          opened.on('error', ignoreBrokenPipe);
          if (isStopped) opened.close();
        },
        onStdout,
        onStderr: (chunk) => {
          onStderr(chunk);
          answer.onStderr(chunk);
        },
      })
      .then((response) => {
        if (isStopped) return;
        settle();
        const exitCode = response.code ?? signalStatus(response.signal);
        if (exitCode === undefined) {
          reject(noStatus(run));
          return;
        }
        const stderr = decode(response.stderr);
        resolve({
          exitCode,
          stdout: decode(response.stdout),
          stderr: answer.cut(stderr),
          asked: answer.wasAsked(),
        });
      })
      .catch((error: unknown) => stop(error instanceof Error ? error : new Error(String(error))));
  });
}

/** Writes the password when, and only when, the question was printed; a second question means that it was wrong. */
function answerQuestion(run: ChannelRun, stdin: PassThrough, stop: (error: Error) => void) {
  const { password } = run;
  let text = '';
  let questions = 0;
  return {
    onStderr: (chunk: Buffer): void => {
      if (password === undefined || questions > 1) return;
      text += chunk.toString('latin1');
      const at = text.indexOf(password.question);
      if (at < 0) {
        // Enough is kept to find a question that two chunks share.
        text = text.slice(-password.question.length);
        return;
      }
      text = text.slice(at + password.question.length);
      questions += 1;
      if (questions > 1) {
        stop(sudoDenied(run.target, 'refused'));
        return;
      }
      stdin.write(`${password.answer}\n`);
      stdin.end(run.stdin);
    },
    onSilence: (): void => {
      if (questions === 0) stop(sudoDenied(run.target, 'does-not-ask'));
    },
    wasAsked: () => questions > 0,
    cut: (stderr: string): string => {
      if (password === undefined || questions === 0) return stderr;
      return stderr.slice(stderr.lastIndexOf(password.question) + password.question.length);
    },
  };
}

function decode(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

function signalStatus(signal: string | null): number | undefined {
  if (signal === null) return undefined;
  return 128 + (SIGNAL_NUMBERS[signal] ?? 0);
}

function ignoreBrokenPipe(): void {
  return;
}

function subjectOf(run: ChannelRun) {
  return { endpoint: run.target.name, address: run.target.address, command: run.what };
}

function overTime(run: ChannelRun): TransportError {
  return new TransportError(
    'TRANSPORT_TIMEOUT',
    `${run.what} on ${run.target.name} took more than ${String(run.timeoutMs)} ms`,
    {
      hint: 'It may still run there: ask the endpoint before doing it again.',
      retry: 'after-reconnect',
      subject: subjectOf(run),
    },
  );
}

function overOutput(run: ChannelRun): TransportError {
  return new TransportError(
    'TRANSPORT_PROTOCOL',
    `${run.what} on ${run.target.name} printed more than ${String(run.outputBytes)} bytes`,
    { subject: subjectOf(run) },
  );
}

function noStatus(run: ChannelRun): TransportError {
  return new TransportError('TRANSPORT_DROPPED', `${run.what} on ${run.target.name} ended without a status`, {
    hint: 'The session was lost, or the SSH server ended: ask the endpoint what happened.',
    retry: 'after-reconnect',
    subject: subjectOf(run),
  });
}
