import type { ChannelName } from '../../contract/channels.ts';
import type { Client } from './client.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Input } from './input.ts';
import type { Progress } from './progress.ts';
import type { Secrets } from './secrets.ts';
import type { World } from './world.ts';

export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly optional?: true;
  /** Takes all that follow. */
  readonly many?: true;
}

export interface OptionSpec {
  /** As commander takes them: `--address <address>`. */
  readonly flags: string;
  readonly about: string;
  readonly required?: true;
  readonly choices?: readonly string[];
  /** May be given several times. */
  readonly repeat?: true;
  /** A whole number, not below 0. */
  readonly whole?: true;
}

/** What a command says at its end. */
export interface Answer {
  /** The one document of `--json`. */
  readonly value: unknown;
  /** What a person reads instead. */
  readonly text: string;
  /** 0 when absent. */
  readonly exit?: ExitCode;
}

/** What a running command has at hand. */
export interface Call<N extends ChannelName> {
  readonly client: Client<N>;
  readonly input: Input;
  readonly secrets: Secrets;
  readonly progress: Progress;
  readonly world: World;
  /** True with `--json`: there is no person to ask for a confirmation. */
  readonly json: boolean;
  /** Sentences for people while the command goes on; to stderr, so never in the way of stdout. */
  note(text: string): void;
}

/** One verb of one noun. */
export interface CommandSpec<N extends ChannelName = ChannelName> {
  readonly noun: string;
  readonly verb: string;
  readonly about: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** The noun alone means this verb. */
  readonly isDefault?: true;
  /**
   * `none`: needs no site. `new-site`: opens the data folder, which may not exist yet. `site`: opens a site that exists.
   * `person`: also signs in.
   */
  readonly access: 'none' | 'new-site' | 'site' | 'person';
  /** Whether this call of it needs no site all the same: then it is run as with `none`. */
  readonly needsNoSite?: (input: Input) => boolean;
  /** Every channel that the command may call: its client refuses all others, so that the list is true. */
  readonly channels: readonly N[];
  run(call: Call<N>): Promise<Answer>;
}

/** Keeps the channel names literal, so that the command's client is typed to them. */
export function defineCommand<const N extends ChannelName>(spec: CommandSpec<N>): CommandSpec<N> {
  return spec;
}
