import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PREBUILT = fileURLToPath(new URL('../../../../tools/guests/prebuilt', import.meta.url));
/** The guests that ship with the repository: all but the one that asks for a loader which does not exist. */
export const GUESTS: readonly string[] = readdirSync(PREBUILT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => `${parentPath.slice(PREBUILT.length + 1)}/${name}`.replace(/^\//, '')).filter((name) => name !== 'dynamic').sort();
/** The processor that a guest was compiled for. */
export const cpuOf = (name: string): string => (name === 'vectors' ? 'x86-64-v3' : 'x86-64-v2');
