export { createProgram, main } from './cli.ts';
export type { CountReport } from './report/count-report.ts';
