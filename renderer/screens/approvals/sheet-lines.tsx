import { useEffect, useState } from 'react';
import type { Failure } from '../../../contract/errors.ts';
import type { SheetRowView } from '../../../contract/sheets.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote, Loading } from '../../components/notes.tsx';
import { VERDICT_WORDS } from '../../decide/decide-words.ts';
import { formatDay } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import { useApplication } from '../../stores/context.tsx';

/** Lines that are drawn at a time. */
const AT_A_TIME = 200;

/** Every line of an unsigned sheet, to be read back to whoever filled it in. `onRead`: they are here to be read. */
export function SheetLines(props: { readonly sheetId: string; readonly onRead: () => void }) {
  const { counsel } = useApplication();
  const { sheetId, onRead } = props;
  const [lines, setLines] = useState<readonly SheetRowView[] | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [shown, setShown] = useState(AT_A_TIME);
  useEffect(() => {
    let current = true;
    void counsel
      .getState()
      .sheetRows(sheetId)
      .then((reply) => {
        if (!current) return;
        if (reply.ok) {
          setLines(reply.value);
          onRead();
        } else setFailure(reply.failure);
      });
    return () => {
      current = false;
    };
  }, [counsel, sheetId, onRead]);
  if (failure !== null) return <FailureNote failure={failure} what="What the sheet says can’t be shown" />;
  if (lines === null) return <Loading what="what the sheet says" />;
  const rest = lines.length - shown;
  return (
    <div className="scroll sheet-problems" tabIndex={0} role="region" aria-label="What the sheet says">
      <table className="plain-table">
        <thead>
          <tr>
            <th>Says</th>
            <th>Patch</th>
            <th>Endpoints</th>
            <th>In these words</th>
          </tr>
        </thead>
        <tbody>
          {lines.slice(0, shown).map((line) => (
            <tr key={line.patch}>
              <td>{line.verdict === null ? 'Nothing' : VERDICT_WORDS[line.verdict].word}</td>
              <td className="breakable">
                {line.package} {line.version} {line.arch}
              </td>
              <td className="figures">{formatCount(line.endpoints)}</td>
              <td className="breakable">{wordsOf(line)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rest > 0 && (
        <Button onPress={() => setShown(shown + AT_A_TIME)}>Show more of {countOf(rest, 'line')}</Button>
      )}
    </div>
  );
}

function wordsOf({ reason, until, control }: SheetRowView): string {
  return [
    ...(until === null ? [] : [`until ${formatDay(until)}`]),
    ...(reason === '' ? [] : [reason]),
    ...(control === '' ? [] : [`meanwhile: ${control}`]),
  ].join('; ');
}
