import type { Topic } from '../../contract/topics.ts';
import { formatBytes, printable } from './format.ts';

/** One state of some work, for people. */
export interface ProgressState {
  /** What the progress is about: one key, one line of plain output for each new text. */
  readonly key: string;
  readonly text: string;
  /** Changes too often for plain lines, which leave it out: ` (12 of 300)`. */
  readonly amount: string;
}

/** What a topic says about progress, or null when it says nothing. */
export function describeTopic(topic: Topic, nameOf: (endpointId: string) => string): ProgressState | null {
  if (topic.kind === 'operation') {
    const { id, title, status, activity, done, total, unit } = topic.operation;
    // How it ended is the answer's to say, or the error's.
    if (status !== 'running') return null;
    const shown = unit === 'bytes' ? formatBytes : String;
    return {
      key: id,
      text: activity === '' || activity === title ? title : `${title}: ${activity}`,
      amount: total > 0 ? ` (${shown(done)} of ${shown(total)})` : '',
    };
  }
  if (topic.kind === 'task-progress') {
    const { runId, endpointId, step, activity, progress } = topic;
    return {
      key: `${runId} ${endpointId}`,
      text: `${nameOf(endpointId)}: ${activity === '' ? step : activity}`,
      amount: progress === null ? '' : ` (${Math.floor(progress * 100)} %)`,
    };
  }
  return null;
}

const CLEAR_LINE = '\r\u001b[K';

/**
 * Progress on stderr: on a terminal one line that is written again in place, elsewhere a plain line whenever the words
 * change. Says nothing when quiet.
 */
export class Progress {
  readonly #write: (text: string) => void;
  readonly #rewrite: boolean;
  readonly #columns: number;
  readonly #quiet: boolean;
  readonly #names = new Map<string, string>();
  readonly #said = new Map<string, string>();
  #lineIsOpen = false;

  constructor(options: {
    readonly write: (text: string) => void;
    readonly rewrite: boolean;
    readonly columns: number;
    readonly quiet: boolean;
  }) {
    this.#write = options.write;
    this.#rewrite = options.rewrite;
    this.#columns = options.columns;
    this.#quiet = options.quiet;
  }

  /** Names to show in place of the ids of endpoints. */
  learnNames(endpoints: readonly { readonly endpointId: string; readonly endpointName: string }[]): void {
    for (const { endpointId, endpointName } of endpoints) this.#names.set(endpointId, endpointName);
  }

  take(topic: Topic): void {
    const state = describeTopic(topic, (id) => this.#names.get(id) ?? id.slice(0, 8));
    if (state !== null) this.show(state);
  }

  show(state: ProgressState): void {
    if (this.#quiet) return;
    if (this.#rewrite) {
      const line = printable(state.text + state.amount);
      this.#write(CLEAR_LINE + line.slice(0, Math.max(10, this.#columns - 1)));
      this.#lineIsOpen = true;
    } else if (this.#said.get(state.key) !== state.text) {
      this.#said.set(state.key, state.text);
      this.#write(`${printable(state.text)}\n`);
    }
  }

  /** A line that stays. */
  say(text: string): void {
    this.end();
    this.#write(`${printable(text)}\n`);
  }

  /** Clears the line in place; what follows starts at its beginning. */
  end(): void {
    if (this.#lineIsOpen) this.#write(CLEAR_LINE);
    this.#lineIsOpen = false;
  }
}
