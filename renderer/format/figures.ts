/** How counts, sizes and digests are written. */

const whole = new Intl.NumberFormat('en-GB');

/** `12,480`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** `1 endpoint`, `1,204 endpoints`. */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}

/** Decimal units, as on the media a bundle travels on: `812 kB`, `3.4 MB`, `1.2 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  let size = bytes / 1_000;
  let index = 0;
  while (size >= 999.5 && index < units.length - 1) {
    size /= 1_000;
    index += 1;
  }
  return `${size >= 10 || index === 0 ? whole.format(Math.round(size)) : size.toFixed(1)} ${units[index] ?? 'TB'}`;
}

/** First twelve digits of a digest: enough to tell two apart, never enough to decide on. */
export function shortenDigest(digest: string): string {
  return digest.slice(0, 12);
}

/** A digest in groups of eight, to be read out and compared. */
export function groupDigest(digest: string): string[] {
  return digest.match(/.{1,8}/g) ?? [];
}

/** `SHA256:` apart from the rest, in groups of six, to be compared with what stands on the console. */
export function groupHostKey(hostKey: string): { readonly algorithm: string; readonly groups: string[] } {
  const separator = hostKey.indexOf(':');
  return {
    algorithm: hostKey.slice(0, separator),
    groups: hostKey.slice(separator + 1).match(/.{1,6}/g) ?? [],
  };
}

/** `43%`. Below the whole it never says 100. */
export function formatShare(done: number, total: number): string {
  if (total <= 0) return '';
  const share = Math.round((done / total) * 100);
  return `${done < total ? Math.min(share, 99) : 100}%`;
}
