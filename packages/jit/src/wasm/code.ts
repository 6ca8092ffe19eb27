import { OP, SIMD, TYPE } from './opcodes.ts';

/** A growing run of bytes in WebAssembly's encoding. */
export class Code {
  bytes: Uint8Array = new Uint8Array(4096);
  length = 0;

  #grow(by: number): void {
    let size = this.bytes.length * 2;
    while (size < this.length + by) size *= 2;
    const grown = new Uint8Array(size);
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
  reset(): void {
    this.length = 0;
  }
  op(byte: number): this {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = byte;
    return this;
  }
  append(bytes: Uint8Array): this {
    if (this.length + bytes.length > this.bytes.length) this.#grow(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }
  /** An unsigned LEB128 number below 2^32. */
  u32(value: number): this {
    let v = value >>> 0;
    while (v > 127) {
      this.op((v & 127) | 128);
      v >>>= 7;
    }
    return this.op(v);
  }
  /** A signed LEB128 number of 32 bits. */
  s32(value: number): this {
    let v = value | 0;
    for (;;) {
      const low = v & 127;
      v >>= 7;
      if ((v === 0 && (low & 64) === 0) || (v === -1 && (low & 64) !== 0)) return this.op(low);
      this.op(low | 128);
    }
  }
  /** A signed LEB128 number of 64 bits, from its halves. */
  s64(lo: number, hi: number): this {
    if (hi === lo >> 31) return this.s32(lo);
    let l = lo >>> 0;
    let h = hi | 0;
    for (;;) {
      const low = l & 127;
      l = ((l >>> 7) | (h << 25)) >>> 0;
      h >>= 7;
      if ((l === 0 && h === 0 && (low & 64) === 0) || (l === 0xffffffff && h === -1 && (low & 64) !== 0)) return this.op(low);
      this.op(low | 128);
    }
  }

  get(local: number): this {
    return this.op(OP.local_get).u32(local);
  }
  set(local: number): this {
    return this.op(OP.local_set).u32(local);
  }
  tee(local: number): this {
    return this.op(OP.local_tee).u32(local);
  }
  i32(value: number): this {
    return this.op(OP.i32_const).s32(value);
  }
  /** A 64-bit constant from its halves. */
  i64(lo: number, hi: number = lo >> 31): this {
    return this.op(OP.i64_const).s64(lo, hi);
  }
  /** A 64-bit constant from an integer of up to 53 bits. */
  i64n(value: number): this {
    return this.i64(value | 0, Math.floor(value / 4294967296));
  }
  /** A load or store: `op` is its opcode. Alignment is a hint that only costs nothing at 0. */
  memory(op: number, offset = 0): this {
    return this.op(op).op(0).u32(offset);
  }
  simd(op: number): this {
    return this.op(0xfd).u32(op);
  }
  simdLane(op: number, lane: number): this {
    return this.simd(op).op(lane);
  }
  simdMemory(op: number, offset = 0): this {
    return this.simd(op).op(0).u32(offset);
  }
  /** A 128-bit constant from four words, the lowest first. */
  v128(w0: number, w1: number, w2: number, w3: number): this {
    this.simd(SIMD.v128_const);
    for (const w of [w0, w1, w2, w3]) this.op(w & 255).op((w >>> 8) & 255).op((w >>> 16) & 255).op(w >>> 24);
    return this;
  }
  /** i8x16.shuffle by 16 byte numbers: 0 to 15 of the first operand, 16 to 31 of the second. */
  shuffle(lanes: readonly number[]): this {
    this.simd(SIMD.i8x16_shuffle);
    for (const lane of lanes) this.op(lane);
    return this;
  }
  misc(op: number): this {
    return this.op(0xfc).u32(op);
  }

  block(type: number = TYPE.empty): this {
    return this.op(OP.block).op(type);
  }
  loop(type: number = TYPE.empty): this {
    return this.op(OP.loop).op(type);
  }
  if(type: number = TYPE.empty): this {
    return this.op(OP.if).op(type);
  }
  else(): this {
    return this.op(OP.else);
  }
  end(): this {
    return this.op(OP.end);
  }
  br(depth: number): this {
    return this.op(OP.br).u32(depth);
  }
  brIf(depth: number): this {
    return this.op(OP.br_if).u32(depth);
  }
  brTable(depths: readonly number[], otherwise: number): this {
    this.op(OP.br_table).u32(depths.length);
    for (const depth of depths) this.u32(depth);
    return this.u32(otherwise);
  }
  call(index: number): this {
    return this.op(OP.call).u32(index);
  }
  /** Calls in place of the function being written. */
  returnCall(index: number): this {
    return this.op(OP.return_call).u32(index);
  }
  callIndirect(type: number, table = 0): this {
    return this.op(OP.call_indirect).u32(type).u32(table);
  }
  finished(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }
}
