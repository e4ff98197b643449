import { useEffect, useState } from 'react';
import type { CarriedDraft } from '../../../contract/queue.ts';
import { Note } from '../../components/notes.tsx';
import { VERDICT_DONE } from '../../decide/decide-words.ts';
import { countOf } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

/** Named one by one; the rest is counted. */
const SHOWN = 20;

/** Says to whoever had drafted something on the list before what of it came along, and what has to be decided again. */
export function CarriedNote(props: { readonly packId: string }) {
  const { approvals } = useApplication();
  const [draft, setDraft] = useState<CarriedDraft | null>(null);
  const { packId } = props;
  useEffect(() => {
    let current = true;
    void approvals
      .getState()
      .carriedOf(packId)
      .then((reply) => {
        if (current && reply.ok) setDraft(reply.value);
      });
    return () => {
      current = false;
    };
  }, [approvals, packId]);
  if (draft === null) return null;
  const { carried, left } = draft;
  const rest = left.length - SHOWN;
  return (
    <Note
      tone={left.length > 0 ? 'warn' : 'info'}
      title={`${countOf(carried, 'decision')} came along from the list before, not signed yet`}
    >
      {left.length > 0 && (
        <p>
          {countOf(
            left.length,
            'did not: the patch, its endpoints or its policy changed',
            'did not: the patches, their endpoints or their policy changed',
          )}
          .{' '}
          {left
            .slice(0, SHOWN)
            .map((row) => `${row.package} ${row.version} (${VERDICT_DONE[row.verdict]})`)
            .join(', ')}
          {rest > 0 && ` and ${countOf(rest, 'other')}`}
        </p>
      )}
    </Note>
  );
}
