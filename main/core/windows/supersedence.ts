/** What replaces what: ids of updates, and for each those that replace it directly. */
export interface Replaceable {
  readonly id: string;
  /** ISO-8601 */
  readonly createdAt: string | null;
  readonly supersededBy: readonly string[];
}

export interface Supersedence {
  /** By id: those of the list that replace it directly. Without circles. */
  readonly replacedBy: ReadonlyMap<string, readonly string[]>;
  /** Each a group of updates that replaced one another in a circle. */
  readonly circles: readonly (readonly string[])[];
  /** Ids that updates name as their replacement and that the list does not have. */
  readonly unknown: ReadonlySet<string>;
}

/**
 * The graph of supersedence, made fit to follow. Microsoft's data has circles (the update guide's, of articles, more than
 * the scan file's). In a circle an update can't replace a younger one, so these edges go; where dates decide nothing, all
 * edges within the circle go, and none of its updates counts as replaced by another of them: too much is offered, never too little.
 */
export function readSupersedence(updates: readonly Replaceable[]): Supersedence {
  const known = new Map(updates.map((update) => [update.id, update]));
  const unknown = new Set<string>();
  const edges = new Map<string, string[]>();
  for (const update of updates) {
    const targets = new Set<string>();
    for (const id of update.supersededBy) {
      if (!known.has(id)) unknown.add(id);
      else if (id !== update.id) targets.add(id);
    }
    edges.set(update.id, [...targets]);
  }
  const circles = findCircles(edges);
  for (const circle of circles) dropEdges(edges, circle, (from, to) => isYounger(known, from, to));
  // What dates left.
  for (const circle of findCircles(edges)) dropEdges(edges, circle, () => true);
  return { replacedBy: edges, circles, unknown };
}

const isYounger = (known: ReadonlyMap<string, Replaceable>, a: string, b: string): boolean => {
  const [left, right] = [known.get(a)?.createdAt, known.get(b)?.createdAt];
  return typeof left === 'string' && typeof right === 'string' && Date.parse(left) > Date.parse(right);
};

function dropEdges(
  edges: Map<string, string[]>,
  circle: readonly string[],
  isDropped: (from: string, to: string) => boolean,
): void {
  const members = new Set(circle);
  for (const from of circle) {
    const kept = (edges.get(from) ?? []).filter((to) => !members.has(to) || !isDropped(from, to));
    edges.set(from, kept);
  }
}

/** Groups of more than one node in which each reaches each (Tarjan), without recursion: chains are long. */
function findCircles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const onStack = new Set<string>();
  const stack: string[] = [];
  const circles: string[][] = [];
  for (const root of edges.keys()) {
    if (order.has(root)) continue;
    const path: { readonly id: string; next: number }[] = [];
    const enter = (id: string): void => {
      order.set(id, order.size);
      lowest.set(id, order.size - 1);
      stack.push(id);
      onStack.add(id);
      path.push({ id, next: 0 });
    };
    enter(root);
    for (let frame = path.at(-1); frame !== undefined; frame = path.at(-1)) {
      const { id } = frame;
      const to = edges.get(id)?.[frame.next];
      frame.next += 1;
      if (to !== undefined) {
        if (!order.has(to)) enter(to);
        else if (onStack.has(to)) lower(lowest, id, order.get(to) ?? 0);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lower(lowest, parent.id, lowest.get(id) ?? 0);
      if (lowest.get(id) !== order.get(id)) continue;
      const group = stack.splice(stack.lastIndexOf(id));
      for (const member of group) onStack.delete(member);
      if (group.length > 1) circles.push(group);
    }
  }
  return circles;
}

function lower(lowest: Map<string, number>, id: string, value: number): void {
  lowest.set(id, Math.min(lowest.get(id) ?? value, value));
}

/**
 * Which updates something replaces, directly or through others that replace it.
 *
 * @param counts whether an update may stand in for those it replaces
 */
export function findReplaced(
  supersedence: Supersedence,
  counts: (id: string) => boolean,
): ReadonlySet<string> {
  const { replacedBy } = supersedence;
  const replaced = new Set<string>();
  const isDone = new Set<string>();
  for (const root of replacedBy.keys()) {
    const path: string[] = [root];
    for (let id = path.at(-1); id !== undefined; id = path.at(-1)) {
      const targets = replacedBy.get(id) ?? [];
      const open = isDone.has(id) ? [] : targets.filter((to) => !isDone.has(to));
      if (open.length > 0) {
        path.push(...open);
        continue;
      }
      path.pop();
      isDone.add(id);
      if (targets.some((to) => counts(to) || replaced.has(to))) replaced.add(id);
    }
  }
  return replaced;
}
