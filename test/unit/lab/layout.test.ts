import { describe, expect, it } from 'vitest';
import { FLEET } from '../../lab/real/fleet.ts';
import { labLayout, machineNetns, netnsOfLab } from '../../lab/real/layout.ts';
import { bridgePort } from '../../lab/real/network.ts';
import { parseSite } from '../../lab/real/site.ts';

describe('the layout of a lab', () => {
  it('keeps labs of different names apart, and shares finished bases among them', () => {
    const [one, two] = [labLayout({}), labLayout({ SALLYPORT_LAB_NAME: 'other' })];
    expect(two.runDir).not.toBe(one.runDir);
    expect(two.image).not.toBe(one.image);
    expect(two.controllerNetns).not.toBe(one.controllerNetns);
    expect(two.basesDir).toBe(one.basesDir);
  });

  it.each(['../etc', 'Upper', '', 'a b', 'x'.repeat(40)])('refuses the name %j', (name) => {
    expect(() => labLayout({ SALLYPORT_LAB_NAME: name })).toThrow(RangeError);
  });

  it('claims only its own network namespaces, not those of a lab whose name begins alike', () => {
    const layout = labLayout({});
    const mine = machineNetns(layout, 'web-1');
    const existing = ['sallyport-lab-test-web-1', mine, 'cni-1', layout.hostNetns];
    expect(netnsOfLab(layout, existing, ['web-1'])).toEqual([mine, layout.hostNetns]);
  });

  it('names bridge ports within the 15 bytes that Linux allows', () => {
    expect(FLEET.map(({ name }) => bridgePort(name)).filter((port) => port.length > 15)).toEqual([]);
  });

  it('has three or more endpoints, of two releases, with both ways to log in and both ways of sudo', () => {
    const kinds = FLEET.map(({ suite, login, sudo }) => [suite, login, sudo]);
    expect(FLEET.length).toBeGreaterThanOrEqual(3);
    expect(new Set(kinds.flat())).toEqual(
      new Set(['bookworm', 'bullseye', 'key', 'password', 'no-password']),
    );
  });
});

describe('the site description', () => {
  it('is refused when it has a field that nobody knows', () => {
    expect(() => parseSite('{"version":1,"surprise":true}')).toThrow(/surprise/);
  });
});
