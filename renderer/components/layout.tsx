import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { formatCount } from '../format/figures.ts';
import { IconButton } from './button.tsx';

/** The head of a screen: its name, one line of what there is, and what can be done. */
export function ScreenHead(props: {
  readonly title: string;
  readonly count?: number;
  readonly summary?: ReactNode;
  readonly actions?: ReactNode;
}) {
  return (
    <header className="screen-head">
      <div>
        <h1>
          {props.title}
          {props.count !== undefined && <span className="screen-count">{formatCount(props.count)}</span>}
        </h1>
        {props.summary !== undefined && <div className="screen-summary">{props.summary}</div>}
      </div>
      {props.actions !== undefined && <div className="actions">{props.actions}</div>}
    </header>
  );
}

/** The detail beside the master. */
export function Panel(props: {
  readonly label: string;
  readonly title: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly onClose?: () => void;
  readonly children: ReactNode;
}) {
  return (
    <aside className="panel" aria-label={props.label}>
      <header className="panel-head">
        <div className="panel-titles">
          <h2>{props.title}</h2>
          {props.subtitle !== undefined && <p>{props.subtitle}</p>}
        </div>
        <div className="actions">
          {props.actions}
          {props.onClose !== undefined && (
            <IconButton label="Close the side panel" icon={X} onPress={props.onClose} />
          )}
        </div>
      </header>
      <div className="panel-body">{props.children}</div>
    </aside>
  );
}
