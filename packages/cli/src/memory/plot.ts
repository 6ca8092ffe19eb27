import type { ExperimentRow } from './experiment.ts';

const MIB = 2 ** 20;
/** Points of a line, at the most. */
const POINTS = 100;

/** Page-table bytes over contracts, a line for each combination, as SVG. */
export async function experimentPlot(rows: readonly ExperimentRow[]): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const values = rows.flatMap(({ mmap, pageTable, samples }) => {
    const every = Math.ceil(samples.length / POINTS);
    return samples.filter((_, i) => i % every === 0 || i === samples.length - 1)
      .map(({ contract, pageTableBytes }) => ({ contract, mib: pageTableBytes / MIB, mmap, pageTable: `page table ${pageTable}` }));
  });
  const { spec } = compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    title: { text: 'Page table kept after each contract that reserves and unmaps 6 GiB', anchor: 'middle' },
    data: { values },
    facet: { column: { field: 'pageTable', type: 'nominal', title: null } },
    spec: {
      width: 360, height: 260,
      mark: { type: 'line', strokeWidth: 2.5, opacity: 0.8 },
      encoding: {
        x: { field: 'contract', type: 'quantitative', title: 'contracts' },
        y: { field: 'mib', type: 'quantitative', title: 'MiB (logarithmic)', scale: { type: 'log' } },
        color: { field: 'mmap', type: 'nominal', title: 'mmap' },
        strokeDash: { field: 'mmap', type: 'nominal', title: 'mmap' },
      },
    },
  });
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
