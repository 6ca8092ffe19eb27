export { createMicroEngine } from './micro/engine.ts';
export { createJit, jit } from './engine.ts';
export { isJitEngine, type ImageOptions, type JitEngine, type JitOptions, type JitReport } from './options.ts';
export { checksum, type Pieces } from './image/columns.ts';
export type { CompiledModule, MachineCode } from './runtime/machine-code.ts';
export { commonModules, type CommonModule } from './runtime/common-modules.ts';
export { takeModulesFrom, type ModuleSource } from './runtime/module-source.ts';
export type { ExitCause, ExitCounts, HotExit } from './report/exits.ts';
export type { BlockReport, ExitReport, InstructionReport, RegionReport } from './report/region-report.ts';
