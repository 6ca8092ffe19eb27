import { EmulatorError, type InstructionCounts } from '@tally86/core';

/** What one "instruction" is. The conventions differ in `rep` string instructions only. */
export const CONVENTIONS = {
  retired: {
    name: 'retired',
    description: 'a rep string instruction is 1, as hardware counters say',
    of: (c: InstructionCounts): number => c.retired,
  },
  'rep-iteration': {
    name: 'rep-iteration',
    description: 'a rep string instruction of n iterations is max(n, 1), as single-stepping sees it',
    of: (c: InstructionCounts): number => c.retired - c.repCompleted + c.repIterations + c.repEmpty,
  },
  'qemu-plugin': {
    name: 'qemu-plugin',
    description: 'a rep string instruction whose count ran out after n iterations is n + 1, as plugins of QEMU up to 9 see it',
    of: (c: InstructionCounts): number => c.retired - c.repCompleted + c.repIterations + c.repEmpty + c.repExhausted,
  },
} as const;

export type ConventionName = keyof typeof CONVENTIONS;
export const CONVENTION_NAMES = Object.keys(CONVENTIONS) as readonly ConventionName[];

/** @throws EmulatorError E_NOT_FOUND with the names there are. */
export function conventionByName(name: string): (typeof CONVENTIONS)[ConventionName] {
  if (!Object.hasOwn(CONVENTIONS, name)) {
    throw new EmulatorError('E_NOT_FOUND', `no counting convention is called '${name}': there are ${CONVENTION_NAMES.join(', ')}`, { details: { name } });
  }
  return CONVENTIONS[name as ConventionName];
}

/** How the conventions come from one another, for reports. */
export interface Reconciliation extends InstructionCounts {
  /** The count under each convention. */
  readonly conventions: Readonly<Record<ConventionName, number>>;
}

export function reconcile(counts: InstructionCounts): Reconciliation {
  const { retired, repIterations, repCompleted, repEmpty, repExhausted } = counts;
  return {
    retired, repIterations, repCompleted, repEmpty, repExhausted,
    conventions: {
      retired: CONVENTIONS.retired.of(counts),
      'rep-iteration': CONVENTIONS['rep-iteration'].of(counts),
      'qemu-plugin': CONVENTIONS['qemu-plugin'].of(counts),
    },
  };
}
