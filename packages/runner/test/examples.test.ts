import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function run(example: string): string {
  const file = fileURLToPath(new URL(`../examples/${example}.ts`, import.meta.url));
  return execFileSync(process.execPath, ['--conditions=@tally86/source', '--import', 'tsx', file], { cwd: root, encoding: 'utf8' });
}

describe('examples', () => {
  const rows: [string, string][] = [
    ['own-placement', 'gigabyte-slots: 6 GiB at 0x1000000000, 0x1000000000, 0x1000000000\npage table at the end: 14336 bytes\n'],
    ['own-plugin', '10 contracts, 534 instructions, 27 of them imul or lea\nmmap 10, mprotect 10, munmap 10\n'],
    ['compose', "{ kind: 'exit', code: 0 } 189 instructions, page table 25247744 bytes\n"],
  ];
  for (const [example, output] of rows) it(example, () => expect(run(example)).toBe(output), 60_000);
});
