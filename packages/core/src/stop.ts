/** Exception vectors that user mode can raise (SDM vol. 3, 6.15). */
export const VECTOR = { DE: 0, DB: 1, BP: 3, OF: 4, UD: 6, NP: 11, SS: 12, GP: 13, PF: 14, MF: 16, AC: 17, XM: 19 } as const;
export type Vector = (typeof VECTOR)[keyof typeof VECTOR];

/** Why a page access failed. `bus`: beyond the end of a mapped file, or the memory budget is spent. */
export type FaultReason = 'unmapped' | 'protection' | 'bus' | 'budget';

/** An exception. `rip` in the CPU state is that of the faulting instruction (of the next one for traps: #BP, #OF). */
export interface FaultInfo {
  vector: Vector;
  /** Error code as the CPU would push it (for #PF: bit 0 present, 1 write, 2 user, 4 fetch). */
  errorCode: number;
  /** #PF: the linear address that failed (as in CR2), sign-extended form of a 64-bit address as unsigned. */
  address: bigint;
  /** #PF only. */
  reason: FaultReason;
}

/** Why an engine returned. rip points at the next instruction (`syscall`: behind it, with rcx and r11 set as the CPU does). */
export type Stop =
  | { readonly kind: 'syscall' }
  | { readonly kind: 'fault'; readonly fault: FaultInfo }
  | { readonly kind: 'budget' }
  | { readonly kind: 'undefined'; readonly address: number; readonly bytes: Uint8Array; readonly text: string }
  | { readonly kind: 'breakpoint' }
  | { readonly kind: 'halt' };
export type StopKind = Stop['kind'];
