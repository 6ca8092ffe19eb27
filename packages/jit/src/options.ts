import type { Engine } from '@tally86/core';
import type { Pieces } from './image/columns.ts';
import type { ExitCounts, HotExit } from './report/exits.ts';
import type { RegionReport } from './report/region-report.ts';
import type { MachineCode } from './runtime/machine-code.ts';

export interface JitOptions {
  /** Executions of a block in the cold engine before it is translated. */
  readonly threshold?: number;
  /** Instructions translated so far from which on a hot block waits for as many executions again. Default 20,000. */
  readonly hesitateFrom?: number;
  /** Largest region, in blocks and instructions. */
  readonly maxBlocks?: number;
  readonly maxInstructions?: number;
  /** Exits that regions had together, dropped ones too, before all translations are given up and made anew as they are needed. Default 2^20. */
  readonly maxExits?: number;
  /** Regions that are compiled together, at the most. Default 24. */
  readonly batch?: number;
  /** How often an exit is taken, by its cause, before its region is translated another way; those for pages that the TLB lacks do not count. Default 2000 for memory, 64 for floats. */
  readonly stubborn?: { readonly memory?: number; readonly float?: number };
  /** Whether cold code is executed as micro-operations in WebAssembly instead of by the cold engine itself. Default true. */
  readonly micro?: boolean;
  /** Told each region when it is translated. */
  readonly observe?: (region: RegionReport) => void;
  /** What an earlier engine translated (JitEngine.image), by the same version of this package, for the first engine that is created, which has views of it: it must not change, nor be transferred. */
  readonly image?: Uint8Array;
  /** Keeps the host's machine code of regions in images, and takes it from them. Default: the host compiles them anew. */
  readonly machineCode?: MachineCode;
  /** Milliseconds of the host: with it, stats() tell where time goes. Nothing else of the engine looks at it. */
  readonly clock?: () => number;
}

/** How translated code was left. */
export interface JitReport {
  readonly exits: ExitCounts;
  /** The exits that were taken most, hottest first. */
  readonly hottest: readonly HotExit[];
}

export interface ImageOptions {
  /** Whether it has machine code, where there is a way to have it. Default true. */
  readonly machineCode?: boolean;
}

export interface JitEngine extends Engine {
  /** `top`: how many of the hottest exits; default 20. */
  report(top?: number): JitReport;
  /** What it translated, for the first engine of a later machine of the same size that executes the same program; null: it keeps nothing. Between runs only. */
  image(options?: ImageOptions): Uint8Array | null;
  /** The same in pieces of some KiB, to be written without being in memory once more: until the engine runs again, or is asked for another. */
  imagePieces(options?: ImageOptions): Pieces | null;
}

/** Whether an engine is one of these: where the host forbids WebAssembly, `jit` creates another. */
export function isJitEngine(engine: Engine): engine is JitEngine {
  return 'report' in engine;
}
