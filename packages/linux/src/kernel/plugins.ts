import type { FaultInfo, MappingEvent, Plugin, SyscallEvent, TranslationHooks } from '@tally86/core';

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
  readonly task: ((event: { readonly kind: 'create' | 'exit'; readonly thread: number }) => void) | null;
}
