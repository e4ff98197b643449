import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { SINGLE_OPERATOR } from '../../contract/declaration.ts';
import type { Failure } from '../../contract/errors.ts';
import { sayNotice } from '../../contract/notice-words.ts';
import type { NoticeView } from '../../contract/notices.ts';
import type { RaciAbout, RaciView } from '../../contract/raci.ts';
import { formatInstant } from '../format/dates.ts';
import { recipientOf } from '../format/notices.ts';
import { LETTER_WORDS, PARTY_WORDS, RACI_ELEMENT_WORDS } from '../format/raci.ts';
import { useApplication } from '../stores/context.tsx';
import { AnswerDialog } from './answer-dialog.tsx';
import { Button } from './button.tsx';
import { FailureNote } from './notes.tsx';

/**
 * Who does, answers for, is asked about and is told of what is on the screen, and who has to act next.
 *
 * @param props.compact one line that opens, where the screen is a list
 * @param props.stamp anything that changes when the answer may have changed: a status, a step
 */
export function RaciStrip(props: {
  readonly about: RaciAbout;
  readonly stamp: string;
  readonly compact?: boolean;
}) {
  const { raci, notices } = useApplication();
  // Somebody saw it, answered, or was told on paper.
  const told = useStore(notices, (state) => state.changes);
  const { about, stamp } = props;
  const key = JSON.stringify(about);
  const [read, setRead] = useState<{ key: string; view: RaciView | null; failure: Failure | null } | null>(
    null,
  );
  useEffect(() => {
    let isWanted = true;
    void raci
      .getState()
      .read(JSON.parse(key) as RaciAbout)
      .then((reply) => {
        if (!isWanted) return;
        setRead(
          reply.ok ? { key, view: reply.value, failure: null } : { key, view: null, failure: reply.failure },
        );
      });
    return () => {
      isWanted = false;
    };
  }, [raci, key, stamp, told]);
  if (read?.key !== key) return null;
  if (read.failure !== null) return <FailureNote failure={read.failure} what="Who answers for this" />;
  return read.view === null ? null : <Strip view={read.view} compact={props.compact === true} />;
}

function Strip({ view, compact }: { readonly view: RaciView; readonly compact: boolean }) {
  const { ball } = view;
  const next = (
    <>
      <strong>{RACI_ELEMENT_WORDS[view.element]}.</strong>{' '}
      {ball === null ? (
        'Nobody has to act.'
      ) : (
        <>
          Next: <strong>{ball.persons.length === 0 ? 'nobody here' : ball.persons.join(', ')}</strong> (
          {PARTY_WORDS[ball.party]}). {ball.task}
        </>
      )}
    </>
  );
  const more = (
    <>
      <dl className="raci-letters">
        {view.parties.flatMap(({ party, holders }) =>
          holders.map(({ letter, persons }) => (
            <div key={`${party}${letter}`} className="raci-letter">
              <dt>
                <b>{letter}</b> {PARTY_WORDS[party]} {LETTER_WORDS[letter]}
              </dt>
              <dd>{persons.length === 0 ? 'Nobody here' : persons.join(', ')}</dd>
            </div>
          )),
        )}
      </dl>
      <StripNotices notices={view.notices} />
      {view.singleOperator && <p className="small">{SINGLE_OPERATOR}</p>}
    </>
  );
  if (!compact) {
    return (
      <section className="raci" aria-label="Who answers for this">
        <p className="raci-ball">{next}</p>
        {more}
      </section>
    );
  }
  return (
    <details className="raci raci-compact">
      <summary className="raci-ball">{next}</summary>
      {more}
    </details>
  );
}

/** That C was asked and I was told, how and when; and what C said. Who is asked themselves answers here. */
function StripNotices({ notices }: { readonly notices: readonly NoticeView[] }) {
  const { session } = useApplication();
  const me = useStore(session, (state) => state.site.value?.signedIn?.name ?? null);
  const [answering, setAnswering] = useState<NoticeView | null>(null);
  if (notices.length === 0) return null;
  return (
    <ul className="raci-notices">
      {notices.map((notice) => (
        <li key={notice.id}>
          <span>
            <b>{notice.letter}</b> {recipientOf(notice)}: {notice.text}{' '}
            <span className="soft">{sayNotice(notice, formatInstant)}</span>
          </span>
          {notice.letter === 'C' && notice.person === me && notice.answer === null && (
            <Button onPress={() => setAnswering(notice)}>
              Answer<span className="unseen"> {notice.text}</span>
            </Button>
          )}
        </li>
      ))}
      {answering !== null && (
        <AnswerDialog ids={[answering.id]} text={answering.text} onClose={() => setAnswering(null)} />
      )}
    </ul>
  );
}
