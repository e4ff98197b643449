import type { Keyring } from '../secrets/keyring.ts';
import type { FromEngine, ToEngine } from './messages.ts';

type Answer = Extract<ToEngine, { kind: 'keyring-reply' | 'keyring-refusal' }>;

/** The system's keyring, asked for over the port: only the shell can reach it. */
export class PortKeyring implements Keyring {
  readonly #send: (message: FromEngine) => void;
  readonly #available: boolean;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(send: (message: FromEngine) => void, available: boolean) {
    this.#send = send;
    this.#available = available;
  }

  async isAvailable(): Promise<boolean> {
    return this.#available;
  }

  async wrap(bytes: Uint8Array): Promise<Uint8Array> {
    const answer = await this.#ask('wrap', bytes);
    if (answer.kind === 'keyring-refusal') {
      throw new Error(`The keyring of this machine refused: ${answer.message}`);
    }
    return answer.bytes;
  }

  async unwrap(bytes: Uint8Array): Promise<Uint8Array | null> {
    const answer = await this.#ask('unwrap', bytes);
    return answer.kind === 'keyring-reply' ? answer.bytes : null;
  }

  /** Takes the shell's answer to a question asked here. */
  settle(answer: Answer): void {
    this.#waiting.get(answer.id)?.(answer);
    this.#waiting.delete(answer.id);
  }

  #ask(op: 'wrap' | 'unwrap', bytes: Uint8Array): Promise<Answer> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#send({ kind: 'keyring', id, op, bytes });
    });
  }
}
