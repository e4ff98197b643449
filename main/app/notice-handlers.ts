import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError } from '../../contract/errors.ts';
import type { NoticePage, NoticeView } from '../../contract/notices.ts';
import type { NoticeEntryRow, ReadNotice } from '../catalogue/notice-store.ts';
import { canonicalJson } from '../core/plan.ts';
import { writeNewFile } from '../review/review-files.ts';
import type { Handlers } from './dispatch.ts';
import { myDesk } from './my-desk.ts';
import { pagesOf, presentNotices } from './present-notices.ts';
import type { CallContext, Services } from './services.ts';

type NoticeHandlers = Pick<
  Handlers,
  | 'notices.list'
  | 'notices.mine'
  | 'notices.see'
  | 'notices.answer'
  | 'notices.print'
  | 'notices.record'
  | 'notices.drop'
>;

/** Who was asked and told, how, and what they said. */
export const noticeHandlers: NoticeHandlers = {
  'notices.list': ({ about, only, limit }, { services }) =>
    presentNotices(
      services,
      services.notices.list({
        limit,
        ...(about === null ? {} : { subject: { subject: about.kind, id: about.id } }),
        ...(only === 'all' ? {} : { only }),
      }),
    ),
  'notices.mine': (_input, context) => myDesk(context),
  'notices.see': ({ ids }, context) => {
    const { services } = context;
    const { id: by } = context.person();
    const own = find(services, ids).filter((notice) => notice.personId === by);
    const entries = services.notices.entriesOf(own.map(({ id }) => id));
    const unseen = own.filter(({ id }) => entries.get(id)?.some(({ kind }) => kind === 'seen') !== true);
    if (unseen.length === 0) return { seen: 0 };
    enter(context, unseen, { kind: 'seen' });
    return { seen: unseen.length };
  },
  'notices.answer': ({ ids, answer, remark, onBehalf }, context) => {
    const { services } = context;
    const person = context.person();
    const notices = require(services, ids);
    if (answer === 'remark' && remark === '') {
      throw new ContractError('CONTRACT_INPUT_INVALID', 'A remark needs words.', {
        hint: 'Say what you think, or that you have no objection.',
      });
    }
    if (notices.some(({ letter }) => letter !== 'C')) {
      throw new ContractError('CONTRACT_CONFLICT', 'One of these only tells something: it asks nothing.', {
        hint: 'Answer those with the letter C.',
      });
    }
    const isOthers = notices.some(({ personId }) => personId !== person.id);
    const mayRecord = person.roles.some((role) => role === 'engineer' || role === 'service-manager');
    if (isOthers && !(onBehalf && mayRecord)) {
      throw new ContractError('CONTRACT_FORBIDDEN', 'This was asked of somebody else.', {
        hint: 'An engineer or a service manager can write down what they said, and says so.',
      });
    }
    enter(context, notices, { kind: 'answered', answer, remark });
    return read(services, ids);
  },
  'notices.print': ({ ids }, context) => {
    const { services } = context;
    const notices = require(services, ids);
    const pages = pagesOf(services, notices, context.person().name);
    enter(context, notices, { kind: 'printed' });
    return pages.map(({ page }) => page);
  },
  'notices.record': ({ ids, to, at }, context) => {
    const { services } = context;
    const notices = require(services, ids);
    if (Date.parse(at) > Date.parse(services.now())) {
      throw new ContractError('CONTRACT_INPUT_INVALID', 'It cannot have been handed over in the future.', {
        hint: 'Give the time at which it was handed over.',
      });
    }
    if (notices.some((notice) => Date.parse(notice.occasion.at) > Date.parse(at))) {
      throw new ContractError(
        'CONTRACT_INPUT_INVALID',
        'It was handed over before there was anything to say.',
        {
          hint: 'Give the time at which it was handed over.',
        },
      );
    }
    enter(context, notices, { kind: 'handed-over', recipient: to, at });
    return read(services, ids);
  },
  'notices.drop': ({ ids, folder, format }, context) => {
    const { services } = context;
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new ContractError('CONTRACT_NOT_FOUND', `${folder} is no folder.`, {
        hint: 'Choose a folder on the medium.',
        subject: { folder },
      });
    }
    const pages = pagesOf(services, require(services, ids), context.person().name);
    return pages.map(({ page, notices }) => {
      const text = format === 'json' ? `${canonicalJson(toJson(page))}\n` : page.text;
      const sha256 = createHash('sha256').update(text).digest('hex');
      const file = join(folder, dropName(page, sha256, format === 'json' ? 'json' : 'txt'));
      writeNewFile(file, text);
      enter(context, notices, { kind: 'dropped', file, sha256 });
      return { file, sha256, to: page.to, notices: notices.length };
    });
  },
};

const toJson = ({ text: _text, ...page }: NoticePage) => ({ format: 'sallyport-notice/1', ...page });

/** `sallyport-notice-northfield-grace-lindqvist-20261124-1a2b3c4d.txt`: nothing of a person's name but letters and digits. */
function dropName(page: { site: string; to: string; made: string }, sha256: string, ext: string): string {
  const plain = (text: string): string =>
    text
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase()
      .slice(0, 40);
  const parts = [
    'sallyport-notice',
    plain(page.site),
    plain(page.to),
    page.made.slice(0, 10),
    sha256.slice(0, 8),
  ];
  return `${parts.filter((part) => part !== '').join('-')}.${ext}`;
}

const MOST = 5_000;

const find = (services: Services, ids: readonly string[]): readonly ReadNotice[] =>
  services.notices.list({ ids, limit: MOST });

/** @throws ContractError CONTRACT_NOT_FOUND */
function require(services: Services, ids: readonly string[]): readonly ReadNotice[] {
  const found = find(services, ids);
  if (found.length === new Set(ids).size) return found;
  throw new ContractError('CONTRACT_NOT_FOUND', 'One of these notices is not here.', {
    hint: 'Look at the list of notices.',
  });
}

const read = (services: Services, ids: readonly string[]): NoticeView[] =>
  presentNotices(services, find(services, ids));

type NewEntry = Pick<NoticeEntryRow, 'kind'> & Partial<Omit<NoticeEntryRow, 'noticeId' | 'kind'>>;

/** The same entry for each of these notices, with one entry in the audit trail. */
function enter(context: CallContext, notices: readonly ReadNotice[], entry: NewEntry): void {
  const { services } = context;
  const recordedAt = services.now();
  const { id: by } = context.person();
  const [first] = notices;
  context.commit(
    {
      ...{ notices: String(notices.length), first: first?.id ?? '', what: entry.kind },
      ...(typeof entry.recipient === 'string' ? { to: entry.recipient } : {}),
      ...(typeof entry.file === 'string' ? { file: entry.file, sha256: entry.sha256 ?? '' } : {}),
      ...(typeof entry.answer === 'string' ? { answer: entry.answer } : {}),
    },
    () => {
      for (const notice of notices) {
        services.notices.insertEntry({
          ...{
            noticeId: notice.id,
            at: recordedAt,
            recordedAt,
            by,
            recipient: null,
            file: null,
            sha256: null,
          },
          ...{ answer: null, remark: null },
          ...entry,
        });
      }
    },
  );
  services.publish({ kind: 'changed', area: 'notices', id: null });
}
