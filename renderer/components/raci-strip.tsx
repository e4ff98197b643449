import { useEffect, useState } from 'react';
import type { Failure } from '../../contract/errors.ts';
import type { RaciAbout, RaciView } from '../../contract/raci.ts';
import { LETTER_WORDS, PARTY_WORDS, RACI_ELEMENT_WORDS } from '../format/raci.ts';
import { useApplication } from '../stores/context.tsx';
import { FailureNote } from './notes.tsx';

/**
 * Who does, answers for, is asked about and is told of what is on the screen, and who has to act next.
 *
 * @param props.stamp anything that changes when the answer may have changed: a status, a step
 */
export function RaciStrip(props: { readonly about: RaciAbout; readonly stamp: string }) {
  const { raci } = useApplication();
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
  }, [raci, key, stamp]);
  if (read?.key !== key) return null;
  if (read.failure !== null) return <FailureNote failure={read.failure} what="Who answers for this" />;
  return read.view === null ? null : <Strip view={read.view} />;
}

function Strip({ view }: { readonly view: RaciView }) {
  const { ball } = view;
  return (
    <section className="raci" aria-label="Who answers for this">
      <p className="raci-ball">
        <strong>{RACI_ELEMENT_WORDS[view.element]}.</strong>{' '}
        {ball === null ? (
          'Nobody has to act.'
        ) : (
          <>
            Next: <strong>{ball.persons.length === 0 ? 'nobody here' : ball.persons.join(', ')}</strong> (
            {PARTY_WORDS[ball.party]}). {ball.task}
          </>
        )}
      </p>
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
      {view.singleOperator && <p className="small">One person both asks and answers here.</p>}
    </section>
  );
}
