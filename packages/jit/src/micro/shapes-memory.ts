import { REG, VECTOR_SLOT, VECTOR_STRIDE, type TlbLayout } from '@tally86/core';
import { LOADS, MemoryEmitter, STORES } from '../emit/memory.ts';
import { cellAt } from '../layout.ts';
import { OP, SIMD, TYPE } from '../wasm/opcodes.ts';
import { AT, REASON } from './layout.ts';
import type { Shape, ShapeContext } from './shape.ts';
import { FIELD, PLACE, VFIELD, type MicroWriter } from './writer.ts';

/** How an address is made. */
export const ADDRESS_FORMS = ['base', 'index', 'segment', 'absolute'] as const;
export type AddressForm = (typeof ADDRESS_FORMS)[number];
/** Their places in that list. */
export const FORM = { base: 0, index: 1, segment: 2, absolute: 3 } as const satisfies Record<AddressForm, number>;
/** size/sext, with w: the page must be writable too. */
export const LOAD_KEYS = ['1/0', '2/0', '4/0', '8/0', '1/32', '2/32', '1/64', '2/64', '4/64', '1/0w', '2/0w', '4/0w', '8/0w'] as const;
export const SIZES = [1, 2, 4, 8] as const;

/** Pushes the linear address that the record describes. */
function address(w: MicroWriter, kind: AddressForm): void {
  const { code } = w;
  if (kind === 'absolute') {
    code.get(PLACE).memory(OP.i64_load, AT.disp).i64(-1, 0xffff).op(OP.i64_and);
    return;
  }
  w.get(FIELD.a);
  if (kind !== 'base') {
    w.get(FIELD.b);
    code.get(PLACE).memory(OP.i64_load8_u, AT.shift).op(OP.i64_shl).op(OP.i64_add);
  }
  code.get(PLACE).memory(OP.i64_load32_s, AT.disp).op(OP.i64_add);
  if (kind === 'segment') {
    w.get(1000 + AT.seg);
    code.op(OP.i64_add);
  }
}

/** Pushes the host address of an access. */
export function host(w: MicroWriter, tlb: TlbLayout, kind: AddressForm, span: number, write: boolean): void {
  address(w, kind);
  w.reason = write ? REASON.write : REASON.read;
  new MemoryEmitter(w, tlb).lookUp(span, write);
}

function aligned(w: MicroWriter, kind: AddressForm, bytes: number): void {
  address(w, kind);
  w.code.op(OP.i32_wrap_i64).i32(bytes - 1).op(OP.i32_and);
  w.reason = REASON.exact;
  w.exitIf();
}

export function memoryShapes(): Shape[] {
  const shapes: Shape[] = [];
  const each = (name: string, bytes: number, emit: (w: MicroWriter, context: ShapeContext, kind: AddressForm) => void): void => {
    for (const kind of ADDRESS_FORMS) shapes.push({ name: `${name}.${kind}`, size: 16, access: bytes, emit: (w, context) => emit(w, context, kind) });
  };
  for (const key of LOAD_KEYS) {
    const size = Number(key[0]);
    const write = key.endsWith('w');
    each(`load.${key}`, size, (w, { tlb }, kind) => {
      host(w, tlb, kind, size, write);
      if (key === '1/32' || key === '2/32') {
        w.code.memory(size === 1 ? OP.i32_load8_s : OP.i32_load16_s);
        w.set32(FIELD.d);
      } else {
        w.code.memory(LOADS[key.slice(0, write ? -1 : undefined)]!);
        w.set(FIELD.d);
      }
    });
  }
  for (const size of SIZES) {
    each(`store.${size}`, size, (w, { tlb }, kind) => {
      host(w, tlb, kind, size, true);
      w.get(FIELD.d);
      w.code.memory(STORES[size]!);
    });
    // the constant stands in the field of the register
    each(`storei.${size}`, size, (w, { tlb }, kind) => {
      host(w, tlb, kind, size, true);
      w.code.get(PLACE).memory(OP.i64_load16_s, AT.d).memory(STORES[size]!);
    });
  }
  for (const bytes of [4, 8, 16, 'aligned'] as const) {
    const span = bytes === 'aligned' ? 16 : bytes;
    each(`vload.${bytes}`, span, (w, { tlb }, kind) => {
      if (bytes === 'aligned') aligned(w, kind, span);
      host(w, tlb, kind, span, false);
      w.code.simdMemory(span === 16 ? SIMD.v128_load : span === 8 ? SIMD.v128_load64_zero : SIMD.v128_load32_zero);
      w.setV(VFIELD.d);
    });
    each(`vstore.${bytes}`, span, (w, { tlb }, kind) => {
      if (bytes === 'aligned') aligned(w, kind, span);
      host(w, tlb, kind, span, true);
      if (span === 16) {
        w.getV(VFIELD.d);
        w.code.simdMemory(SIMD.v128_store);
      } else {
        w.field(AT.d).code.memory(span === 8 ? OP.i64_load : OP.i64_load32_u).memory(STORES[span]!);
      }
    });
  }
  // the upper half of a vector has a place of its own
  const UPPER = VECTOR_SLOT.high * VECTOR_STRIDE;
  for (const bytes of [32, 'aligned32'] as const) {
    each(`vload.${bytes}`, 32, (w, { tlb }, kind) => {
      if (bytes === 'aligned32') aligned(w, kind, 32);
      host(w, tlb, kind, 32, false);
      const p = w.scratch(TYPE.i32, 6);
      w.code.set(p);
      w.field(AT.d).code.get(p).simdMemory(SIMD.v128_load).simdMemory(SIMD.v128_store);
      w.field(AT.d).code.get(p).simdMemory(SIMD.v128_load, 16).simdMemory(SIMD.v128_store, UPPER);
    });
    each(`vstore.${bytes}`, 32, (w, { tlb }, kind) => {
      if (bytes === 'aligned32') aligned(w, kind, 32);
      host(w, tlb, kind, 32, true);
      const p = w.scratch(TYPE.i32, 6);
      w.code.tee(p);
      w.field(AT.d).code.simdMemory(SIMD.v128_load).simdMemory(SIMD.v128_store).get(p);
      w.field(AT.d).code.simdMemory(SIMD.v128_load, UPPER).simdMemory(SIMD.v128_store, 16);
    });
  }
  for (const width of [32, 64] as const) {
    each(`lea.${width}`, 0, (w, _, kind) => {
      address(w, kind);
      if (width === 32) w.code.i64(-1, 0).op(OP.i64_and);
      w.set(FIELD.d);
    });
  }
  shapes.push(
    {
      name: 'pop', size: 16, access: 8,
      emit(w, { tlb }) {
        const t = w.scratch(TYPE.i64, 5);
        host(w, tlb, 'base', 8, false);
        w.code.memory(OP.i64_load).set(t);
        moveStack(w, 8);
        w.code.get(t);
        w.set(FIELD.d);
      },
    },
    {
      name: 'push', size: 16, access: 8,
      emit(w, { tlb }) {
        host(w, tlb, 'base', 8, true);
        w.get(FIELD.d);
        w.code.memory(OP.i64_store);
        moveStack(w, -8);
      },
    },
  );
  return shapes;
}

/** Adds to rsp. */
export function moveStack(w: MicroWriter, by: number): void {
  w.code.i32(0).i32(0).memory(OP.i64_load, cellAt(REG.rsp)).i64(by).op(OP.i64_add).memory(OP.i64_store, cellAt(REG.rsp));
}
