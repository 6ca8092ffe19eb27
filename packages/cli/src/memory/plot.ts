import type { ExperimentRow } from './experiment.ts';

const MIB = 2 ** 20;

/** Page-table bytes over contracts, a line for each combination, as SVG. */
export async function experimentPlot(rows: readonly ExperimentRow[]): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const values = rows.flatMap((row) =>
    row.samples.map(({ contract, pageTableBytes }) => ({ contract, mib: pageTableBytes / MIB, combination: `${row.mmap} × ${row.pageTable}` })));
  const { spec } = compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 640, height: 320, background: 'white',
    title: 'Page table after each contract (6 GiB reserved and unmapped)',
    data: { values },
    mark: { type: 'line', clip: true },
    encoding: {
      x: { field: 'contract', type: 'quantitative', title: 'contracts' },
      y: { field: 'mib', type: 'quantitative', title: 'page table, MiB', scale: { type: 'symlog' } },
      color: { field: 'combination', type: 'nominal', title: 'mmap × page table', legend: { labelLimit: 300 } },
      strokeDash: { field: 'combination', type: 'nominal' },
    },
  });
  const view = new vega.View(vega.parse(spec), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
