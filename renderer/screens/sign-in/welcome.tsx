import type { ReactNode } from 'react';

/** The page before the frame: who we are, on which site, and one thing to do. */
export function Welcome(props: {
  readonly marking: string | null;
  readonly title: string;
  readonly lead: string;
  readonly children: ReactNode;
}) {
  return (
    <div className="welcome">
      <div className="band" role="banner">
        <span />
        <strong className="band-marking">{props.marking ?? ''}</strong>
        <span />
      </div>
      <main className="welcome-main">
        <div className="welcome-card">
          <Mark />
          <h1>{props.title}</h1>
          <p className="welcome-lead">{props.lead}</p>
          {props.children}
        </div>
      </main>
    </div>
  );
}

/** A gate in a wall. */
function Mark() {
  return (
    <div className="mark">
      <svg width="34" height="34" viewBox="0 0 34 34" aria-hidden>
        <path className="mark-wall" d="M2 31V7h5v4h4V7h5v4h2V7h5v4h4V7h5v24z" />
        <path className="mark-gate" d="M11 31v-8a6 6 0 0 1 12 0v8z" />
      </svg>
      <span>Sallyport</span>
    </div>
  );
}
