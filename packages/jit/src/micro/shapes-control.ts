import { REG } from '@tally86/core';
import type { FlagKind } from '@tally86/core';
import { FlagEmitter } from '../emit/flags.ts';
import { emitCompare } from '../emit/integer.ts';
import { MemoryEmitter } from '../emit/memory.ts';
import { cellAt, JIT_CELL } from '../layout.ts';
import { emitJumpProbe, emitJumpSet } from '../runtime/jump-cache.ts';
import { OP, TYPE } from '../wasm/opcodes.ts';
import { AT, FLAGS_AT, MICRO_CELL, REASON } from './layout.ts';
import { CONDS, FUSED, type Shape } from './shape.ts';
import { host, moveStack } from './shapes-memory.ts';
import { FIELD, PLACE, type MicroWriter } from './writer.ts';

/** Goes to one of the two places of a branch by the condition on top of the stack. */
function fork(w: MicroWriter): void {
  const { code } = w;
  const t = w.scratch(TYPE.i32, 0);
  code.set(t).get(PLACE).memory(OP.i32_load, AT.taken).get(PLACE).memory(OP.i32_load, AT.fall).get(t).op(OP.select).set(PLACE);
}

function leave(w: MicroWriter, reason: number): void {
  w.reason = reason;
  w.exit();
}

function fused(kind: number, size: 1 | 2 | 4 | 8, name: string, cc: number, small: boolean): Shape {
  return {
    name: `${name}.${size}.${cc}${small ? '.imm' : ''}`, size: 0,
    emit(w) {
      const { code } = w;
      const flags = new FlagEmitter(w, () => { throw new Error('not in a short way'); });
      flags.record({ op: 'flags', kind: kind as FlagKind, size, a: FIELD.a, b: small ? FIELD.small : FIELD.b, c: FIELD.b });
      code.i32(0).get(w.ccKind).memory(OP.i32_store, FLAGS_AT.kind).i32(0).get(w.ccA).memory(OP.i64_store, FLAGS_AT.a);
      if (name === 'sub') code.i32(0).get(w.ccB).memory(OP.i64_store, FLAGS_AT.b);
      flags.condition(cc);
      fork(w);
    },
  };
}

/** Jumps to the address in local `t`, by the jump cache. */
function jumpTo(w: MicroWriter, t: number): void {
  const { code } = w;
  const entry = w.scratch(TYPE.i32, 5);
  // outside of user space: #GP or a fetch fault
  code.get(t).i64(47).op(OP.i64_shr_u).op(OP.i64_eqz).op(OP.i32_eqz);
  w.reason = REASON.exact;
  w.exitIf();
  // what is added to rsp
  code.i32(0).i32(0).memory(OP.i64_load, cellAt(REG.rsp)).get(PLACE).memory(OP.i64_load16_s, AT.sp).op(OP.i64_add).memory(OP.i64_store, cellAt(REG.rsp));
  code.get(t).op(OP.i32_wrap_i64).get(PLACE).memory(OP.i32_load, AT.salt).op(OP.i32_xor);
  emitJumpSet(code);
  code.i32(0).memory(OP.i32_load, cellAt(MICRO_CELL.jumps)).op(OP.i32_add).set(entry);
  emitJumpProbe(code, entry, () => {
    code.get(entry).memory(OP.i64_load).get(t).op(OP.i64_ne);
    code.get(entry).memory(OP.i32_load, 12).get(PLACE).memory(OP.i32_load, AT.salt).op(OP.i32_ne).op(OP.i32_or);
  }, (labels) => code.i32(0).get(t).memory(OP.i64_store, cellAt(MICRO_CELL.address)).i32(REASON.indirect).set(w.why).br(w.depth + labels));
  code.get(entry).memory(OP.i32_load, 8).set(PLACE);
}

export function controlShapes(): Shape[] {
  const shapes: Shape[] = [
    {
      name: 'enter', size: 16,
      emit(w) {
        const { code } = w;
        const heat = w.scratch(TYPE.i32, 0);
        code.get(PLACE).memory(OP.i32_load, AT.heat).i32(1).op(OP.i32_sub).tee(heat).i32(0).op(OP.i32_le_s);
        w.reason = REASON.heat;
        w.exitIf();
        code.get(w.remaining).get(PLACE).memory(OP.i32_load16_u, AT.count).op(OP.i32_lt_s);
        w.reason = REASON.budget;
        w.exitIf();
        code.get(PLACE).get(heat).memory(OP.i32_store, AT.heat);
        code.get(w.remaining).get(PLACE).memory(OP.i32_load16_u, AT.count).op(OP.i32_sub).set(w.remaining);
      },
    },
    // what a plugin counts of a whole block
    {
      name: 'count', size: 16,
      emit(w) {
        const { code } = w;
        const cell = w.scratch(TYPE.i32, 0);
        code.get(PLACE).memory(OP.i32_load, AT.cell).tee(cell).get(cell).memory(OP.i64_load).get(PLACE).memory(OP.i64_load32_s, AT.amount);
        code.op(OP.i64_add).memory(OP.i64_store);
      },
    },
    // the entry of a block where a region starts
    {
      name: 'translated', size: 0,
      emit(w) {
        w.code.i32(-1).get(PLACE).memory(OP.i32_load, AT.slot).op(OP.i32_sub).set(w.why).br(w.depth);
      },
    },
    { name: 'goto', size: 0, emit: (w) => void w.code.get(PLACE).memory(OP.i32_load, AT.taken).set(PLACE) },
    { name: 'link', size: 0, emit: (w) => leave(w, REASON.link) },
    { name: 'exact', size: 0, emit: (w) => leave(w, REASON.exact) },
    { name: 'syscall', size: 0, emit: (w) => leave(w, REASON.syscall) },
    {
      name: 'jump', size: 0,
      emit(w) {
        const t = w.scratch(TYPE.i64, 5);
        w.get(FIELD.a);
        w.code.set(t);
        jumpTo(w, t);
      },
    },
    // a call: the return address, in the fields of the operands, goes to the stack
    {
      name: 'call', size: 0, access: 8,
      emit(w, { tlb }) {
        const { code } = w;
        code.i32(0).memory(OP.i64_load, cellAt(REG.rsp)).i64(8).op(OP.i64_sub);
        w.reason = REASON.write;
        new MemoryEmitter(w, tlb).lookUp(8, true);
        code.get(PLACE).memory(OP.i64_load, AT.d).i64(-1, 0xffff).op(OP.i64_and).memory(OP.i64_store);
        moveStack(w, -8);
        code.get(PLACE).memory(OP.i32_load, AT.taken).set(PLACE);
      },
    },
    // a return: the address comes from the stack
    {
      name: 'ret', size: 0, access: 8,
      emit(w, { tlb }) {
        const { code } = w;
        host(w, tlb, 'base', 8, false);
        const t = w.scratch(TYPE.i64, 5);
        code.memory(OP.i64_load).set(t);
        jumpTo(w, t);
      },
    },
    {
      // a helper: number and arguments; should it raise, the host finds no exit of a region
      name: 'helper', size: 16,
      emit(w, { helper }) {
        const { code } = w;
        code.i32(0).i32(-1).memory(OP.i32_store, cellAt(JIT_CELL.bail));
        code.i32(0).get(PLACE).memory(OP.i32_store, cellAt(MICRO_CELL.place)).i32(0).get(w.remaining).memory(OP.i32_store, cellAt(JIT_CELL.remaining));
        for (const at of [2, 4, 6, 8, 10]) w.field(at);
        code.call(helper);
      },
    },
  ];
  for (let cc = 0; cc < 16; cc++) {
    shapes.push({ name: `branchcc.${cc}`, size: 0, emit: (w, { conditions }) => { w.code.get(PLACE).call(conditions[cc]!); fork(w); } });
  }
  for (const cond of CONDS.slice(0, 2)) {
    for (const width of [32, 64] as const) {
      shapes.push({ name: `branch.${cond}.${width}`, size: 0, emit: (w) => { emitCompare(w, cond, width, FIELD.a, FIELD.b); fork(w); } });
    }
  }
  for (const { kind, size, name, codes } of FUSED) {
    for (const cc of codes) {
      shapes.push(fused(kind, size, name, cc, false));
      if (name === 'sub') shapes.push(fused(kind, size, name, cc, true));
    }
  }
  return shapes;
}
