import type { Reply } from '../contract/channels.ts';
import type { Topic } from '../contract/topics.ts';

/**
 * Everything that the window can reach. `invoke` takes a name of the contract (or of the shell, contract/shell.ts) and never
 * rejects for a failure of the engine: a failure is data. `subscribe` returns the function that ends the subscription.
 */
export interface Bridge {
  invoke(name: string, input: unknown): Promise<Reply>;
  /**
   * The same with the reply as JSON text, for a reply of thousands of rows: text crosses from one process to the next and from this
   * world into the page's as one piece, where objects are copied one by one, for seconds.
   */
  invokeText(name: string, input: unknown): Promise<string>;
  subscribe(listener: (topic: Topic) => void): () => void;
}

declare global {
  interface Window {
    readonly sallyport: Bridge;
  }
}
