import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_VERSION } from '../../main/app/version.ts';
import { buildAgentPackage } from '../../main/patching/agent/build-package.ts';
import { outDir } from './paths.ts';
import { say } from './say.ts';

/** `npm run agent`: writes the Debian package of the agent of this version to out/agent, where nothing else stays. */
const { fileName, bytes } = await buildAgentPackage(ENGINE_VERSION);
const folder = join(outDir, 'agent');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, fileName), bytes);
say(`built ${join(folder, fileName)}, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`);
