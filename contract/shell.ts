import { z } from 'zod';

/**
 * What the desktop shell itself answers: dialogs of the system and preferences of the window. Same bridge, same
 * validation and same replies as the channels of the engine, but they exist only where there is a window, so they have no
 * counterpart on the command line and nothing to authorise: no domain data passes here.
 */
const Theme = z.enum(['system', 'light', 'dark']);
export type Theme = z.infer<typeof Theme>;

const title = z.string().min(1).max(120);
const Filter = z.strictObject({
  name: z.string().min(1).max(60),
  extensions: z.array(z.string().min(1).max(20)),
});
/** Absolute path that a person chose, or null when the dialog was closed without a choice. */
const Chosen = z.strictObject({ path: z.string().nullable() });

export const SHELL_CHANNELS = {
  'shell.pickFolder': { input: z.strictObject({ title }), output: Chosen },
  'shell.pickFile': {
    input: z.strictObject({
      title,
      purpose: z.enum(['open', 'save']),
      suggestedName: z.string().max(255).default(''),
      filters: z.array(Filter).max(8).default([]),
    }),
    output: Chosen,
  },
  /** What the window would print, as A4 pages in a file; null when the dialog was closed without a choice. */
  'shell.savePdf': {
    input: z.strictObject({ title, suggestedName: z.string().min(1).max(255) }),
    output: Chosen,
  },
  'shell.getTheme': { input: z.strictObject({}), output: z.strictObject({ theme: Theme }) },
  'shell.setTheme': { input: z.strictObject({ theme: Theme }), output: z.strictObject({ theme: Theme }) },
} as const satisfies Record<string, { input: z.ZodType; output: z.ZodType }>;

export type ShellChannelName = keyof typeof SHELL_CHANNELS;
export type ShellParsedInputOf<N extends ShellChannelName> = z.output<(typeof SHELL_CHANNELS)[N]['input']>;
export type ShellOutputOf<N extends ShellChannelName> = z.output<(typeof SHELL_CHANNELS)[N]['output']>;

export function isShellChannelName(name: string): name is ShellChannelName {
  return Object.hasOwn(SHELL_CHANNELS, name);
}
