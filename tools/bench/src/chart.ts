import type { TopLevelSpec } from 'vega-lite';
import { CLASS_NAMES, RATIO_GOALS } from './classes.ts';
import { machineText } from './machine.ts';
import { overQemu, type Report } from './row.ts';

/** Horizontal bars from 1 (plain QEMU) for each program; start-up, which is measured in milliseconds, has none. */
export function chartSpec(report: Report): TopLevelSpec {
  const runners = [['tally86', 'tally86, counting'], ['plugin', `QEMU, counting by a plugin for each ${report.plugin}`]] as const;
  const ranked = CLASS_NAMES.flatMap((name) => (name === 'start' ? [] : report.rows.filter((row) => row.class === name).map((row) => ({ row, kind: RATIO_GOALS[name].title }))));
  const values = ranked.flatMap(({ row, kind }) => runners.flatMap(([runner, who]) => {
    const over = overQemu(row, runner);
    return over === null ? [] : [{ program: row.program, kind, who, ratio: Number(over.toPrecision(4)), label: over.toPrecision(2) }];
  }));
  const whos = runners.map(([, who]) => who).filter((who) => values.some((v) => v.who === who));
  const y = { field: 'program', type: 'nominal', title: null, sort: null, axis: { ticks: false, domain: false } } as const;
  const yOffset = { field: 'who', sort: [...whos] };
  const x = {
    field: 'ratio' as const, type: 'quantitative' as const, scale: { type: 'log' as const },
    axis: { title: 'time over plain QEMU (logarithmic): left of 1 is faster', values: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100], format: '~g' },
  };
  const color = {
    field: 'who' as const, type: 'nominal' as const, title: null, sort: [...whos],
    scale: { domain: [...whos], range: ['#2563eb', '#d1d5db'] }, legend: { orient: 'top' as const, labelLimit: 400 },
  };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    title: { text: 'CPU time over plain qemu-x86_64', subtitle: machineText(report.machine), anchor: 'start' },
    data: { values },
    facet: { row: { field: 'kind', type: 'nominal', title: null, sort: Object.values(RATIO_GOALS).map(({ title }) => title), header: { labelOrient: 'top', labelAnchor: 'start', labelFontWeight: 'bold' } } },
    resolve: { scale: { y: 'independent' } },
    spacing: 8,
    spec: {
      width: 560, height: { step: whos.length > 1 ? 11 : 18 },
      layer: [
        { mark: 'bar', encoding: { y, yOffset, x, x2: { datum: 1 }, color } },
        { mark: { type: 'rule', color: '#111827' }, encoding: { x: { datum: 1 } } },
      ],
    },
  };
}

/** The chart as SVG. */
export async function chart(report: Report): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(compile(chartSpec(report)).spec), { renderer: 'none' });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
