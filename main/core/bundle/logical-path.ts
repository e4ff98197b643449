/** Longest logical path and longest part of one: what every file system in use can hold. */
const MAX_PATH = 1_024;
const MAX_PART = 200;

/** Names that Windows takes for devices, whatever follows the first dot. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * Whether a logical path is one that may be written below a folder on any system: parts of `A-Z a-z 0-9 . _ + ~ ^ -` apart
 * by single slashes, none empty, `.` or `..`, none that ends with a dot, none that Windows takes for a device.
 */
export function isSafePath(path: string): boolean {
  if (path.length === 0 || path.length > MAX_PATH) return false;
  return path
    .split('/')
    .every(
      (part) =>
        part.length <= MAX_PART &&
        /^[A-Za-z0-9._+~^-]+$/.test(part) &&
        !part.endsWith('.') &&
        !DEVICE_NAME.test(part),
    );
}
