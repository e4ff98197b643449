import type { QueueItem as ReviewItem } from '../../../contract/queue.ts';
import { formatAge, formatDuration } from '../../format/dates.ts';
import { countOf, formatCount } from '../../format/figures.ts';
import type { QueueItem } from '../../stores/approvals-store.ts';
import { ApprovalBadge } from './approval-badge.tsx';

/** The clock of the list moves by the minute: what came since is no thing of the future. */
const since = (at: string, now: number): number => Math.max(now, Date.parse(at));

/** One line of the queue: who asks for how much, and how it stands. */
export function QueueLine(props: {
  readonly item: QueueItem;
  readonly list: ReviewItem | null;
  readonly now: number;
}) {
  const { item, list, now } = props;
  if (item.kind === 'plan') {
    return (
      <>
        <div className="object-line">
          <strong>{item.plan.createdBy}</strong>
          <span className="soft">{formatAge(item.plan.createdAt, since(item.plan.createdAt, now))}</span>
        </div>
        <div className="object-line">
          <span>
            {countOf(item.plan.packages, 'package')} on {countOf(item.plan.endpoints, 'endpoint')}
          </span>
        </div>
      </>
    );
  }
  const { approval } = item;
  return (
    <>
      <div className="object-line">
        <strong>{approval.requestedBy}</strong>
        <span className="soft">{formatAge(approval.requestedAt, since(approval.requestedAt, now))}</span>
      </div>
      <div className="object-line">
        <span>
          {countOf(approval.packages, 'package')} on {countOf(approval.endpoints, 'endpoint')}
        </span>
      </div>
      {approval.status === 'requested' &&
        (list === null ? (
          <div className="object-line soft">No list yet</div>
        ) : (
          <ListLine list={list} now={now} />
        ))}
      <div className="object-line soft">
        <span>{approval.cves === 0 ? 'No CVE named' : countOf(approval.cves, 'CVE')}</span>
        {approval.status === 'requested' ? (
          approval.mayDecide && <span className="object-mine">Yours to decide</span>
        ) : (
          <ApprovalBadge status={approval.status} />
        )}
      </div>
    </>
  );
}

/** Until when the list can be decided, and how many have. */
function ListLine(props: { readonly list: ReviewItem; readonly now: number }) {
  const { list, now } = props;
  const left = list.cutOffAt === null ? 0 : Date.parse(list.cutOffAt) - now;
  return (
    <div className="object-line">
      <span className={left <= 0 ? 'tone-bad' : left < 86_400_000 ? 'tone-warn' : 'tone-accent'}>
        {left <= 0 ? 'Cut-off passed' : `${formatDuration(left)} left`}
      </span>
      <span className="soft">
        {formatCount(list.answeredBy.length)} of {formatCount(list.approvers)} answered
      </span>
    </div>
  );
}
