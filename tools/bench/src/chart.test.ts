import { describe, expect, it } from 'vitest';
import { chart, chartSpec } from './chart.ts';
import { exampleReport, exampleRow as row } from './example.ts';

const PLUGIN = 'QEMU, counting by a plugin for each instruction';
const report = exampleReport([
  row('fast', 'float', { qemu: 2, plugin: 8, tally86: 0.2 }), row('slow', 'integer', { qemu: 1, plugin: 3, tally86: 2 }),
  row('late', 'integer', { qemu: 1, plugin: 3, tally86: 'cut off' }), row('true, static', 'start', { qemu: 1, plugin: 1, tally86: 9 }),
]);

describe('chart', () => {
  it('has a bar for each runner that was measured, classes in order, no start-up', () => {
    const { data } = chartSpec(report) as unknown as { data: { values: readonly { program: string; who: string; ratio: number }[] } };
    expect(data.values.map(({ program, who, ratio }) => [program, who, ratio])).toEqual([
      ['slow', 'tally86, counting', 2], ['slow', PLUGIN, 3], ['late', PLUGIN, 3],
      ['fast', 'tally86, counting', 0.1], ['fast', PLUGIN, 4],
    ]);
  });
  it('draws SVG that names programs, the line of QEMU and the machine', async () => {
    const svg = await chart(report);
    expect(svg).toMatch(/^<svg /);
    for (const text of ['fast', 'slow', 'late', PLUGIN, 'Example 3000', 'integer kernels']) expect(svg).toContain(text);
    expect(svg).not.toMatch(/NaN|undefined|true, static/);
    expect(svg.length).toBeLessThan(60_000);
  });
});
