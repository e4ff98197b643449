import { ArrowLeft, MailCheck, Printer } from 'lucide-react';
import type { NoticePage } from '../../../contract/notices.ts';
import { Button } from '../../components/button.tsx';
import { ScreenHead } from '../../components/layout.tsx';
import { formatInstant } from '../../format/dates.ts';
import { countOf } from '../../format/figures.ts';
import { PARTY_WORDS, RACI_ELEMENT_WORDS } from '../../format/raci.ts';

/** Pages to print, one for each person, with the marking and what a site with one operator declares. */
export function NoticePages(props: {
  readonly pages: readonly NoticePage[];
  readonly onHandedOver: () => void;
  readonly onClose: () => void;
}) {
  return (
    <div className="master">
      <div className="no-print">
        <ScreenHead
          title="Notices to print"
          summary={`${countOf(props.pages.length, 'page')}. A page counts as told once it was handed over.`}
          actions={
            <>
              <Button kind="primary" icon={Printer} onPress={() => window.print()}>
                Print
              </Button>
              <Button icon={MailCheck} onPress={props.onHandedOver}>
                They were handed over
              </Button>
              <Button icon={ArrowLeft} onPress={props.onClose}>
                Back to the notices
              </Button>
            </>
          }
        />
      </div>
      <div className="scroll cards" role="region" aria-label="Pages" tabIndex={0}>
        {props.pages.map((page) => (
          <article
            className="card-page"
            key={JSON.stringify([page.to, page.party, page.customer])}
            aria-label={`Notice to ${page.to}${whoseOf(page)}`}
          >
            <Marking marking={page.marking} />
            <h2>Notice to {page.to}</h2>
            <p>
              From {page.site}, for the {PARTY_WORDS[page.party]}
              {whoseOf(page)}. Made {formatInstant(page.made)} by {page.by}.
            </p>
            {page.declaration !== null && (
              <p>
                <strong>{page.declaration}</strong>
              </p>
            )}
            <Items page={page} letter="C" title="You are asked what you think of this" />
            {page.items.some((item) => item.letter === 'C') && (
              <>
                <p>Tick one: ☐ no objection &nbsp; ☐ a remark:</p>
                <div className="card-line" />
                <p>Name, date and signature:</p>
                <div className="card-line" />
              </>
            )}
            <Items page={page} letter="I" title="You should know" />
            <Marking marking={page.marking} />
          </article>
        ))}
      </div>
    </div>
  );
}

/** Which customer's people a page is for, where it has a name. */
const whoseOf = ({ customer }: NoticePage): string =>
  customer === null || customer === '' ? '' : `, ${customer}`;

function Marking(props: { readonly marking: string }) {
  return (
    <p className="enrolment-marking">{props.marking === '' ? 'NO PROTECTIVE MARKING' : props.marking}</p>
  );
}

function Items(props: { readonly page: NoticePage; readonly letter: 'C' | 'I'; readonly title: string }) {
  const items = props.page.items.filter((item) => item.letter === props.letter);
  if (items.length === 0) return null;
  return (
    <>
      <h3>{props.title}</h3>
      <ul className="notice-items">
        {items.map((item) => (
          <li key={item.id}>
            {item.text}{' '}
            <span className="soft">
              {RACI_ELEMENT_WORDS[item.element]}, {formatInstant(item.at)}.
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
