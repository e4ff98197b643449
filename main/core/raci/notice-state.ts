import type { ToldBy } from '../../../contract/vocabulary.ts';

/** What came of a notice, as far as telling goes. */
interface Told {
  readonly kind: 'seen' | 'printed' | 'handed-over' | 'dropped' | 'answered';
  readonly at: string;
  /** Who recorded it: a person's id. */
  readonly by: string;
  readonly recipient: string | null;
  readonly file: string | null;
}

/**
 * How somebody came to know first. Printing tells nobody: the page has to be handed over. Who answered knew: in the window where they
 * answered themselves, by then at the latest where somebody wrote it down for them.
 *
 * @param entries oldest first
 * @param personId whom it is for; `null`: whoever stands for a party
 */
export function toldOf(
  entries: readonly Told[],
  personId: string | null,
): { readonly by: ToldBy; readonly at: string; readonly detail: string } | null {
  for (const { kind, at, by, recipient, file } of entries) {
    if (kind === 'seen') return { by: 'in-app', at, detail: '' };
    if (kind === 'handed-over') return { by: 'printed-notice', at, detail: recipient ?? '' };
    if (kind === 'dropped') return { by: 'file-drop', at, detail: file ?? '' };
    if (kind === 'answered') return { by: by === personId ? 'in-app' : 'answer', at, detail: '' };
  }
  return null;
}
