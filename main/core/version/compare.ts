import type { Ecosystem } from '../advisory.ts';
import { compareDebVersions } from './deb.ts';
import { compareRpmVersions } from './rpm.ts';

type CompareVersions = (a: string, b: string) => -1 | 0 | 1;

const COMPARE: Readonly<Record<Ecosystem, CompareVersions>> = {
  deb: compareDebVersions,
  rpm: compareRpmVersions,
  // Updates of Windows have no order among themselves: one is the other, or not. What replaces what is supersedence.
  windows: (a, b) => (a === b ? 0 : a < b ? -1 : 1),
};

/** The order of versions in an ecosystem. */
export const versionOrder = (ecosystem: Ecosystem): CompareVersions => COMPARE[ecosystem];
