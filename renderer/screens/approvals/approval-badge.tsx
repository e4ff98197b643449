import { Ban, CircleCheck, CircleX, Clock, Hourglass, Play, type LucideIcon } from 'lucide-react';
import type { ApprovalStatus } from '../../../contract/vocabulary.ts';
import { APPROVAL_STATES } from '../../format/words.ts';

const ICONS: Readonly<Record<ApprovalStatus, LucideIcon>> = {
  requested: Clock,
  granted: CircleCheck,
  rejected: CircleX,
  withdrawn: Ban,
  expired: Hourglass,
  used: Play,
};

export function ApprovalBadge(props: { readonly status: ApprovalStatus }) {
  const { word, tone } = APPROVAL_STATES[props.status];
  const Icon = ICONS[props.status];
  return (
    <span className={`status tone-${tone}`}>
      <Icon aria-hidden size={14} />
      {word}
    </span>
  );
}
