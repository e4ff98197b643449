import type { NoticeView } from './notices.ts';

/** Whom a notice is for: a person, for a customer where it has a name, or whoever answers for a party. */
export function sayRecipient({
  person,
  party,
  customer,
}: Pick<NoticeView, 'person' | 'party' | 'customer'>): string {
  const whose = customer === null || customer === '' ? null : customer;
  if (person === null) return whose ?? party;
  return whose === null ? person : `${person} (${whose})`;
}

/** What a notice needs for its sentence. */
export type SaidNotice = Pick<
  NoticeView,
  'letter' | 'person' | 'party' | 'maySignIn' | 'at' | 'told' | 'answer' | 'settledAt'
>;

/**
 * Whether and how somebody was asked or told, in one sentence for window, command line and print alike. Says plainly what did not happen.
 *
 * @param say how an instant is written
 */
export function sayNotice(notice: SaidNotice, say: (instant: string) => string): string {
  const asked = notice.letter === 'C';
  const how = sayTold(notice, say);
  if (!asked) return how;
  return `${how} ${sayAnswer(notice, say)}`;
}

function sayTold(
  { told, letter, person, maySignIn, at }: SaidNotice,
  say: (instant: string) => string,
): string {
  const done = letter === 'C' ? 'Asked' : 'Told';
  if (told === null) {
    const why =
      person === null
        ? 'nobody here stands for them: hand over a printed notice, or write a file'
        : maySignIn
          ? 'it waits for them in the window'
          : 'they do not sign in here: hand over a printed notice, or write a file';
    return `Not ${done.toLowerCase()} yet: noted ${say(at)}, ${why}.`;
  }
  if (told.by === 'answer') return `${done} before ${say(told.at)}: they have answered.`;
  const by = {
    'in-app': 'in the window',
    'printed-notice': `by a printed notice, handed to ${told.detail}`,
    'file-drop': `by a file, ${told.detail}`,
  }[told.by];
  return `${done} ${say(told.at)} ${by}.`;
}

function sayAnswer({ answer, settledAt }: SaidNotice, say: (instant: string) => string): string {
  if (answer === null) {
    return settledAt === null ? 'No answer yet.' : `Did not answer before it was settled ${say(settledAt)}.`;
  }
  const said = answer.answer === 'no-objection' ? 'No objection' : `Remark: ${answer.remark}`;
  const writer = answer.onBehalf ? `, written down by ${answer.by}` : '';
  const isLate = settledAt !== null && Date.parse(answer.at) > Date.parse(settledAt);
  return `${said} (${say(answer.at)}${writer}${isLate ? ', after it was settled' : ''}).`;
}
