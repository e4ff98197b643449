import type { Silence } from '../../contract/packs.ts';
import { Note } from '../components/notes.tsx';
import { formatInstant } from '../format/dates.ts';
import { countOf } from '../format/figures.ts';

/** Whether there is anything to sign: the site reads no decision without a row. */
export const maySign = (silence: Silence, decided: number): boolean => silence.awaited === 0 && decided > 0;

/** What the patches come to that nobody has decided on: read before signing, because a policy may make a yes of silence. */
export function SilenceNote(props: {
  readonly silence: Silence;
  /** Patches that have a verdict. */
  readonly decided: number;
  readonly cutOffAt: string;
}) {
  const { awaited, yes, no, held, standing, out } = props.silence;
  const rest = [
    ...(no > 0
      ? [
          `${countOf(no, 'patch', 'patches')}: silence installs nothing, because the list has not gone out with the notice that your policy wants.`,
        ]
      : []),
    ...(held > 0
      ? [
          `${countOf(held, 'patch', 'patches')}: silence installs nothing, because of what you said before. What you deferred waits for its day, what you rejected or asked about for your yes.`,
        ]
      : []),
    ...(standing > 0
      ? [`${countOf(standing, 'patch', 'patches')}: approved in advance by your policy.`]
      : []),
    ...(out > 0
      ? [`${countOf(out, 'patch', 'patches')}: kept out by your policy, whatever anybody says.`]
      : []),
  ];
  return (
    <>
      {awaited > 0 && (
        <Note
          tone="warn"
          title={`${countOf(awaited, 'patch needs', 'patches need')} your word before you can sign`}
        >
          <p>Nothing is taken from silence there. Approve, reject, defer, or ask about each of them.</p>
        </Note>
      )}
      {awaited === 0 && props.decided === 0 && (
        <Note tone="info" title="There is nothing to sign">
          <p>
            You have decided on no patch, and none needs your word. What is said here of silence holds without
            a signature. To say anything else, decide on one patch at least and come back.
          </p>
        </Note>
      )}
      {yes > 0 && (
        <Note tone="warn" title={`Silence means yes for ${countOf(yes, 'patch', 'patches')}`}>
          <p>
            You have said nothing on {yes === 1 ? 'it' : 'them'}. Your policy makes a yes of that:{' '}
            {yes === 1 ? 'it may be' : 'they may be'} installed from the cut-off on,{' '}
            {formatInstant(props.cutOffAt)}, unless an approver rejects, defers or asks before. Nothing is
            installed if the site wrote this list out later than it was made, with less notice than your
            policy wants.
          </p>
        </Note>
      )}
      {rest.length > 0 && (
        <Note tone="info" title="Also left undecided">
          <ul>
            {rest.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Note>
      )}
    </>
  );
}
