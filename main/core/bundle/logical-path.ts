/** Longest logical path: what every file system in use can hold. */
const MAX_PATH = 1_024;

/**
 * One part of a path, of 1 to 200 characters. Not the names that Windows takes for devices, whatever follows the first dot;
 * and no dot at the end, which Windows drops.
 */
const PART = String.raw`(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:[./]|$))[a-z0-9._+~^-]{1,200}(?<!\.)`;
const SAFE_PATH = new RegExp(`^${PART}(?:/${PART})*$`, 'i');

/**
 * Whether a logical path is one that may be written below a folder on any system: parts of `A-Z a-z 0-9 . _ + ~ ^ -` apart
 * by single slashes, none empty, `.` or `..`, none that ends with a dot, none that Windows takes for a device.
 */
export const isSafePath = (path: string): boolean => path.length <= MAX_PATH && SAFE_PATH.test(path);
