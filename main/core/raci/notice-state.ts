import type { ToldBy } from '../../../contract/vocabulary.ts';

/** What came of a notice, as far as telling goes. */
interface Told {
  readonly kind: 'seen' | 'printed' | 'handed-over' | 'dropped' | 'answered';
  readonly at: string;
  readonly recipient: string | null;
  readonly file: string | null;
}

/**
 * How somebody came to know first. Printing tells nobody: the page has to be handed over. Who answered knew.
 *
 * @param entries oldest first
 */
export function toldOf(
  entries: readonly Told[],
): { readonly by: ToldBy; readonly at: string; readonly detail: string } | null {
  for (const { kind, at, recipient, file } of entries) {
    if (kind === 'seen') return { by: 'in-app', at, detail: '' };
    if (kind === 'handed-over') return { by: 'printed-notice', at, detail: recipient ?? '' };
    if (kind === 'dropped') return { by: 'file-drop', at, detail: file ?? '' };
  }
  return null;
}
