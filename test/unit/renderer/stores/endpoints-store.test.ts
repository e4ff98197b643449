import { describe, expect, test } from 'vitest';
import { createEndpointsStore } from '../../../../renderer/stores/endpoints-store.ts';
import { createFakeClient, fail } from '../../../e2e/gallery/fake-client.ts';
import { detailOf, ENDPOINTS, findEndpoint } from '../../../e2e/gallery/fixtures/endpoints.ts';
import { busySite } from '../../../e2e/gallery/site-answers.ts';

const [one, two] = [findEndpoint('web-01'), findEndpoint('web-02')];

describe('the store of endpoints', () => {
  test('keeps the last good list when reading again fails', async () => {
    const client = createFakeClient(busySite('Ada Whitfield'));
    const store = createEndpointsStore(client);
    await store.getState().refresh();
    client.answer({ 'endpoints.list': () => fail('STORE_FULL', 'The disk is full.') });
    await store.getState().refresh();
    expect(store.getState().list.value).toHaveLength(ENDPOINTS.length);
    expect(store.getState().list.failure?.code).toBe('STORE_FULL');
  });

  test('never shows the late answer for one endpoint under the name of the next', async () => {
    const waiting: (() => void)[] = [];
    const client = createFakeClient({
      'endpoints.get': async ({ id }) => {
        if (id === one.id) await new Promise<void>((resolve) => waiting.push(resolve));
        return detailOf(id) ?? fail('CONTRACT_NOT_FOUND', 'none');
      },
    });
    const store = createEndpointsStore(client);
    const first = store.getState().openDetail(one.id);
    await store.getState().openDetail(two.id);
    waiting.forEach((resolve) => resolve());
    await first;
    expect(store.getState().detail.value?.endpoint.id).toBe(two.id);
  });

  test('selects and unselects', () => {
    const store = createEndpointsStore(createFakeClient({}));
    store.getState().toggle(one.id);
    store.getState().toggle(two.id);
    store.getState().toggle(one.id);
    expect([...store.getState().selected]).toEqual([two.id]);
  });

  test('takes a pinned key into the list at once', async () => {
    const hostKey = `SHA256:${'A'.repeat(43)}`;
    const client = createFakeClient({
      ...busySite('Ada Whitfield'),
      'endpoints.pinHostKey': ({ id }) => ({ ...one, id, hostKey }),
    });
    const store = createEndpointsStore(client);
    await store.getState().refresh();
    await store.getState().pinHostKey(one.id, hostKey);
    expect(store.getState().list.value?.find((row) => row.id === one.id)?.hostKey).toBe(hostKey);
    expect(client.callsOf('endpoints.pinHostKey')).toEqual([{ id: one.id, hostKey }]);
  });

  test('reads again when the engine says that endpoints changed, once for many messages', async () => {
    const client = createFakeClient(busySite('Ada Whitfield'));
    const store = createEndpointsStore(client);
    await store.getState().refresh();
    for (let count = 0; count < 50; count += 1)
      client.say({ kind: 'changed', area: 'endpoints', id: one.id });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(client.callsOf('endpoints.list')).toHaveLength(2);
  });
});
