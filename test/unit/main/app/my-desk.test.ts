import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { myDesk } from '../../../../main/app/my-desk.ts';
import type { CallContext } from '../../../../main/app/services.ts';
import { openDatabase } from '../../../../main/catalogue/database.ts';
import { EndpointStore } from '../../../../main/catalogue/endpoint-store.ts';
import { NoticeStore, type NoticeEntryRow } from '../../../../main/catalogue/notice-store.ts';
import { PlanStore } from '../../../../main/catalogue/plan-store.ts';
import { PolicyStore } from '../../../../main/catalogue/policy-store.ts';
import { RaciStore } from '../../../../main/catalogue/raci-store.ts';
import { SiteStore } from '../../../../main/catalogue/site-store.ts';

const NOW = '2026-11-30T10:00:00.000Z';
const LONG_AGO = '2026-11-01T10:00:00.000Z';

/** A site with one approver, and a way to say things to them. */
function open() {
  const db = openDatabase(':memory:');
  const site = new SiteStore(db);
  const notices = new NoticeStore(db);
  const id = randomUUID();
  site.insertPerson({
    ...{ id, name: 'Grace', roles: ['approver'], publicKey: '', keyFingerprint: '', keyslot: 'x' },
    ...{ createdAt: LONG_AGO, addedBy: null, passphraseBy: null },
  });
  const services = {
    ...{ db, site, notices, raci: new RaciStore(db), policies: new PolicyStore(db) },
    ...{ endpoints: new EndpointStore(db), plans: new PlanStore(db), now: () => NOW },
  };
  const context = { services, person: () => site.findPerson(id) } as unknown as CallContext;
  const say = (
    letter: 'C' | 'I',
    text: string,
    subjectId: string,
    entries: readonly Partial<NoticeEntryRow>[] = [],
  ): void => {
    const occasionId = randomUUID();
    const noticeId = randomUUID();
    notices.insertOccasion({
      ...{ id: occasionId, key: occasionId, kind: 'snapshot-taken', element: 'snapshot', version: 0, text },
      ...{ subject: 'run', subjectId, at: LONG_AGO, by: 'Sallyport', customer: '' },
    });
    notices.insertNotice({ id: noticeId, occasionId, party: 'customer', letter, personId: id });
    for (const entry of entries)
      notices.insertEntry({
        ...{ noticeId, kind: 'seen', at: LONG_AGO, recordedAt: LONG_AGO, by: id, recipient: null },
        ...{ file: null, sha256: null, answer: null, remark: null, ...entry },
      });
  };
  return { db, desk: () => myDesk(context), say };
}

test('what nobody answered stays on the desk, whatever was told and seen since', () => {
  const { db, desk, say } = open();
  db.transaction(() => {
    say('C', 'Is a snapshot of web-1 enough?', 'run-0', [{}]);
    say('I', 'Nobody has seen this yet.', 'run-0');
    // Two runs over a large fleet, all of it read.
    for (let number = 0; number < 2_500; number += 1) say('I', `Read ${number}.`, `run-${number % 2}`, [{}]);
    say('C', 'Answered.', 'run-3', [{ kind: 'answered', answer: 'no-objection' }]);
    say('I', 'Seen an hour ago.', 'run-4', [{ at: '2026-11-30T09:00:00.000Z' }]);
  })();
  const { asked, told } = desk();
  expect(asked.map(({ text, isNew }) => [text, isNew])).toEqual([['Is a snapshot of web-1 enough?', false]]);
  expect(told.map(({ text, isNew }) => [text, isNew])).toEqual([
    ['Seen an hour ago.', false],
    ['Nobody has seen this yet.', true],
  ]);
  db.close();
});

test('a line holds no more than a command takes at once, and the rest comes when these are done', () => {
  const { db, desk, say } = open();
  db.transaction(() => {
    for (let number = 0; number < 5_003; number += 1) say('I', `A snapshot of vm-${number}.`, 'run-0');
  })();
  const [line] = desk().told;
  expect(line?.ids).toHaveLength(5_000);
  expect(line?.text).toBe('A snapshot of vm-5002. And 5002 more of the same.');
  db.close();
});
