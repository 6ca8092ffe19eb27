import { createCpuState, resetCpuState, type CpuModel, type CpuState, type EngineFactory, type MmapStrategy, type Mmu, type Plugin, type VmaSet } from '@tally86/core';
import { createKernel, type CpuAccess, type KernelOptions, type Machine } from '@tally86/linux';
import { createCpuAccess } from './cpu-access.ts';

/** The parts of a machine, each passed in: nothing is chosen for you. */
export interface Parts {
  readonly engine: EngineFactory;
  readonly mmu: Mmu;
  readonly vmas: VmaSet;
  readonly placement: MmapStrategy;
  readonly model: CpuModel;
  readonly plugins?: readonly Plugin[];
  /** How the kernel reads flags and extended state; default: by the helpers package. */
  readonly cpuAccess?: CpuAccess;
  /** The rest of what the kernel can be told: clock, entropy, system calls, budgets, strace. */
  readonly kernel?: Omit<KernelOptions, 'cpu' | 'cpuAccess' | 'model' | 'engine' | 'addressSpace' | 'plugins'>;
}

/** A machine put together from parts; it has no process until its kernel spawns one. */
export interface ComposedMachine {
  readonly kernel: Machine;
  readonly cpu: CpuState;
  readonly mmu: Mmu;
  readonly vmas: VmaSet;
}

/** Puts a machine together from the parts given. */
export function compose(parts: Parts): ComposedMachine {
  const { mmu, vmas } = parts;
  const cpu = createCpuState(mmu.buffer);
  resetCpuState(cpu);
  const kernel = createKernel({
    ...parts.kernel,
    cpu, model: parts.model, engine: parts.engine,
    cpuAccess: parts.cpuAccess ?? createCpuAccess(parts.model),
    addressSpace: { mmu, vmas, strategy: parts.placement },
    plugins: parts.plugins ?? [],
  });
  return { kernel, cpu, mmu, vmas };
}
