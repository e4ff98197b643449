import type { DemoResult, EndpointResult } from './story.ts';

/** Whether everything that the demo claims was seen. */
export function holds(result: DemoResult): boolean {
  return failures(result).length === 0;
}

export function failures(result: DemoResult): readonly string[] {
  const wrong = result.endpoints.flatMap((item) => item.wrong.map((text) => `${item.endpoint}: ${text}`));
  if (result.traffic !== null && result.traffic.elsewhere > 0) {
    wrong.push(`${result.traffic.elsewhere} packets went to or came from something outside the inventory`);
  }
  if (result.traffic !== null && result.traffic.withoutRoute > 0) {
    wrong.push(`${result.traffic.withoutRoute} attempts were made to reach something that has no route`);
  }
  for (const item of result.listeners ?? []) wrong.push(`${item.process} listened on ${item.local}`);
  if (!result.audit.intact) wrong.push('the audit trail is broken');
  return wrong;
}

/** The one summary at the end, for people. */
export function summarise(result: DemoResult): string {
  const lines = [
    result.simulated ? 'SIMULATED: no real endpoint took part.' : `Lab: ${result.lab}.`,
    '',
    ...result.endpoints.flatMap(describeEndpoint),
    '',
    ...describeTraffic(result),
    `Audit trail: ${result.audit.entries} entries, ${result.audit.intact ? 'intact' : 'BROKEN'}.`,
    `Engine memory after the job: ${Math.round(result.engineMemoryBytes / 2 ** 20)} MiB.`,
    `Times: ${Object.entries(result.seconds)
      .map(([what, value]) => `${what} ${value} s`)
      .join(', ')}.`,
    '',
    ...(holds(result)
      ? ['Everything is as it should be.']
      : ['NOT as it should be:', ...failures(result).map((text) => `- ${text}`)]),
  ];
  return lines.join('\n');
}

function describeEndpoint(item: EndpointResult): string[] {
  const head = `${item.endpoint.padEnd(8)} ${item.outcome.toUpperCase()}`;
  const why = item.failure === null ? [] : [`         ${item.failure.message} [${item.failure.code}]`];
  switch (item.expected) {
    case 'succeeded':
      return [
        `${head}: ${item.changed} packages changed, ${item.approved} were approved, ${
          item.beyondApproved.length === 0 ? 'exactly those' : `${item.beyondApproved.length} differences`
        } (read from its disk)`,
        ...why,
      ];
    case 'restored':
      return [
        `${head}: package list ${item.packagesEqualBefore ? 'equal to the one before' : 'NOT as before'}; disk ${describeDisk(item)}`,
        ...why,
      ];
    default:
      return [
        `${head}: ${item.packagesEqualBefore ? 'nothing was installed' : 'SOMETHING WAS INSTALLED'}; disk ${describeDisk(item)}`,
        ...why,
      ];
  }
}

function describeDisk({ disk }: EndpointResult): string {
  if (disk === null) return 'not compared';
  const set = `${disk.volatile} paths that a running system always writes (logs, /run, /tmp) set aside`;
  return disk.differing.length === 0
    ? `as before, ${set}`
    : `differs in ${disk.differing.length} paths, ${set}`;
}

function describeTraffic({ traffic, listeners, simulated }: DemoResult): string[] {
  if (simulated || traffic === null)
    return ['Traffic: not counted, the simulated endpoints are in this process.'];
  const peers = Object.entries(traffic.toInventory).map(([name, packets]) => `${name} ${packets}`);
  return [
    `Packets sent: ${peers.join(', ')}; to or from anything else: ${traffic.elsewhere}; attempts without a route: ${traffic.withoutRoute}.`,
    listeners === null
      ? 'Listening sockets: not looked at.'
      : `Listening sockets in the controller's network while it worked: ${listeners.length === 0 ? 'none' : listeners.map((item) => `${item.process} ${item.local}`).join(', ')}.`,
  ];
}
