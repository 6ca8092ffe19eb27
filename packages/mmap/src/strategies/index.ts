import { EmulatorError, type MmapStrategy } from '@tally86/core';
import { qemu42, qemuTwoliner } from './cursor.ts';
import { bestFit, bottomUp, linuxTopDown } from './stateless.ts';

/** Makes strategies by name; each address space needs one of its own. */
export const placementStrategies: Readonly<Record<string, () => MmapStrategy>> = {
  'linux-top-down': linuxTopDown,
  'bottom-up': bottomUp,
  'best-fit': bestFit,
  'qemu-4.2': qemu42,
  'qemu-twoliner': qemuTwoliner,
};

/** A new strategy of that name. @throws EmulatorError E_NOT_FOUND, which lists the names there are. */
export function createPlacementStrategy(name: string): MmapStrategy {
  if (Object.hasOwn(placementStrategies, name)) return placementStrategies[name]();
  const names = Object.keys(placementStrategies);
  throw new EmulatorError('E_NOT_FOUND', `no placement strategy is called "${name}"; there are ${names.join(', ')}`, { details: { name, names } });
}

export { bestFit, bottomUp, linuxTopDown, qemu42, qemuTwoliner };
