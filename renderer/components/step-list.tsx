import { CircleCheck, CircleX, Circle, CircleMinus, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import type { OperationStep } from '../../contract/site.ts';
import { countOf, formatBytes, formatCount } from '../format/figures.ts';
import { Ring } from './status.tsx';

export type StepState = OperationStep['state'];

export interface ListedStep {
  readonly id: string;
  readonly title: string;
  readonly state: StepState;
  /** What it does, or what came of it. */
  readonly detail: ReactNode;
  /** 0..1 while it runs and can be known. */
  readonly progress?: number | null;
  /** How long it took, ms. */
  readonly took?: number | null;
}

const WORDS: Readonly<Record<StepState, string>> = {
  waiting: 'to come',
  running: 'under way',
  done: 'passed',
  failed: 'failed',
  skipped: 'not done',
};
const ICONS: Readonly<Record<Exclude<StepState, 'running'>, LucideIcon>> = {
  waiting: Circle,
  done: CircleCheck,
  failed: CircleX,
  skipped: CircleMinus,
};

/** Parts of one work in their order, each with its mark, its figure and its time. */
export function StepList(props: { readonly label: string; readonly steps: readonly ListedStep[] }) {
  return (
    <ol className="step-list" aria-label={props.label}>
      {props.steps.map((step) => (
        <li
          key={step.id}
          className={`step-item step-item-${step.state}`}
          {...(step.state === 'running' ? { 'aria-current': 'step' as const } : {})}
        >
          <span className="step-icon">
            <StepIcon state={step.state} progress={step.progress ?? null} />
          </span>
          <div className="step-line">
            <strong>
              {step.title}
              <span className="unseen">, {WORDS[step.state]}</span>
            </strong>
            {step.took !== undefined && step.took !== null && (
              <span className="step-time">{formatTook(step.took)}</span>
            )}
          </div>
          <div className="step-detail">{step.detail}</div>
        </li>
      ))}
    </ol>
  );
}

function StepIcon(props: { readonly state: StepState; readonly progress: number | null }) {
  if (props.state === 'running') return <Ring progress={props.progress} size={18} />;
  const Icon = ICONS[props.state];
  return <Icon aria-hidden size={18} />;
}

/** `38 ms`, `4.2 s`, `3 min 12 s`: short, for a column. */
export function formatTook(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
}

export interface StepWords {
  readonly title: string;
  /** What it does, while there is no figure. */
  readonly about: string;
  /** Singular and plural of what is counted. */
  readonly counts?: readonly [string, string];
}

/** What the engine says of a part of an operation, as one line of the list. */
export function listStep(step: OperationStep, words: StepWords, now: number): ListedStep {
  const amount = amountOf(step, words);
  const said = [step.figure, amount].filter((text) => text !== '').join(', ');
  const started = step.startedAt === null ? null : Date.parse(step.startedAt);
  const ended = step.endedAt === null ? null : Date.parse(step.endedAt);
  return {
    id: step.id,
    title: words.title,
    state: step.state,
    detail: step.state === 'waiting' || said === '' ? words.about : said,
    progress: step.total > 0 ? step.done / step.total : null,
    took:
      started === null || step.state === 'skipped'
        ? null
        : ended !== null
          ? ended - started
          : now - started >= 1_000
            ? now - started
            : null,
  };
}

/** How far it is, or how much it was: not said of a single thing, nor where a figure says more. */
function amountOf({ done, total, unit, state, figure }: OperationStep, { counts }: StepWords): string {
  const write = unit === 'bytes' ? formatBytes : formatCount;
  if (total <= 0 || (unit === 'items' && (total === 1 || (state !== 'running' && figure !== '')))) return '';
  if (done < total) return `${write(done)} of ${write(total)}`;
  return unit === 'items' && counts !== undefined ? countOf(total, ...counts) : write(total);
}
