import { describe, expect, it } from 'vitest';
import { exampleReport, exampleRow as row } from './example.ts';
import { markdownReport, replaceBetweenMarkers } from './markdown.ts';
import { markdownTable, programTable, worst } from './tables.ts';

describe('programTable', () => {
  const cell = (rows: Parameters<typeof programTable>[0]['rows'], column: string, before?: typeof rows): string => {
    const table = programTable({ rows }, before === undefined ? undefined : { rows: before });
    return table.rows[0]![table.head.indexOf(column)]!;
  };
  const plain = row('k', 'integer', { native: 0.5, qemu: 2, tally86: 1 });
  it.each([
    ['instructions', plain, '1,234,567,890'],
    ['native s', plain, '0.500'],
    ['tally86 s', plain, '1.000'],
    ['first run s', plain, '–'],
    ['first run s', { ...plain, first: plain.runs.native! }, '0.500'],
    ['wall s', plain, '2.00'],
    ['MIPS', plain, '1234.6'],
    ['× QEMU', plain, '0.50'],
    ['host MiB', plain, '100'],
    ['output', plain, 'same'],
    ['tally86 s', row('k', 'integer', { qemu: 2, tally86: 'cut off' }), '> 60 (cut off)'],
    ['× QEMU', row('k', 'integer', { qemu: 2, tally86: 'cut off' }), '–'],
    ['tally86 s', row('k', 'start', { qemu: 2, tally86: 1 }), '2.000'],
    ['QEMU s', row('k', 'integer', { tally86: 1 }), '–'],
    ['plugin × QEMU', row('k', 'integer', { qemu: 2, plugin: 6, tally86: 1 }), '3.00'],
    ['output', row('k', 'integer', { tally86: 1 }, undefined, ['qemu', 'tally86']), 'DIFFERS: qemu, tally86'],
  ] as const)('%s', (column, r, text) => expect(cell([r], column)).toBe(text));

  it('has no column of the plugin if it did not run', () => expect(programTable({ rows: [plain] }).head.join()).not.toContain('plugin'));
  it('compares with another report by name', () => {
    expect(cell([plain], '× before', [row('k', 'integer', { tally86: 4 })])).toBe('0.25');
    expect(cell([plain], '× before', [row('other', 'integer', { tally86: 4 })])).toBe('–');
    expect(cell([plain], '× before', [row('k', 'integer', { tally86: 'cut off' })])).toBe('–');
  });
  it('puts classes in order', () => {
    const rows = (['start', 'real', 'float', 'integer'] as const).map((name) => row(name, name, { tally86: 1 }));
    expect(programTable({ rows }).rows.map((r) => r[0])).toEqual(['integer', 'float', 'real', 'start']);
  });
});

it('worst names the furthest from QEMU first, without start-up', () => {
  const rows = [row('a', 'integer', { qemu: 1, tally86: 2 }), row('b', 'real', { qemu: 1, tally86: 3 }), row('c', 'start', { qemu: 1, tally86: 9 }), row('d', 'real', { qemu: 1, tally86: 'cut off' })];
  expect(worst({ rows })).toBe('b 3.00 (real programs), a 2.00 (integer kernels)');
  expect(worst({ rows: [] })).toBe('');
});

describe('Markdown', () => {
  it('aligns columns of numbers to the right and keeps bars out of cells', () => {
    expect(markdownTable({ head: ['name', 'n', 'word'], rows: [['a|b', '1.5', 'x'], ['c', '–', 'y']] })).toBe('| name | n | word |\n| --- | ---: | --- |\n| a\\|b | 1.5 | x |\n| c | – | y |');
  });
  it('names the machine, the date and the runs', () => {
    expect(markdownReport(exampleReport([row('k', 'integer', { qemu: 1, tally86: 1 })]))).toContain('Measured on 2026-01-02: Example 3000, 2 cores, 8 GiB, Linux 6.1, Node v20.19.0, QEMU 7.2.0. Median of 3.');
    expect(markdownReport({ ...exampleReport([]), quick: true, engine: 'interpreter' })).toContain('Median of 3, a tenth of the work (`--quick`), engine interpreter.');
  });
  it('replaces what stands between the markers only', () => {
    const page = 'before\n<!-- bench:begin -->\nold\n<!-- bench:end -->\nafter\n';
    expect(replaceBetweenMarkers(page, 'new')).toBe('before\n<!-- bench:begin -->\nnew\n<!-- bench:end -->\nafter\n');
    expect(replaceBetweenMarkers(replaceBetweenMarkers(page, 'new'), '$& newer')).toContain('-->\n$& newer\n<!--');
    expect(() => replaceBetweenMarkers('no markers', 'new')).toThrow('it has no <!-- bench:begin -->');
  });
});
