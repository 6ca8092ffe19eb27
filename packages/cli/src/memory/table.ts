import { formatSize } from '../parse/size.ts';
import type { ExperimentRow } from './experiment.ts';

const COLUMNS = ['mmap', 'page table', 'contracts', 'page table now', 'at the most', 'frames, at the most', 'ms a contract', 'ended by'] as const;

function cells(row: ExperimentRow): string[] {
  return [
    row.mmap, row.pageTable, String(row.contracts), formatSize(row.pageTableBytes), formatSize(row.pageTablePeakBytes), String(row.framesPeak),
    row.millisecondsPerContract.toFixed(3), row.budgetSpent ? 'the memory budget (2 GiB)' : row.exit,
  ];
}

export async function experimentTable(rows: readonly ExperimentRow[]): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const table = new Table({ head: [...COLUMNS], style: { head: [], border: [] }, colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'left'] });
  for (const row of rows) table.push(cells(row));
  return `${table.toString()}\n`;
}

/** The same as Markdown, for documents. */
export function experimentMarkdown(rows: readonly ExperimentRow[]): string {
  const line = (values: readonly string[]): string => `| ${values.join(' | ')} |\n`;
  return line(COLUMNS) + line(COLUMNS.map((_, i) => (i >= 2 && i <= 6 ? '---:' : '---'))) + rows.map((row) => line(cells(row))).join('');
}
