import { machineText } from './machine.ts';
import type { Report } from './row.ts';
import { markdownTable, programTable, verdictTable, worst } from './tables.ts';
import { verdicts } from './verdict.ts';

const [BEGIN, END] = ['<!-- bench:begin -->', '<!-- bench:end -->'];

/** The part of docs/performance.md that the bench command writes. */
export function markdownReport(report: Report): string {
  const sizes = report.quick ? ', a tenth of the work (`--quick`)' : '';
  return [
    `Measured on ${report.date}: ${machineText(report.machine)}. Median of ${report.runs}${sizes}${report.engine === null ? '' : `, engine ${report.engine}`}.`, '',
    markdownTable(verdictTable(verdicts(report))), '',
    `Furthest from QEMU: ${worst(report) || 'nothing to compare'}.`, '',
    markdownTable(programTable(report)),
  ].join('\n');
}

/** `text` with what stands between the markers replaced. Throws `Error` if it has no such markers. */
export function replaceBetweenMarkers(text: string, generated: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`it has no ${BEGIN} … ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n${generated}\n${text.slice(end)}`;
}
