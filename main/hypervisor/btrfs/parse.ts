/** What `btrfs subvolume show` says about one subvolume. */
export interface Subvolume {
  /** Path in the file system's own tree, whatever is mounted where. */
  readonly treePath: string;
  readonly uuid: string;
  /** UUID of the subvolume that it was made from; undefined for one made from nothing. */
  readonly parentUuid: string | undefined;
  /** ISO 8601 UTC; whole seconds, cut off. */
  readonly createdAt: string;
  readonly isReadOnly: boolean;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIME = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/;

/**
 * Parses `btrfs subvolume show` (btrfs-progs 4.x to 6.x): a line with the path, then indented `Name: value` lines.
 *
 * @returns undefined when it is not such an output: a fact that can't be read is never guessed
 */
export function parseSubvolume(text: string): Subvolume | undefined {
  const lines = text.split('\n');
  const treePath = lines[0]?.trim() ?? '';
  const facts = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const found = /^\s+([A-Z][^:]*):\s*(.*?)\s*$/.exec(line);
    const [, name, value] = found ?? [];
    if (name !== undefined && value !== undefined && !facts.has(name)) facts.set(name, value);
  }
  const uuid = facts.get('UUID');
  const parent = facts.get('Parent UUID');
  const createdAt = parseTime(facts.get('Creation time'));
  const flags = facts.get('Flags');
  if (treePath === '' || uuid === undefined || !UUID.test(uuid)) return undefined;
  if (parent === undefined || (parent !== '-' && !UUID.test(parent))) return undefined;
  if (createdAt === undefined || flags === undefined) return undefined;
  return {
    treePath,
    uuid,
    parentUuid: parent === '-' ? undefined : parent,
    createdAt,
    isReadOnly: flags.split(/[\s,|]+/).includes('readonly'),
  };
}

function parseTime(text: string | undefined): string | undefined {
  const [, day, time, hours, minutes] = TIME.exec(text ?? '') ?? [];
  if (day === undefined || time === undefined || hours === undefined || minutes === undefined)
    return undefined;
  const at = Date.parse(`${day}T${time}${hours}:${minutes}`);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/**
 * Free bytes from `btrfs filesystem usage -b`: the smaller estimate, which supposes that all that is free will be taken
 * at the worst ratio (`Free (estimated): N (min: M)`).
 */
export function parseFreeBytes(text: string): number | undefined {
  const minimum = /^\s*Free \(estimated\):\s*\d+\s*\(min:\s*(\d+)\)/m.exec(text)?.[1];
  return minimum === undefined ? undefined : Number(minimum);
}

/** Paths from `btrfs subvolume list -o`. */
export function parseNested(text: string): readonly string[] {
  return [...text.matchAll(/^ID \d+ .*? path (.+)$/gm)].map((found) => found[1] ?? '');
}

/** Clock of the host from `date -u +%Y-%m-%dT%H:%M:%S.%3NZ`. */
export function parseClock(text: string): string | undefined {
  const clock = text.trim();
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(clock) ? clock : undefined;
}
