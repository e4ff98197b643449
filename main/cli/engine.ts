import type { Reply } from '../../contract/channels.ts';
import type { Topic } from '../../contract/topics.ts';

/** One caller's place in the engine; only the engine looks inside. */
export type Session = unknown;

/** The part of the composed application that the command line uses, in its own process. */
export interface Engine {
  openSession(): Session;
  invoke(session: Session, name: string, input: unknown): Promise<Reply>;
  subscribe(listener: (topic: Topic) => void): () => void;
  /** Runs stop between two steps; what is under way on an endpoint stays in the journal. */
  close(): Promise<void>;
}
