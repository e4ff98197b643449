import { verifyBundle } from '../../main/bundle/verify-bundle.ts';
import { initialTrust } from '../../main/core/bundle/trust.ts';
import { SITE_NOW } from '../support/test-site.ts';
import { largeMedium } from './harness/large-medium.ts';
import { compare, inProcess, program, type Bench, type Contender } from './harness/measure.ts';

const BYTES = 2 * 1024 ** 3;

export const bench: Bench = {
  about: 'a bundle of 2 GiB checked whole, beside sha256sum -c and openssl dgst -sha256 over the same files',
  async measure(rounds, note) {
    const medium = largeMedium('medium', BYTES);
    note(
      `${medium.objects.length} objects, in the page cache; ours checks signatures, manifest and tree as well`,
    );
    const ours: Contender = {
      name: 'ours',
      run: () =>
        inProcess(async () => {
          const report = await verifyBundle({
            mediaDirs: [medium.dir],
            trust: initialTrust({ version: 1, bytes: medium.root }),
            now: SITE_NOW,
          });
          if (!report.isGood) throw new Error('the medium is not good');
        }),
    };
    const sums: Contender = {
      name: 'sha256sum -c',
      run: () => program(['sha256sum', '-c', '--quiet', '-'], { cwd: medium.dir, input: medium.sums }),
    };
    const openssl: Contender = {
      name: 'openssl dgst -sha256',
      run: () =>
        program(['openssl', 'dgst', '-sha256', ...medium.objects.map(({ path }) => path)], {
          cwd: medium.dir,
        }),
    };
    // Once through, so that the first contender does not read from the disk what the others find in memory.
    await sums.run();
    return [
      await compare(
        {
          what: 'verify a bundle',
          ours,
          peer: sums,
          goals: [
            { text: '>= 2 x its speed', met: (own, peer) => peer !== null && own.wall <= peer.wall / 2 },
          ],
        },
        rounds,
      ),
      await compare(
        {
          what: 'the same',
          ours,
          peer: openssl,
          goals: [
            {
              text: '>= 0.85 x its speed',
              met: (own, peer) => peer !== null && own.wall <= peer.wall / 0.85,
            },
          ],
        },
        rounds,
      ),
    ];
  },
};
