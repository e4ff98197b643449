import { sayNotice, sayRecipient } from '../../../contract/notice-words.ts';
import type { MyDesk, NoticeView } from '../../../contract/notices.ts';
import type { Client } from '../client.ts';
import { defineCommand } from '../command.ts';
import { count, formatInstant, formatTable, printable, shortId } from '../format.ts';
import type { Input } from '../input.ts';
import { pickOne } from '../pick.ts';
import { usageError } from '../usage.ts';

const NOTICES = {
  name: 'notice',
  about: 'ids, or their beginnings; none with --untold',
  optional: true,
  many: true,
} as const;
const UNTOLD = { flags: '--untold', about: 'everything that somebody was not told yet' } as const;

/** Of so many notices a command takes word at once. */
const AT_ONCE = 5_000;

/** Who was asked and told of what, and how. */
export const noticeCommands = [
  defineCommand({
    noun: 'notice',
    verb: 'list',
    about: 'list who was asked (C) and told (I) of what, how, and what they said; newest first',
    options: [
      UNTOLD,
      { flags: '--unanswered', about: 'those who were asked and gave no answer' },
      { flags: '--most <number>', about: 'at most so many (500 when absent)', whole: true },
    ],
    access: 'person',
    channels: ['notices.list'],
    run: async ({ client, input }) => {
      const only = input.flag('untold') ? 'untold' : input.flag('unanswered') ? 'unanswered' : 'all';
      const list = await client.invoke('notices.list', { only, limit: input.whole('most') ?? 500 });
      return { value: list, text: tableOf(list, 'There is no notice.') };
    },
  }),
  defineCommand({
    noun: 'notice',
    verb: 'mine',
    about: 'show what waits for you: to move on, to answer, to know; what is shown counts as seen',
    access: 'person',
    channels: ['notices.mine', 'notices.see'],
    run: async ({ client }) => {
      const desk = await client.invoke('notices.mine', {});
      const unseen = [...desk.asked, ...desk.told].filter((item) => item.isNew).flatMap((item) => item.ids);
      for (let from = 0; from < unseen.length; from += AT_ONCE)
        await client.invoke('notices.see', { ids: unseen.slice(from, from + AT_ONCE) });
      return { value: desk, text: textOf(desk) };
    },
  }),
  defineCommand({
    noun: 'notice',
    verb: 'answer',
    about: 'answer what you were asked, or write down what somebody else said',
    arguments: [{ name: 'notice', about: 'ids, or their beginnings', many: true }],
    options: [
      { flags: '--no-objection', about: 'you have no objection' },
      { flags: '--remark <text>', about: 'what you have to say' },
      {
        flags: '--on-behalf',
        about: 'they said it elsewhere: an engineer or a service manager writes it down',
      },
    ],
    access: 'person',
    channels: ['notices.list', 'notices.answer'],
    run: async ({ client, input }) => {
      const remark = input.maybe('remark');
      // commander takes --no-objection for the opposite of an option --objection: absent means true.
      const isFine = input.said('objection') === false;
      if (isFine === (remark !== undefined))
        throw usageError('Say one thing.', 'Either --no-objection or --remark.');
      const answered = await client.invoke('notices.answer', {
        ids: await pickNotices(client, input),
        answer: isFine ? 'no-objection' : 'remark',
        ...(remark === undefined ? {} : { remark }),
        onBehalf: input.flag('onBehalf'),
      });
      return { value: answered, text: tableOf(answered, '') };
    },
  }),
  defineCommand({
    noun: 'notice',
    verb: 'print',
    about: 'write notices for printing, one page for each person; handing them over is recorded apart',
    arguments: [NOTICES],
    options: [UNTOLD],
    access: 'person',
    channels: ['notices.list', 'notices.print'],
    run: async ({ client, input }) => {
      const pages = await client.invoke('notices.print', { ids: await pickNotices(client, input) });
      return { value: pages, text: pages.map((page) => page.text).join('\f') };
    },
  }),
  defineCommand({
    noun: 'notice',
    verb: 'record',
    about: 'record that printed notices were handed over',
    arguments: [{ name: 'notice', about: 'ids, or their beginnings', many: true }],
    options: [
      { flags: '--to <name>', about: 'who took them', required: true },
      { flags: '--at <instant>', about: 'when (ISO 8601, UTC); now when absent' },
    ],
    access: 'person',
    channels: ['notices.list', 'notices.record'],
    run: async ({ client, input, world }) => {
      const recorded = await client.invoke('notices.record', {
        ids: await pickNotices(client, input),
        to: input.text('to'),
        at: input.maybe('at') ?? world.now(),
      });
      return { value: recorded, text: tableOf(recorded, '') };
    },
  }),
  defineCommand({
    noun: 'notice',
    verb: 'drop',
    about: 'write notices as files into a folder, one for each person, and keep their SHA-256',
    arguments: [NOTICES],
    options: [
      UNTOLD,
      { flags: '--to <folder>', about: 'a folder, as a rule on a medium', required: true },
      { flags: '--as-json', about: 'for programs; else text for people' },
    ],
    access: 'person',
    channels: ['notices.list', 'notices.drop'],
    run: async ({ client, input }) => {
      const files = await client.invoke('notices.drop', {
        ids: await pickNotices(client, input),
        folder: input.text('to'),
        format: input.flag('asJson') ? 'json' : 'text',
      });
      const text = files
        .map(
          (file) =>
            `${printable(file.file)}\n  for ${printable(file.to)}: ${count(file.notices, 'notice')}, SHA-256 ${file.sha256}`,
        )
        .join('\n');
      return { value: files, text };
    },
  }),
];

const whoseOf = ({ customer }: MyDesk['asked'][number]): string =>
  customer === null || customer === '' ? '' : `${customer}, `;

/** @throws CONTRACT_INPUT_INVALID when nothing was named */
async function pickNotices(client: Client<'notices.list'>, input: Input): Promise<string[]> {
  const named = input.list('notice');
  if (named.length === 0 && !input.flag('untold'))
    throw usageError('Which notices?', 'Name them, or see `sallyport notice list`.');
  const only = input.flag('untold') ? 'untold' : 'all';
  const list = await client.invoke('notices.list', { only, limit: 5_000 });
  if (named.length === 0) {
    if (list.length === 0) throw usageError('Everybody was told of everything.', 'There is nothing to do.');
    return list.map(({ id }) => id);
  }
  const ids = list.map(({ id }) => ({ id }));
  return [...new Set(named.map((text) => pickOne(ids, text, 'notice').id))];
}

function tableOf(list: readonly NoticeView[], whenEmpty: string): string {
  return formatTable(
    list,
    [
      { title: 'NOTICE', cell: (row) => shortId(row.id) },
      { title: 'TO', cell: sayRecipient },
      { title: 'LETTER', cell: (row) => row.letter },
      { title: 'ELEMENT', cell: (row) => row.element },
      { title: 'WHAT', cell: (row) => row.text },
      { title: 'HOW', cell: (row) => sayNotice(row, formatInstant) },
    ],
    whenEmpty,
  );
}

function textOf(desk: MyDesk): string {
  const part = (title: string, lines: readonly string[], none: string): string =>
    [title, ...(lines.length === 0 ? [`  ${none}`] : lines.map((line) => `  ${printable(line)}`))].join('\n');
  const named = (item: MyDesk['asked'][number]): string =>
    `${shortId(item.ids[0] ?? '')}  ${item.isNew ? 'new  ' : ''}${item.text} (${whoseOf(item)}${formatInstant(item.at)})`;
  return [
    part(
      'You have to act:',
      desk.holds.map((item) => `${item.letters.join('/') || '-'}  ${item.task} ${item.detail}`),
      'nothing',
    ),
    part('You are asked:', desk.asked.map(named), 'nothing'),
    part('You should know:', desk.told.map(named), 'nothing new'),
  ].join('\n\n');
}
