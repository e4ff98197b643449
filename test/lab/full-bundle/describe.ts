import type { FullBundleResult } from './story.ts';

const EXPECTED_REFUSAL = 'PATCHING_VENDOR_SIGNATURE_BAD';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const amount = (item: { packages: number; bytes: number } | undefined): string =>
  item === undefined ? 'not known' : `${item.packages} packages, ${megabytes(item.bytes)}`;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What does not hold of what this should show. */
export function wrongWith(result: FullBundleResult): string[] {
  const wrong: string[] = [];
  const offered = sum(result.suites.map((suite) => suite.offered?.packages ?? 0));
  const counted = sum(result.counted.map((index) => index.packages));
  if (offered !== counted)
    wrong.push(`the product counts ${offered} packages in the indexes, xz and a count of lines ${counted}`);
  if (result.suites.some((suite) => suite.signedBy.length === 0)) wrong.push('a release is not signed');
  if (result.bundle.missing.length > 0)
    wrong.push(`${result.bundle.missing.length} files could not be had from the mirror`);
  if (result.control.code !== EXPECTED_REFUSAL)
    wrong.push(`${result.control.endpoint} took the repository without the vendor's keys in use`);
  if (result.endpoints.length === 0) wrong.push('no endpoint took part');
  for (const item of result.endpoints) {
    if (item.outcome !== 'succeeded') wrong.push(`${item.endpoint} ended as ${item.outcome}`);
    if (item.changed === 0) wrong.push(`${item.endpoint}: nothing was installed`);
    wrong.push(...item.differences.map((text) => `${item.endpoint}: ${text}`));
  }
  return wrong;
}

/** The figures, for people. */
export function describeFullBundle(result: FullBundleResult): string {
  const mirror = {
    packages: sum(result.suites.map((suite) => suite.offered?.packages ?? 0)),
    bytes: sum(result.suites.map((suite) => suite.offered?.bytes ?? 0)),
  };
  const { bundle, next, seconds, machine } = result;
  const wrong = wrongWith(result);
  return [
    `Bundle from the Debian mirror, ${result.at.slice(0, 10)}, ${machine.processors} processors (${machine.model}), ${Math.round(machine.memoryBytes / 2 ** 30)} GiB`,
    '',
    ...result.suites.map(
      (suite) =>
        `${`${suite.root} ${suite.suite}`.padEnd(34)} released ${suite.releaseDate.slice(0, 10)}, offers ${amount(suite.offered)}; carried ${amount(suite.carried)}`,
    ),
    `${'A mirror of these (one architecture)'.padEnd(34)} ${amount(mirror)}`,
    `Counted again with xz: ${result.counted.map((item) => `${item.index.split('/')[2] ?? ''} ${amount(item)}`).join('; ')}`,
    '',
    `Bundle by the needs-list: ${bundle.objects} objects, ${megabytes(bundle.bytes)}: ${((100 * bundle.bytes) / mirror.bytes).toFixed(2)} % of the mirror`,
    `  ${bundle.upgrades} upgrades, ${bundle.additions} additions, ${bundle.advisories} advisories, ${bundle.cves} CVEs; fetched ${amount(bundle.downloaded)}; not to be had: ${bundle.missing.length}`,
    `The next bundle, by what the site has then: ${next.objects} objects, ${megabytes(next.bytes)}; left out ${next.alreadyHeld} packages, ${megabytes(next.heldBytes)}`,
    `Times: ${Object.entries(seconds)
      .map(([what, value]) => `${what} ${value} s`)
      .join(', ')}`,
    '',
    `Control: with the vendor's retired keys only, the apt of ${result.control.endpoint} refuses what was staged: ${result.control.code ?? 'NO, IT TOOK IT'}`,
    ...result.endpoints.map(
      (item) =>
        `${item.endpoint.padEnd(8)} ${item.outcome.toUpperCase()}: ${item.approved} packages approved, ${item.changed} changed on its disk, ${item.differences.length === 0 ? 'exactly those' : `${item.differences.length} differences`}${item.failure === null ? '' : `; ${item.failure}`}`,
    ),
    '',
    ...(wrong.length === 0
      ? ['Everything is as it should be.']
      : ['NOT as it should be:', ...wrong.map((text) => `- ${text}`)]),
  ].join('\n');
}
