import { FLAG, FLAG_KIND } from '@tally86/core';
import type { IrOp } from '@tally86/decoder';
import { FlagEmitter } from '../emit/flags.ts';
import { emitData } from '../emit/integer.ts';
import { OP } from '../wasm/opcodes.ts';
import { AT, FLAGS_AT } from './layout.ts';
import { WIDTHS, type Shape, type ShapeContext } from './shape.ts';
import { FIELD, PLACE, type MicroWriter } from './writer.ts';

const flagsOf = (w: MicroWriter, context: ShapeContext): FlagEmitter => new FlagEmitter(w, () => {
  w.spillFlags();
  w.code.get(PLACE).call(context.allFlags);
});

/** Records of flags, and what depends on them. */
export function flagShapes(): Shape[] {
  const shapes: Shape[] = [];
  const { d, a, b, c, imm } = FIELD;
  // the kind stands in the field of the destination
  const record = (w: MicroWriter, fields: number): void => {
    const { code } = w;
    code.i32(0);
    w.field(AT.d).code.memory(OP.i32_store, FLAGS_AT.kind);
    [a, fields === 4 ? imm : b, c].slice(0, fields === 4 ? 2 : fields).forEach((slot, i) => {
      code.i32(0);
      w.get(slot);
      code.memory(OP.i64_store, [FLAGS_AT.a, FLAGS_AT.b, FLAGS_AT.c][i]!);
    });
  };
  shapes.push(
    { name: 'flags.1', size: 16, emit: (w) => record(w, 1) },
    { name: 'flags.2', size: 16, emit: (w) => record(w, 2) },
    { name: 'flags.imm', size: 16, emit: (w) => record(w, 4) },
    { name: 'flags.3', size: 16, emit: (w) => record(w, 3) },
    // by a count in a slot: none if it is 0
    { name: 'flags.count.2', size: 16, emit: (w) => { w.get32(b); w.code.if(); record(w, 2); w.code.end(); } },
    { name: 'flags.count.3', size: 16, emit: (w) => { w.get32(c); w.code.if(); record(w, 3); w.code.end(); } },
    { name: 'getflags', size: 16, emit: (w, context) => { w.code.get(PLACE).call(context.allFlags); w.set32(d); } },
  );
  // an operation and the record of its flags
  for (const w of WIDTHS) {
    const size = w === 32 ? 0x200 : 0x300;
    for (const [op, kind] of [['add', FLAG_KIND.add], ['sub', FLAG_KIND.sub]] as const) {
      for (const operand of [b, imm]) {
        shapes.push({
          name: `flags.${op}.${w}${operand === imm ? '.imm' : ''}`, size: 16,
          emit(o) {
            o.code.i32(0).i32(kind | size).memory(OP.i32_store, FLAGS_AT.kind).i32(0);
            o.get(a);
            o.code.memory(OP.i64_store, FLAGS_AT.a).i32(0);
            o.get(operand);
            o.code.memory(OP.i64_store, FLAGS_AT.b);
            emitData(o, { op, w, d, a, b: operand });
          },
        });
      }
    }
    for (const op of ['and', 'or', 'xor'] as const) {
      for (const operand of [b, imm]) {
        shapes.push({
          name: `flags.${op}.${w}${operand === imm ? '.imm' : ''}`, size: 16,
          emit(o) {
            o.code.i32(0).i32(FLAG_KIND.logic | size).memory(OP.i32_store, FLAGS_AT.kind);
            emitData(o, { op, w, d, a, b: operand });
            o.code.i32(0);
            o.get(d);
            o.code.memory(OP.i64_store, FLAGS_AT.a);
          },
        });
      }
    }
  }
  for (let cc = 0; cc < 16; cc++) {
    const condition = (w: MicroWriter, context: ShapeContext): void => void w.code.get(PLACE).call(context.conditions[cc]!);
    shapes.push({ name: `getcc.${cc}`, size: 16, emit: (w, context) => { condition(w, context); w.code.i32(0).op(OP.i32_ne); w.set32(d); } });
    for (const width of WIDTHS) {
      shapes.push({
        name: `selectcc.${cc}.${width}`, size: 16,
        emit(w, context) {
          if (width === 32) { w.get32(a); w.get32(b); } else { w.get(a); w.get(b); }
          condition(w, context);
          w.code.op(OP.select);
          if (width === 32) w.set32(d); else w.set(d);
        },
      });
    }
  }
  const changed = (name: string, op: IrOp): Shape => ({
    name, size: 16,
    emit(w, context) {
      w.bringFlags('locals');
      const flags = flagsOf(w, context);
      flags.forget();
      if (op.op === 'mergeflags') flags.merge(op);
      else if (op.op === 'rotflags') flags.rotate(op);
      w.spillFlags();
    },
  });
  for (const mask of [FLAG.CF, FLAG.OF, FLAG.CF | FLAG.OF]) shapes.push(changed(`mergeflags.${mask}`, { op: 'mergeflags', mask, a }));
  for (const right of [false, true]) {
    for (const size of [1, 2, 4, 8] as const) {
      shapes.push(changed(`rotflags.${right ? 'right' : 'left'}.${size}`, { op: 'rotflags', right, size, a, count: { imm: 1n, lo: 1, hi: 0 } }));
      shapes.push(changed(`rotflags.${right ? 'right' : 'left'}.${size}.count`, { op: 'rotflags', right, size, a, count: b }));
    }
  }
  return shapes;
}
