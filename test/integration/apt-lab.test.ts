import { afterAll, it } from 'vitest';
import { SshShell } from '../../main/remote/ssh/ssh-shell.ts';
import { labLayout } from '../lab/real/layout.ts';
import { resetEndpoint } from '../lab/real/lifecycle.ts';
import type { LabEndpoint, LabSite } from '../lab/real/site.ts';
import { describePatchDriver } from '../suites/patch-driver.suite.ts';
import { openAptWorld, studyEndpoint, type AptSubject } from '../support/apt-world.ts';
import { openLabRelay, type LabRelay } from '../support/lab-relay.ts';
import { endpointTarget, findLab } from '../support/lab-targets.ts';

const NEWEST_FIRST = ['bookworm', 'bullseye'];

const lab = findLab();

if ('reason' in lab) {
  it.skip(`apt on the endpoints of the real lab [skipped: ${lab.reason}]`);
} else {
  // One endpoint for each release: apt's words and dpkg's habits differ between them, not between endpoints.
  const byRelease = new Map(lab.site.endpoints.map((endpoint) => [endpoint.suite, endpoint]));
  const [newest, ...older] = [...byRelease.values()].sort(
    (a, b) => NEWEST_FIRST.indexOf(a.suite) - NEWEST_FIRST.indexOf(b.suite),
  );
  if (newest !== undefined) describeEndpoint(lab.site, newest);
  for (const endpoint of older) {
    // The older release takes as long again; the stories on the real lab patch it too.
    if (process.env['SALLYPORT_LAB_RELEASES'] === 'all') describeEndpoint(lab.site, endpoint);
    else it.skip(`apt of ${endpoint.suite} [skipped: only with SALLYPORT_LAB_RELEASES=all, it takes long]`);
  }
}

function describeEndpoint(site: LabSite, endpoint: LabEndpoint): void {
  const layout = labLayout();
  let relay: LabRelay | undefined;
  let subject: AptSubject | undefined;

  const connect = async () => {
    relay ??= await openLabRelay(site.controller.netnsFile, endpoint);
    const { address, port } = relay;
    // Patient: the lab shares its processors with whatever else this machine does.
    return new SshShell({ times: { connectMs: 60_000, loginMs: 60_000 } }).connect({
      ...endpointTarget(endpoint),
      address,
      port,
    });
  };
  const reset = () => resetEndpoint(layout, endpoint);

  afterAll(async () => {
    await relay?.close();
    if (subject !== undefined) await reset();
  });

  describePatchDriver(`apt of ${endpoint.suite} on ${endpoint.name} of the lab`, async () => {
    if (subject === undefined) {
      await reset();
      const session = await connect();
      subject = await studyEndpoint(session, {
        mirror: endpoint.security.uri,
        suite: endpoint.security.suite,
        folder: `${layout.cacheDir}/slices/${endpoint.suite}`,
      });
      await session.close();
    }
    return openAptWorld({ connect, reset, cut: () => relay?.drop(), mayMount: true }, subject);
  });
}
