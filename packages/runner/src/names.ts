import type { CpuModel, EngineFactory, MmapStrategy, PageTableStrategy } from '@tally86/core';
import { cpuModels, DEFAULT_CPU_MODEL } from '@tally86/decoder';
import { interpreter } from '@tally86/interpreter';
import { jit, type JitOptions } from '@tally86/jit';
import { createPlacementStrategy, placementStrategies } from '@tally86/mmap';
import { pageTableByName, pageTables } from '@tally86/mmu';
import { partByName } from './registry.ts';

/** The engine `jit`, with options of its own: to watch it, or to translate differently. */
export const jitEngine = (options: JitOptions = {}): EngineFactory => jit(interpreter, options);

/** The engines that can be asked for by name. */
export const engines: Readonly<Record<string, EngineFactory>> = { jit: jitEngine(), [interpreter.name]: interpreter };

/** What a part is called where none is given. */
export const DEFAULTS = { engine: 'jit', mmap: 'linux-top-down', pageTable: 'lazy', cpu: DEFAULT_CPU_MODEL } as const;

/** The names that each choice knows. */
export const NAMES = {
  engine: Object.keys(engines),
  mmap: Object.keys(placementStrategies),
  pageTable: Object.keys(pageTables),
  cpu: Object.keys(cpuModels),
} as const;

/** Each takes a name or the part itself. @throws EmulatorError E_NOT_FOUND with the names there are. */
export const engineOf = (choice: string | EngineFactory): EngineFactory => (typeof choice === 'string' ? partByName('engine', engines, choice) : choice);
export const placementOf = (choice: string | MmapStrategy): MmapStrategy => (typeof choice === 'string' ? createPlacementStrategy(choice) : choice);
export const pageTableOf = (choice: string | PageTableStrategy): PageTableStrategy => (typeof choice === 'string' ? pageTableByName(choice) : choice);
export const cpuModelOf = (choice: string | CpuModel): CpuModel => (typeof choice === 'string' ? partByName('CPU model', cpuModels, choice) : choice);
