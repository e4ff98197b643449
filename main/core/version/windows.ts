/**
 * Builds of Windows: `10.0.19045.3930` is revision 3930 (UBR) of build 19045.
 *
 * Microsoft's release information lists revisions for each build, and a cumulative update brings a machine to the revision
 * of its own build ("Windows 10 release information", learn.microsoft.com). So only builds of one branch, the first three
 * numbers, have an order: that 10.0.22631.1 is higher than 10.0.19045.9999 says nothing of which fixes it has.
 */

export interface WindowsBuild {
  /** `10.0.19045` */
  readonly branch: string;
  /** 3930 */
  readonly revision: number;
}

/** `null` for what is no build of Windows: three numbers, a name, a number beyond what fits. */
export function parseWindowsBuild(text: string): WindowsBuild | null {
  const match = /^(\d{1,5})\.(\d{1,5})\.(\d{1,6})\.(\d{1,9})$/.exec(text.trim());
  if (match === null) return null;
  const branch = match.slice(1, 4).map(Number).join('.');
  return { branch, revision: Number(match[4]) };
}

/** The order within a branch; `null` where there is none: other branches, no builds. */
export function compareWindowsBuilds(a: string, b: string): -1 | 0 | 1 | null {
  const left = parseWindowsBuild(a);
  const right = parseWindowsBuild(b);
  if (left === null || right === null || left.branch !== right.branch) return null;
  return left.revision === right.revision ? 0 : left.revision < right.revision ? -1 : 1;
}
