import http from 'node:http';
import { CollectError } from '../../contract/errors.ts';

/**
 * Lets everything that `work` fetches go through a proxy. Node knows one proxy for the whole process, so that only one
 * such work may run at a time; Collect holds the lease of its site meanwhile. The proxy must allow tunnels (CONNECT) to the
 * ports of the mirrors, 80 among them.
 *
 * @param proxy `http://proxy.example:3128`; `null` for none
 * @throws CollectError COLLECT_DOWNLOAD_FAILED where this Node is too old to use one (before 24.14)
 */
export async function throughProxy<T>(proxy: string | null, work: () => Promise<T>): Promise<T> {
  if (proxy === null) return work();
  if (typeof http.setGlobalProxyFromEnv !== 'function') {
    throw new CollectError(
      'COLLECT_DOWNLOAD_FAILED',
      `This program can't fetch through the proxy ${proxy}.`,
      {
        hint: 'It needs Node 24.14 or newer for that. Update it, or use a local mirror.',
      },
    );
  }
  const restore = http.setGlobalProxyFromEnv({ http_proxy: proxy, https_proxy: proxy });
  try {
    return await work();
  } finally {
    restore();
  }
}
