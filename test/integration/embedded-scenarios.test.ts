import { embeddedFaults } from '../lab/embedded/faults.ts';
import { SimulatedSite } from '../lab/embedded/simulated-site.ts';
import { describePatchingScenarios, type PackageList } from '../suites/patching-scenarios.suite.ts';

let site: SimulatedSite | undefined;

function prepared(): SimulatedSite {
  if (site === undefined) throw new Error('the site was not prepared');
  return site;
}

describePatchingScenarios({
  name: 'the simulated lab',
  endpoints: ['web-1', 'db-1', 'app-1'],
  pending: () => 'libexpat1',
  first: [],
  dropMs: 1_000,
  patienceMs: 120_000,
  prepare: async () => {
    site = await SimulatedSite.prepare({ endpoints: 3 });
  },
  open: async () => {
    const { lab } = prepared();
    const open = await prepared().open();
    // From the disk in its place: it is there too when the machine is switched off.
    const diskOf = (endpoint: string) => {
      const disk = lab.host.diskOf(endpoint);
      if (disk === undefined) throw new Error(`there is no disk of ${endpoint}`);
      return disk;
    };
    return {
      ...open,
      faults: embeddedFaults(lab),
      readPackages: (endpoint) => {
        const packages = [...diskOf(endpoint).packages.values()];
        const list: PackageList = Object.fromEntries(
          packages.map((item) => [
            `${item.name}:${item.arch}`,
            item.status === 'install ok installed' ? item.version : `${item.version} (${item.status})`,
          ]),
        );
        return Promise.resolve(list);
      },
      countUpgrades: (endpoint, name, to) => Promise.resolve(diskOf(endpoint).countUpgrades(name, to)),
      countLogins: (endpoint) => lab.endpoint(endpoint).front.server.attempts.length,
      close: async () => {
        await open.engine.close();
        const unexpected = lab.unexpected();
        if (unexpected.length > 0)
          throw new Error(`the simulated lab did not understand: ${unexpected.join('\n')}`);
      },
    };
  },
  close: async () => {
    await site?.close();
  },
});
