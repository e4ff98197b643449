import {
  CircleCheck,
  CircleQuestionMark,
  CircleX,
  Clock,
  Hand,
  Minus,
  Shield,
  Undo2,
  type LucideIcon,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { TaskStatus } from '../../contract/vocabulary.ts';
import { TASK_STATES, type Tone } from '../format/words.ts';
import { formatCount } from '../format/figures.ts';

const ICONS: Readonly<Record<Exclude<TaskStatus, 'running'>, LucideIcon>> = {
  succeeded: CircleCheck,
  restored: Undo2,
  refused: Shield,
  unproven: CircleQuestionMark,
  'needs-attention': Hand,
  failed: CircleX,
  skipped: Minus,
  waiting: Clock,
};

/** A ring that fills; turns where nobody can know how far it is. */
export function Ring(props: { readonly progress: number | null; readonly size?: number }) {
  const size = props.size ?? 15;
  const radius = 6;
  const length = 2 * Math.PI * radius;
  const share = props.progress ?? 0.3;
  return (
    <svg
      className={props.progress === null ? 'ring ring-turning' : 'ring'}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden
    >
      <circle className="ring-track" cx="8" cy="8" r={radius} />
      <circle
        className="ring-done"
        cx="8"
        cy="8"
        r={radius}
        strokeDasharray={`${length * share} ${length}`}
        transform="rotate(-90 8 8)"
      />
    </svg>
  );
}

export function StatusIcon(props: {
  readonly state: TaskStatus;
  readonly progress?: number | null;
  readonly size?: number;
}) {
  const size = props.size ?? 15;
  if (props.state === 'running') return <Ring progress={props.progress ?? null} size={size} />;
  const Icon = ICONS[props.state];
  return <Icon aria-hidden size={size} />;
}

/** One word, one icon, one colour. */
export function Status(props: {
  readonly state: TaskStatus;
  readonly progress?: number | null;
  readonly count?: number;
  readonly strong?: boolean;
}) {
  const { word, tone } = TASK_STATES[props.state];
  return (
    <span className={`status tone-${tone}${props.strong === true ? ' status-strong' : ''}`}>
      <StatusIcon
        state={props.state}
        {...(props.progress === undefined ? {} : { progress: props.progress })}
      />
      <span>{props.count === undefined ? word : `${formatCount(props.count)} ${word.toLowerCase()}`}</span>
    </span>
  );
}

/** A word on a tinted ground. */
export function Badge(props: {
  readonly tone: Tone;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}) {
  const { icon: Icon } = props;
  return (
    <span className={`badge tone-${props.tone}`}>
      {Icon !== undefined && <Icon aria-hidden size={13} />}
      {props.children}
    </span>
  );
}
