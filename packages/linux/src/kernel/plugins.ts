import type { BlockInfo, BlockInstrumentation, FaultInfo, MappingEvent, MemoryAccess, Plugin, SyscallEvent, TranslationHooks } from '@tally86/core';

type TaskEvent = { readonly kind: 'create' | 'exit'; readonly thread: number };

/** The plugins of a machine, merged once so that an absent hook costs nothing. */
export interface PluginSet {
  readonly plugins: readonly Plugin[];
  /** For engines; null if no plugin asks. */
  readonly hooks: TranslationHooks | null;
  /** Null if no plugin wants system calls. The first number answers the call in place of the kernel. */
  readonly syscall: ((event: SyscallEvent) => number | undefined) | null;
  readonly syscallResult: ((event: SyscallEvent, result: number) => void) | null;
  readonly fault: ((fault: FaultInfo, rip: number) => void) | null;
  readonly mapping: ((event: MappingEvent) => void) | null;
  readonly task: ((event: TaskEvent) => void) | null;
}

/** Merges plugins, in their order. */
export function createPluginSet(plugins: readonly Plugin[]): PluginSet {
  const wanting = (key: 'translate' | 'syscall' | 'syscallResult' | 'fault' | 'mapping' | 'task'): Plugin[] | null => {
    const some = plugins.filter((plugin) => plugin[key] !== undefined);
    return some.length > 0 ? some : null;
  };
  const translating = wanting('translate');
  const calls = wanting('syscall');
  const results = wanting('syscallResult');
  const faults = wanting('fault');
  const mappings = wanting('mapping');
  const tasks = wanting('task');
  return {
    plugins,
    hooks: translating && { translate: (block) => mergeInstrumentation(translating, block) },
    syscall: calls && ((event) => {
      for (const plugin of calls) {
        const answer = plugin.syscall!(event);
        if (answer !== undefined) return answer;
      }
      return undefined;
    }),
    syscallResult: results && ((event, result) => results.forEach((plugin) => plugin.syscallResult!(event, result))),
    fault: faults && ((fault, rip) => faults.forEach((plugin) => plugin.fault!(fault, rip))),
    mapping: mappings && ((event) => mappings.forEach((plugin) => plugin.mapping!(event))),
    task: tasks && ((event) => tasks.forEach((plugin) => plugin.task!(event))),
  };
}

function mergeInstrumentation(plugins: readonly Plugin[], block: BlockInfo): BlockInstrumentation | undefined {
  const parts = plugins.map((plugin) => plugin.translate!(block)).filter((part) => part !== undefined);
  if (parts.length <= 1) return parts[0];
  const memory = parts.map((part) => part.memory).filter((call) => call !== undefined);
  return {
    counters: parts.flatMap((part) => part.counters ?? []),
    callbacks: parts.flatMap((part) => part.callbacks ?? []),
    ...(memory.length === 0 ? {} : { memory: (access: MemoryAccess) => memory.forEach((call) => call(access)) }),
  };
}
