import { TLB_REACH, VECTOR_SLOT, type TlbLayout } from '@tally86/core';
import { type Ea, type IrOp } from '@tally86/decoder';
import { OP, SIMD, TYPE } from '../wasm/opcodes.ts';
import { emitLinear, emitOffset } from './address.ts';
import type { Access, AccessGroup } from './groups.ts';
import { vectorFacts } from './vector/facts.ts';
import type { RegionWriter } from './writer.ts';

type Load = Extract<IrOp, { op: 'load' }>;
type Store = Extract<IrOp, { op: 'store' }>;
type VLoad = Extract<IrOp, { op: 'vload' }>;
type VStore = Extract<IrOp, { op: 'vstore' }>;

const PAGE = 4096;
export const LOADS: Record<string, number> = {
  '1/0': OP.i64_load8_u, '2/0': OP.i64_load16_u, '4/0': OP.i64_load32_u, '8/0': OP.i64_load,
  '1/64': OP.i64_load8_s, '2/64': OP.i64_load16_s, '4/64': OP.i64_load32_s, '8/64': OP.i64_load,
  '4/32': OP.i64_load32_u,
};
export const STORES: Record<number, number> = { 1: OP.i64_store8, 2: OP.i64_store16, 4: OP.i64_store32, 8: OP.i64_store };
/** First of the i32 scratch locals that keep host addresses of groups. */
const HOSTS = 8;

/** Writes loads and stores: a look into the TLB, and off to the interpreter if it does not help. */
export class MemoryEmitter {
  readonly #w: RegionWriter;
  readonly #tlb: TlbLayout;

  constructor(w: RegionWriter, tlb: TlbLayout) {
    this.#w = w;
    this.#tlb = tlb;
  }

  /** Pushes the i64 on top of the stack as host address (i32) of `span` bytes of guest memory; leaves the region if the TLB does not have them in one piece. */
  lookUp(span: number, write: boolean): void {
    const { code } = this.#w;
    const ea = this.#w.scratch(TYPE.i64, 4);
    const low = this.#w.scratch(TYPE.i32, 4);
    const entry = this.#w.scratch(TYPE.i32, 5);
    const table = write ? this.#tlb.writeBase : this.#tlb.readBase;
    // of 2^20 entries the lower half of an address has no bits left to mask: a constant that takes one byte in the host's code, not four
    const mask = this.#tlb.entries === 1 << 20 ? -16 : (this.#tlb.entries - 1) << 4;
    code.tee(ea).op(OP.i32_wrap_i64).tee(low).i32(8).op(OP.i32_shr_u).i32(mask).op(OP.i32_and).set(entry);
    code.get(ea).get(entry).memory(OP.i64_load, table).op(OP.i64_sub).i64(PAGE + TLB_REACH - span).op(OP.i64_gt_u);
    this.#w.exitIf();
    code.get(entry).memory(OP.i32_load, table + 8).get(low).op(OP.i32_add);
  }

  /** Pushes the host address of an access as i32 and returns the constant offset to use with it. */
  host(ea: Ea, access: Access): number {
    const { code } = this.#w;
    const { group, offset, first } = access;
    if (!first) {
      code.get(this.#kept(group));
      return offset - group.low;
    }
    emitLinear(this.#w, ea, group.low - offset);
    this.lookUp(group.high - group.low, group.write);
    if (group.kept >= 0) code.tee(this.#kept(group));
    return offset - group.low;
  }
  #kept({ kept }: AccessGroup): number {
    return this.#w.scratch(TYPE.i32, HOSTS + kept);
  }

  load(op: Load, access: Access): void {
    const { code } = this.#w;
    const at = this.host(op.ea, access);
    if (op.sext === 32 && op.size < 4) {
      code.memory(op.size === 1 ? OP.i32_load8_s : OP.i32_load16_s, at);
      this.#w.set32(op.d);
    } else {
      code.memory(LOADS[`${op.size}/${op.sext}`]!, at);
      this.#w.set(op.d);
    }
  }

  store(op: Store, access: Access): void {
    const at = this.host(op.ea, access);
    this.#w.get(op.a);
    this.#w.code.memory(STORES[op.size]!, at);
  }

  #aligned(ea: Ea, bytes: number): void {
    const { code } = this.#w;
    emitLinear(this.#w, ea);
    code.op(OP.i32_wrap_i64).i32(bytes - 1).op(OP.i32_and);
    this.#w.exitIf();
  }

  vload(op: VLoad, access: Access): void {
    const { code } = this.#w;
    if (op.aligned) this.#aligned(op.ea, op.bytes);
    const at = this.host(op.ea, access);
    if (op.bytes === 32) {
      const p = this.#w.scratch(TYPE.i32, 6);
      const high = op.d + VECTOR_SLOT.high;
      code.tee(p).get(p).simdMemory(SIMD.v128_load, at + 16);
      this.#w.setV(high);
      vectorFacts(this.#w).written(high);
      code.simdMemory(SIMD.v128_load, at);
    } else if (op.bytes === 16) code.simdMemory(SIMD.v128_load, at);
    else if (op.bytes === 8) code.simdMemory(SIMD.v128_load64_zero, at);
    else if (op.bytes === 4) code.simdMemory(SIMD.v128_load32_zero, at);
    else {
      const p = this.#w.scratch(TYPE.i32, 6);
      code.set(p).v128(0, 0, 0, 0).get(p).memory(op.bytes === 1 ? OP.i32_load8_u : OP.i32_load16_u, at).simdLane(SIMD.i32x4_replace_lane, 0);
    }
    this.#w.setV(op.d);
    vectorFacts(this.#w).written(op.d);
  }

  vstore(op: VStore, access: Access): void {
    const { code } = this.#w;
    if (op.aligned) this.#aligned(op.ea, op.bytes);
    const at = this.host(op.ea, access);
    if (op.bytes === 32) {
      const p = this.#w.scratch(TYPE.i32, 6);
      code.tee(p);
      this.#w.getV(op.a);
      code.simdMemory(SIMD.v128_store, at).get(p);
      this.#w.getV(op.a + VECTOR_SLOT.high);
      code.simdMemory(SIMD.v128_store, at + 16);
      return;
    }
    this.#w.getV(op.a);
    if (op.bytes === 16) code.simdMemory(SIMD.v128_store, at);
    else {
      const lane = { 1: SIMD.v128_store8_lane, 2: SIMD.v128_store16_lane, 4: SIMD.v128_store32_lane, 8: SIMD.v128_store64_lane }[op.bytes as 1 | 2 | 4 | 8];
      code.simdMemory(lane, at).op(0);
    }
  }

  lea(op: Extract<IrOp, { op: 'lea' }>): void {
    emitOffset(this.#w, op.ea);
    if (op.w === 32) this.#w.code.i64(-1, 0).op(OP.i64_and);
    this.#w.set(op.d);
  }
  linear(op: Extract<IrOp, { op: 'linear' }>): void {
    emitLinear(this.#w, op.ea);
    this.#w.set(op.d);
  }
  /** Whatever a probe of one page would find faulty goes to the interpreter; longer ones always. */
  probe(op: Extract<IrOp, { op: 'probe' }>): void {
    emitLinear(this.#w, op.ea);
    this.lookUp(Math.min(op.bytes, PAGE), op.write);
    this.#w.code.op(OP.drop);
  }
}
