import { describe, expect, it } from 'vitest';
import { LAYOUT } from './case.ts';
import { selectForms } from './campaign.ts';
import { generateCases } from './generate.ts';
import { groupByCode } from './groups.ts';

const tests = [...generateCases(selectForms(['v3']), 2000, 9)];

describe('groups of cases that are loaded at once', () => {
  const groups = groupByCode(tests);

  it('has each case once, in the order of the campaign within a group', () => {
    expect(new Set(groups.flat())).toEqual(new Set(tests));
    expect(groups.flat()).toHaveLength(tests.length);
    for (const group of groups) expect(group).toEqual(tests.filter((test) => group.includes(test)));
  });

  it('keeps code and the two bytes behind it apart, also where it runs over the end of its pages', () => {
    for (const group of groups) {
      const places = group.flatMap(({ code, codeOffset }) => Array.from({ length: code.length + 2 }, (_, i) => (codeOffset + i) % LAYOUT.codeSize));
      expect(new Set(places).size).toBe(places.length);
    }
  });

  it('are large, but for cases that meet at the border of the pages', () => {
    const small = groups.filter((group) => group.length < 50).flat();
    expect(small.length).toBeLessThan(tests.length / 10);
  });
});
