import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button as AriaButton, Tooltip, TooltipTrigger } from 'react-aria-components';
import { Ring } from './status.tsx';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onPress?: () => void;
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: LucideIcon;
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly type?: 'button' | 'submit';
  readonly keyHint?: string;
  readonly slot?: string | null;
  readonly autoFocus?: boolean;
}

/**
 * While it is busy it keeps the focus and does nothing. (The library's own pending state announces the button by its id,
 * which leads nowhere once a screen has moved on.)
 */
export function Button(props: ButtonProps) {
  const { icon: Icon, busy = false, kind = 'plain', type = 'button' } = props;
  return (
    <AriaButton
      className={`button button-${kind}${busy ? ' button-busy' : ''}`}
      type={busy ? 'button' : type}
      isDisabled={props.disabled === true}
      {...(props.slot === undefined ? {} : { slot: props.slot })}
      {...(props.autoFocus === true ? { autoFocus: true } : {})}
      {...(props.onPress === undefined || busy ? {} : { onPress: props.onPress })}
    >
      {busy ? <Ring progress={null} /> : Icon !== undefined && <Icon aria-hidden size={15} />}
      <span>{props.children}</span>
      {props.keyHint !== undefined && (
        <kbd className="key" aria-hidden>
          {props.keyHint}
        </kbd>
      )}
    </AriaButton>
  );
}

/** A button that is only an icon: named for a screen reader and by a tooltip. */
export function IconButton(props: {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly onPress: () => void;
  readonly pressed?: boolean;
}) {
  const { icon: Icon } = props;
  return (
    <TooltipTrigger delay={500}>
      <AriaButton
        className="icon-button"
        aria-label={props.label}
        onPress={props.onPress}
        {...(props.pressed === undefined ? {} : { 'aria-pressed': props.pressed })}
      >
        <Icon aria-hidden size={16} />
      </AriaButton>
      <Tooltip className="tooltip" offset={6}>
        {props.label}
      </Tooltip>
    </TooltipTrigger>
  );
}
