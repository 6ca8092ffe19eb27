import { EmulatorError, type Mmu } from '@tally86/core';
import { createAddressSpace } from './address-space.ts';
import { createMachineMemory, type MmuOptions } from './machine-memory.ts';

/**
 * An empty address space over memory of its own; more on the same memory come from it.
 * @throws EmulatorError E_OPTION for sizes that cannot be used, E_HOST_MEMORY if the host refuses the memory.
 */
export function createMmu(options: MmuOptions): Mmu {
  const machine = createMachineMemory(options);
  const port = machine.ports.create();
  if (port === null) throw new EmulatorError('E_INTERNAL', 'the first engine has no area');
  return createAddressSpace(machine, port);
}
