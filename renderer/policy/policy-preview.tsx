import type { PolicyTerms } from '../../contract/policies.ts';
import { Facts, type Fact } from '../components/facts.tsx';
import { Note } from '../components/notes.tsx';
import { changedTerms, sayPolicy } from '../format/policy.ts';
import { problemsOf, termsOfDraft, type PolicyDraft } from './policy-draft.ts';

/** The terms in sentences, as everybody will read them, and what they change: to be read before they are signed. */
export function PolicyPreview(props: {
  readonly draft: PolicyDraft;
  readonly now: number;
  /** `null`: no policy is known for the group, so opt-in with one approver holds. */
  readonly before: { readonly version: number; readonly terms: PolicyTerms } | null;
}) {
  const { draft, now, before } = props;
  const terms = termsOfDraft(draft, now);
  const changes = before === null ? [] : changedTerms(before.terms, terms, now);
  const everything = terms.standing.some(
    ({ match }) => match.kind === 'pattern' && /^\*+$/.test(match.value),
  );
  return (
    <>
      <section aria-label="What you sign">
        <h2>What you sign</h2>
        <Facts stacked facts={factsOfPolicy(terms, now)} />
        {everything && (
          <Note tone="warn" title="Everything is approved in advance">
            <p>The pattern * fits every name: nobody is asked any more until the day.</p>
          </Note>
        )}
      </section>
      <section aria-label="What changes">
        <h2>What changes</h2>
        {before === null ? (
          <p className="soft">
            No policy is known for this group. Until the first is in, nothing is installed without an explicit
            yes of one approver.
          </p>
        ) : changes.length === 0 ? (
          <p>Nothing, beside version {before.version}.</p>
        ) : (
          <>
            <p className="soft">Beside version {before.version}.</p>
            <dl className="term-changes">
              {changes.map(({ label, gone, come }) => (
                <div key={label}>
                  <dt>{label}</dt>
                  {gone.map((line) => (
                    <dd key={`-${line}`}>
                      <del>
                        <span className="unseen">Not any more: </span>
                        {line}
                      </del>
                    </dd>
                  ))}
                  {come.map((line) => (
                    <dd key={`+${line}`}>
                      <ins>
                        <span className="unseen">New: </span>
                        {line}
                      </ins>
                    </dd>
                  ))}
                </div>
              ))}
            </dl>
          </>
        )}
      </section>
    </>
  );
}

/** What keeps the terms from being signed, beside the signature. */
export function PolicyProblems(props: { readonly draft: PolicyDraft; readonly now: number }) {
  const problems = problemsOf(props.draft, props.now);
  if (problems.length === 0) return null;
  return (
    <Note tone="warn" title="Not ready to be signed">
      <ul>
        {problems.map((problem) => (
          <li key={problem}>{problem}</li>
        ))}
      </ul>
    </Note>
  );
}

/** Each term with its sentences. */
export function factsOfPolicy(terms: PolicyTerms, now: number): Fact[] {
  return sayPolicy(terms, now).map(({ label, lines }) => ({
    label,
    value:
      lines.length === 1 ? (
        lines[0]
      ) : (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      ),
  }));
}
