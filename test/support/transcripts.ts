import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What an endpoint's own tools printed for one of the driver's commands, byte for byte. The file's name is the case. */
export function readTranscript(release: string, name: string): string {
  return readFileSync(
    join(import.meta.dirname, '..', 'fixtures', 'transcripts', 'apt', release, `${name}.txt`),
    'utf8',
  );
}
