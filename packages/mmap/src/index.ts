export { bestFit, bottomUp, createPlacementStrategy, linuxTopDown, placementStrategies, qemu42, qemuTwoliner } from './strategies/index.ts';
export { createVmaSet, type VmaSetOptions } from './vma-set.ts';
