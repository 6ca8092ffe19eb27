export { createMicroEngine } from './micro/engine.ts';
export { createJit, isJitEngine, jit, type JitEngine, type JitOptions, type JitReport } from './engine.ts';
export { takeModulesFrom, type ModuleSource } from './runtime/module-source.ts';
export type { ExitCause, ExitCounts, HotExit } from './report/exits.ts';
export type { BlockReport, ExitReport, InstructionReport, RegionReport } from './report/region-report.ts';
