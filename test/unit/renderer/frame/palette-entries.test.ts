import { beforeEach, describe, expect, test } from 'vitest';
import { collectEntries, findEntries } from '../../../../renderer/frame/palette-entries.ts';
import { createApplication, loadSite, type Application } from '../../../../renderer/stores/application.ts';
import { createFakeClient, type Answers } from '../../../e2e/gallery/fake-client.ts';
import { LISTS } from '../../../e2e/gallery/fixtures/lists.ts';
import { NOW } from '../../../e2e/gallery/fixtures/made-up.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';

const storage = { getItem: () => null, setItem: () => undefined };

async function siteOf(person: string, more: Answers = {}): Promise<Application> {
  const client = createFakeClient({ ...busySite(person), ...more });
  const application = createApplication({ client, storage, now: () => NOW });
  await application.session.getState().refresh();
  await loadSite(application);
  return application;
}

describe('the palette', () => {
  let application: Application;
  beforeEach(async () => {
    application = await siteOf('Ada Whitfield');
  });

  test('finds an endpoint by its name and goes there', () => {
    const [found] = findEntries(collectEntries(application, NOW), 'web-06');
    expect(found?.title).toBe('web-06');
    found?.act();
    const { screen, open } = application.navigation.getState();
    expect(screen).toBe('endpoints');
    expect(open.endpoints).toBe(found?.id.replace('endpoint:', ''));
  });

  test('asks for every word and puts a beginning first', () => {
    const entries = collectEntries(application, NOW);
    expect(findEntries(entries, 'make plan').map((entry) => entry.title)).toContain('Make a plan');
    expect(findEntries(entries, 're')[0]?.title.toLowerCase().startsWith('re')).toBe(true);
    expect(findEntries(entries, 'no such thing anywhere')).toEqual([]);
  });

  test('closes a list that nobody has to answer any more, and no other', async () => {
    const closing = LISTS.map((item) => ({ ...item, closes: true }));
    const titles = (of: Application): string[] =>
      collectEntries(of, NOW)
        .map((entry) => entry.title)
        .filter((title) => title.startsWith('Close'));
    expect(titles(application)).toEqual([]);
    const site = await siteOf('Ada Whitfield', { 'queue.list': () => closing });
    const title = 'Close the list for Harbour Trust: Web, Databases, Desktops';
    expect(titles(site)).toEqual([title]);
    collectEntries(site, NOW)
      .find((entry) => entry.title === title)
      ?.act();
    const { screen, open, section } = site.navigation.getState();
    expect([screen, open.approvals, section.approvals]).toEqual(['approvals', LISTS[0]?.approvalId, 'close']);
    expect(titles(await siteOf('Grace Lindqvist', { 'queue.list': () => closing }))).toEqual([]);
  });

  test('has no id twice', () => {
    const ids = collectEntries(application, NOW).map((entry) => entry.id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('offers no action that the person may not do', async () => {
    const auditor = await siteOf('Priya Raman');
    const titles = collectEntries(auditor, NOW).map((entry) => entry.title);
    expect(titles).not.toContain('Scan all endpoints');
    expect(titles).toContain('Lock and sign out');
  });
});
