import { ReviewError } from '../../contract/errors.ts';

/** Files in a browser: what leaves it is saved where the person says, what comes in they choose. Nothing is sent anywhere. */

export function saveFile(name: string, text: string, type = 'application/json'): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/**
 * Resolves to `null` when the person chose none.
 *
 * @param mostBytes rejects with ReviewError REVIEW_FILE_TOO_LARGE before more is read
 */
export function chooseFile(
  accept: string,
  mostBytes: number,
): Promise<{ readonly name: string; readonly text: string } | null> {
  return new Promise((resolve, reject) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.accept = accept;
    input.addEventListener('cancel', () => resolve(null));
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file === undefined) resolve(null);
      else if (file.size > mostBytes) reject(tooLarge(file.name));
      else file.text().then((text) => resolve({ name: file.name, text }), reject);
    });
    input.click();
  });
}

const tooLarge = (name: string): ReviewError =>
  new ReviewError('REVIEW_FILE_TOO_LARGE', `${name} is larger than any file of its kind.`, {
    hint: 'Choose the file that you saved.',
  });

/** For names of files: letters, digits and hyphens. */
export function slugOf(text: string): string {
  const slug = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return slug === '' ? 'site' : slug.slice(0, 40);
}
