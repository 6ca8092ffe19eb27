import { LAYOUT, type FuzzCase } from './case.ts';

/** What an engine's adapter may need behind an instruction, in bytes. */
const ROOM = 2;

/**
 * Puts cases together whose code, with a little room behind it, lies side by side in the code's pages: each group can be loaded at once. What runs
 * over the end of the pages goes on at their start here, as what is behind it is filled in there.
 */
export function groupByCode(tests: readonly FuzzCase[]): FuzzCase[][] {
  const { codeSize } = LAYOUT;
  const groups: { readonly tests: FuzzCase[]; readonly taken: Uint8Array }[] = [];
  for (const test of tests) {
    const places = Array.from({ length: test.code.length + ROOM }, (_, i) => (test.codeOffset + i) % codeSize);
    let group = groups.find(({ taken }) => places.every((at) => taken[at] === 0));
    if (group === undefined) groups.push(group = { tests: [], taken: new Uint8Array(codeSize) });
    group.tests.push(test);
    for (const at of places) group.taken[at] = 1;
  }
  return groups.map((group) => group.tests);
}
