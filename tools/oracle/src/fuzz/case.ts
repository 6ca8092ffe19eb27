/** Where the executor puts things; an adapter maps the same. All addresses are linear, sizes in bytes. */
export const LAYOUT = {
  /** Two pages, read, write and execute; the pages around are unmapped. */
  codeBase: 0x1000_0000,
  codeSize: 0x2000,
  /** Four pages read and write, then one read-only; the pages around are unmapped. */
  arenaBase: 0x2000_0000,
  arenaWritable: 0x4000,
  arenaSize: 0x5000,
} as const;

/** Names of general registers by number. */
export const REGISTERS = ['rax', 'rcx', 'rdx', 'rbx', 'rsp', 'rbp', 'rsi', 'rdi', 'r8', 'r9', 'r10', 'r11', 'r12', 'r13', 'r14', 'r15'] as const;

/** Flags a case may load or an instruction may leave: CF PF AF ZF SF DF OF, NT AC ID. TF, RF, IF, IOPL are the kernel's. */
export const FLAGS_COMPARED = 0x244cd5;

/** An overwrite of the arena's initial contents; `offset` in bytes from its start, inside the writable pages. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** One instruction and the whole state before it. */
export interface FuzzCase {
  /** The instruction, 1–15 bytes (or a sequence of them), at `LAYOUT.codeBase + codeOffset`. May run over the end of the code pages. */
  readonly code: Uint8Array;
  readonly codeOffset: number;
  /** Natively stopped by an int3 behind it (not for branches) rather than by TF. */
  readonly int3: boolean;
  /** rax rcx rdx rbx rsp rbp rsi rdi r8–r15. */
  readonly gpr: BigUint64Array;
  readonly rflags: number;
  readonly fsBase: bigint;
  readonly gsBase: bigint;
  /** FXSAVE64 image: x87, MXCSR, xmm0–15 (SDM vol. 1, table 10-2). */
  readonly fx: Uint8Array;
  /** Upper halves of ymm0–15, 16 bytes each. */
  readonly ymmHigh: Uint8Array;
  readonly patches: readonly Patch[];
  readonly family: string;
  /** iced's Code and Mnemonic. */
  readonly form: number;
  readonly mnemonic: number;
  /** Linear address of the (first) memory operand as the generator placed it. */
  readonly target: number | null;
}

/** An exception. For #PF `address` is CR2; `errorCode` is compared for #PF only. */
export interface CaseFault {
  readonly vector: number;
  readonly errorCode: number;
  readonly address: bigint;
  /** What the kernel made of it; natively only. */
  readonly signal?: number;
  readonly code?: number;
}

/** The state afterwards: of the finished instruction, or at the fault. */
export interface CaseResult {
  readonly fault: CaseFault | null;
  readonly rip: bigint;
  readonly gpr: BigUint64Array;
  readonly rflags: number;
  readonly fx: Uint8Array;
  readonly ymmHigh: Uint8Array;
  /** The arena's writable pages. */
  readonly arena: Uint8Array;
}

/** What the executor gives: the arena as what changed in it, runs of 8-byte words. */
export interface NativeResult extends Omit<CaseResult, 'arena'> {
  readonly changes: readonly Patch[];
}

/** What an engine's adapter implements. The result may be reused by the next call. */
export interface Execute {
  (test: FuzzCase): CaseResult;
  /**
   * These cases are going to be executed; they are one group of `groupByCode`. What an engine does once for all of them is done here. If it throws, each
   * of them is prepared alone.
   */
  readonly prepare?: (tests: readonly FuzzCase[]) => void;
}

const base = new Uint8Array(LAYOUT.arenaSize);
for (let i = 0; i < base.length; i++) {
  const x = Math.imul(i, 2654435761) >>> 0;
  base[i] = (x >>> 24) ^ (x >>> 11);
}

/** Writes the arena's contents before `test` to `out` (`LAYOUT.arenaSize` bytes, the read-only page too). */
export function initialArena(test: FuzzCase, out: Uint8Array = new Uint8Array(LAYOUT.arenaSize)): Uint8Array {
  out.set(base);
  for (const { offset, bytes } of test.patches) out.set(bytes, offset);
  return out;
}
