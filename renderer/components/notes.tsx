import { Check, CircleAlert, CircleX, Copy, Info, type LucideIcon } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import type { Failure } from '../../contract/errors.ts';
import { adviseOn, describeFailure, type FailureText } from '../format/failures.ts';
import type { Tone } from '../format/words.ts';
import { Button } from './button.tsx';

export function CopyButton(props: { readonly text: string; readonly children?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <Button
      kind="quiet"
      icon={copied ? Check : Copy}
      onPress={() => void navigator.clipboard.writeText(props.text).then(() => setCopied(true))}
    >
      {copied ? 'Copied' : (props.children ?? 'Copy')}
    </Button>
  );
}

/** What happened, to what, what to do now, the code, and a way to pass it on. */
export function FailureNote(props: {
  readonly failure: Failure;
  readonly what?: string;
  readonly action?: ReactNode;
}) {
  const { failure } = props;
  return (
    <FailureText
      failure={{ ...failure, hint: adviseOn(failure) }}
      {...(props.what === undefined ? {} : { what: props.what })}
      action={props.action}
    />
  );
}

/** The same for a failure that a record holds; it carries its own advice or none. */
export function FailureText(props: {
  readonly failure: FailureText;
  readonly what?: string;
  /** Of the outcome that it belongs to: a refusal is good news and must not look like a failure. */
  readonly tone?: Tone;
  readonly action?: ReactNode;
}) {
  const { failure } = props;
  const tone = props.tone ?? (failure.code.startsWith('POLICY_') ? 'info' : 'bad');
  return (
    <div className={`note tone-${tone}`} role="alert">
      {tone !== 'bad' ? <CircleAlert aria-hidden size={17} /> : <CircleX aria-hidden size={17} />}
      <div className="note-body">
        {props.what !== undefined && <p className="note-title">{props.what}</p>}
        <p>{failure.message}</p>
        {failure.hint !== undefined && failure.hint !== null && failure.hint !== '' && (
          <p>
            <strong>What to do: </strong>
            {failure.hint}
          </p>
        )}
        <div className="note-foot">
          <code>{failure.code}</code>
          {props.action}
          <CopyButton text={describeFailure(failure, Date.now())}>Copy details</CopyButton>
        </div>
      </div>
    </div>
  );
}

const NOTE_ICONS: Partial<Record<Tone, LucideIcon>> = { good: Check, warn: CircleAlert, bad: CircleX };

export function Note(props: {
  readonly tone: Tone;
  readonly title?: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly icon?: LucideIcon;
}) {
  const Icon = props.icon ?? NOTE_ICONS[props.tone] ?? Info;
  return (
    <div className={`note tone-${props.tone}`}>
      <Icon aria-hidden size={17} />
      <div className="note-body">
        {props.title !== undefined && <p className="note-title">{props.title}</p>}
        {props.children}
        {props.action !== undefined && <div className="note-foot">{props.action}</div>}
      </div>
    </div>
  );
}

/** An empty place says what belongs here and how it comes here. */
export function Empty(props: {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  const { icon: Icon } = props;
  return (
    <div className="empty">
      <Icon aria-hidden size={28} strokeWidth={1.5} />
      <p className="empty-title">{props.title}</p>
      {props.children !== undefined && <div className="empty-text">{props.children}</div>}
      {props.action !== undefined && <div className="empty-action">{props.action}</div>}
    </div>
  );
}

export function Loading(props: { readonly what: string }) {
  return (
    <p className="loading" role="status">
      Reading {props.what}…
    </p>
  );
}
