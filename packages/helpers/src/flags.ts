import { ARITH_FLAGS, CELL, FLAG, FLAG_KIND, FLAG_OVERLAY, type CpuState } from '@tally86/core';

/** PF of each low byte (SDM vol. 1, 3.4.3.1: even number of ones). */
const PARITY = new Uint8Array(256);
for (let i = 0; i < 256; i++) {
  let ones = 0;
  for (let j = i; j > 0; j &= j - 1) ones++;
  PARITY[i] = (ones & 1) === 0 ? FLAG.PF : 0;
}

const SIGN = [0x80n, 0x8000n, 0x8000_0000n, 0x8000_0000_0000_0000n] as const;
const BITS = [8, 16, 32, 64] as const;

/**
 * The meaning of lazy flags, at any operand size: the six arithmetic flags at their RFLAGS places.
 * This is the definition; engines may compute single conditions in shorter ways.
 * @param kind FLAG_KIND
 * @param log2 log2 of the operand size in bytes
 */
export function arithmeticFlags(kind: number, log2: number, a0: bigint, b0: bigint, c0: bigint): number {
  if (kind === FLAG_KIND.explicit) return Number(a0 & BigInt(ARITH_FLAGS));
  const bits = BITS[log2]!;
  const sign = SIGN[log2]!;
  const a = BigInt.asUintN(bits, a0);
  const b = BigInt.asUintN(bits, b0);
  let r: bigint;
  let cf = false;
  let of = false;
  let af = false;
  switch (kind) {
    case FLAG_KIND.add:
    case FLAG_KIND.adc: {
      const wide = a + b + (kind === FLAG_KIND.adc ? c0 & 1n : 0n);
      r = BigInt.asUintN(bits, wide);
      cf = wide !== r;
      of = ((a ^ r) & (b ^ r) & sign) !== 0n;
      af = ((a ^ b ^ r) & 0x10n) !== 0n;
      break;
    }
    case FLAG_KIND.sub:
    case FLAG_KIND.sbb: {
      const borrow = kind === FLAG_KIND.sbb ? c0 & 1n : 0n;
      r = BigInt.asUintN(bits, a - b - borrow);
      cf = a < b + borrow;
      of = ((a ^ b) & (a ^ r) & sign) !== 0n;
      af = ((a ^ b ^ r) & 0x10n) !== 0n;
      break;
    }
    case FLAG_KIND.logic:
      r = a;
      break;
    case FLAG_KIND.inc:
      r = BigInt.asUintN(bits, a + 1n);
      cf = (b0 & 1n) !== 0n;
      of = r === sign;
      af = (r & 0xfn) === 0n;
      break;
    case FLAG_KIND.dec:
      r = BigInt.asUintN(bits, a - 1n);
      cf = (b0 & 1n) !== 0n;
      of = a === sign;
      af = (a & 0xfn) === 0n;
      break;
    // AF is undefined after shifts: Zen sets it
    case FLAG_KIND.shl: {
      const wide = a << b;
      r = BigInt.asUintN(bits, wide);
      cf = ((wide >> BigInt(bits)) & 1n) !== 0n;
      of = ((r & sign) !== 0n) !== cf;
      af = true;
      break;
    }
    case FLAG_KIND.shr:
      r = a >> b;
      cf = ((a >> (b - 1n)) & 1n) !== 0n;
      // defined for counts of 1; hardware gives the same formula on the last step for others
      of = ((r ^ (r << 1n)) & sign) !== 0n;
      af = true;
      break;
    case FLAG_KIND.sar: {
      const s = BigInt.asIntN(bits, a0);
      r = BigInt.asUintN(bits, s >> b);
      cf = ((s >> (b - 1n)) & 1n) !== 0n;
      af = true;
      break;
    }
    case FLAG_KIND.shld: {
      const n = c0;
      // 16-bit operands by more than 16: undefined; Zen goes on with the bits of b
      r = BigInt.asUintN(bits, ((((a << BigInt(bits)) | b) << BigInt(bits)) | b) >> (BigInt(2 * bits) - n));
      cf = n <= BigInt(bits) && ((a >> (BigInt(bits) - n)) & 1n) !== 0n;
      of = (n < BigInt(bits) && (r & sign) !== 0n) !== cf;
      af = true;
      break;
    }
    case FLAG_KIND.shrd: {
      const n = c0;
      r = BigInt.asUintN(bits, ((((b << BigInt(bits)) | b) << BigInt(bits)) | a) >> n);
      cf = n <= BigInt(bits) && ((a >> (n - 1n)) & 1n) !== 0n;
      of = ((r ^ (r << 1n)) & sign) !== 0n;
      af = true;
      break;
    }
    case FLAG_KIND.mul: {
      const wide = a * b;
      r = BigInt.asUintN(bits, wide);
      cf = of = wide !== r;
      break;
    }
    case FLAG_KIND.imul: {
      const wide = BigInt.asIntN(bits, a) * BigInt.asIntN(bits, b);
      r = BigInt.asUintN(bits, wide);
      cf = of = wide !== BigInt.asIntN(bits, wide);
      break;
    }
    case FLAG_KIND.scan:
      return a === 0n ? FLAG.ZF | FLAG.PF : PARITY[Number(b & 0xffn)]!;
    case FLAG_KIND.count:
      return (a === 0n ? FLAG.CF : 0) | (b === 0n ? FLAG.ZF : 0);
    case FLAG_KIND.popcnt:
      return a === 0n ? FLAG.ZF : 0;
    default:
      throw new Error(`unknown flag kind ${kind}`);
  }
  return (
    (cf ? FLAG.CF : 0) | PARITY[Number(r & 0xffn)]! | (af ? FLAG.AF : 0) | (r === 0n ? FLAG.ZF : 0) |
    ((r & sign) !== 0n ? FLAG.SF : 0) | (of ? FLAG.OF : 0)
  );
}

/** The flags of ARITH_FLAGS that the overlay bits of `ccKind` replace. */
export function overlayMask(kindCell: number): number {
  return ((kindCell & FLAG_OVERLAY.CF) !== 0 ? FLAG.CF : 0) | ((kindCell & FLAG_OVERLAY.OF) !== 0 ? FLAG.OF : 0);
}

/** The six arithmetic flags of the running state. */
export function readArithmeticFlags(cpu: CpuState): number {
  const kind = cpu.i32[2 * CELL.ccKind]!;
  const flags = arithmeticFlags(kind & 0xff, (kind >>> 8) & 0xff, cpu.u64[CELL.ccA]!, cpu.u64[CELL.ccB]!, cpu.u64[CELL.ccC]!);
  if (kind <= 0xffff) return flags;
  const mask = overlayMask(kind);
  return (flags & ~mask) | (cpu.i32[2 * CELL.ccC]! & mask);
}

/** Records the six arithmetic flags explicitly. */
export function writeArithmeticFlags(cpu: CpuState, flags: number): void {
  cpu.i32[2 * CELL.ccKind] = FLAG_KIND.explicit;
  cpu.u64[CELL.ccA] = BigInt(flags & ARITH_FLAGS);
}

/** Kinds whose record uses ccC. */
function usesC(kind: number): boolean {
  return kind === FLAG_KIND.adc || kind === FLAG_KIND.sbb || kind === FLAG_KIND.shld || kind === FLAG_KIND.shrd;
}

/** Replaces the flags of `mask` by those bits of `value`. */
export function mergeArithmeticFlags(cpu: CpuState, mask: number, value: number): void {
  if ((mask & ~(FLAG.CF | FLAG.OF)) !== 0) {
    writeArithmeticFlags(cpu, (readArithmeticFlags(cpu) & ~mask) | (value & mask));
    return;
  }
  if (usesC(cpu.i32[2 * CELL.ccKind]! & 0xff)) writeArithmeticFlags(cpu, readArithmeticFlags(cpu));
  cpu.i32[2 * CELL.ccC] = (cpu.i32[2 * CELL.ccC]! & ~mask) | (value & mask);
  cpu.i32[2 * CELL.ccKind] = cpu.i32[2 * CELL.ccKind]! | ((mask & FLAG.CF) !== 0 ? FLAG_OVERLAY.CF : 0) | ((mask & FLAG.OF) !== 0 ? FLAG_OVERLAY.OF : 0);
}

/** RFLAGS as pushf shows it. */
export function readRflags(cpu: CpuState): number {
  return readArithmeticFlags(cpu) | cpu.i32[2 * CELL.rflags]! | 2;
}

/** Bits that user mode can change by popf and sigreturn. */
export const WRITABLE_RFLAGS = ARITH_FLAGS | FLAG.TF | FLAG.DF | FLAG.NT | FLAG.AC | FLAG.ID;

/** Sets RFLAGS as popf does in user mode: IF, IOPL and the like stay. */
export function writeRflags(cpu: CpuState, value: number): void {
  writeArithmeticFlags(cpu, value);
  const keep = WRITABLE_RFLAGS & ~ARITH_FLAGS;
  cpu.i32[2 * CELL.rflags] = (cpu.i32[2 * CELL.rflags]! & ~keep) | (value & keep);
}

/** Whether an x86 condition code (Jcc numbering) holds for these flags. */
export function conditionHolds(cc: number, flags: number): boolean {
  let holds: boolean;
  switch (cc >> 1) {
    case 0: holds = (flags & FLAG.OF) !== 0; break;
    case 1: holds = (flags & FLAG.CF) !== 0; break;
    case 2: holds = (flags & FLAG.ZF) !== 0; break;
    case 3: holds = (flags & (FLAG.CF | FLAG.ZF)) !== 0; break;
    case 4: holds = (flags & FLAG.SF) !== 0; break;
    case 5: holds = (flags & FLAG.PF) !== 0; break;
    case 6: holds = ((flags & FLAG.SF) !== 0) !== ((flags & FLAG.OF) !== 0); break;
    default: holds = (flags & FLAG.ZF) !== 0 || ((flags & FLAG.SF) !== 0) !== ((flags & FLAG.OF) !== 0);
  }
  return holds !== ((cc & 1) !== 0);
}
