import { describe, expect, test } from 'vitest';
import { createCatalogueStore, PATCH_PAGE_SIZE } from '../../../../renderer/stores/catalogue-store.ts';
import { createFakeClient } from '../../../e2e/gallery/fake-client.ts';
import { searchPatches } from '../../../e2e/gallery/fixtures/catalogue.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('the store of the catalogue', () => {
  test('asks for a page once, however often it is needed', async () => {
    const client = createFakeClient(busySite('Ada Whitfield'));
    const store = createCatalogueStore(client);
    store.getState().setFilter({ onlyCarried: false });
    await settle();
    store.getState().need(PATCH_PAGE_SIZE + 1, PATCH_PAGE_SIZE + 40);
    store.getState().need(PATCH_PAGE_SIZE + 2, PATCH_PAGE_SIZE + 41);
    await settle();
    expect(client.callsOf('catalogue.search').map((input) => input.offset)).toEqual([0, PATCH_PAGE_SIZE]);
    const { rows, total } = store.getState().patches;
    const all = searchPatches({ onlyCarried: false, sort: 'risk', limit: 60_000 });
    expect(total).toBe(all.total);
    expect(rows.get(PATCH_PAGE_SIZE + 3)).toEqual(all.patches[PATCH_PAGE_SIZE + 3]);
  });

  test('drops the answer to an older question', async () => {
    const waiting: (() => void)[] = [];
    const client = createFakeClient({
      'catalogue.search': async (input) => {
        if (input.search === 'slow') await new Promise<void>((resolve) => waiting.push(resolve));
        return searchPatches(input);
      },
    });
    const store = createCatalogueStore(client);
    store.getState().setFilter({ search: 'slow', onlyCarried: false });
    store.getState().setFilter({ search: 'openssl' });
    await settle();
    waiting.forEach((resolve) => resolve());
    await settle();
    expect(store.getState().patches.rows.get(0)?.package).toBe('openssl');
    expect(store.getState().patches.total).toBe(2);
  });
});
