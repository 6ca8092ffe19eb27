import type { HelperOp, IrOp, VSlot } from '@tally86/decoder';
import { OP, SIMD, TYPE } from '../../wasm/opcodes.ts';
import { emitVector, vectorFacts, type RegisterVectorOp } from '../vector/index.ts';
import type { RegionWriter } from '../writer.ts';
import { F32, F64, type Format } from './format.ts';
import { emitFloat } from './operation.ts';
import { arms, requireMode } from './mode.ts';

/**
 * Runs of scalar operations among registers. In place of a check for each step, everything is computed first, and one test tells that all numbers
 * were of middling size: the two top bits of the exponent differ, that is, the magnitude is from about 2^-511 to 2^513 (floats: 2^-63 to 2^65). Sums of
 * such numbers are zero or normal, and no product of them is tiny; products are tested too, against overflow. If the test fails (zeros do), the
 * registers go back to what they were, and the steps are taken one by one.
 */
const ARITHMETIC = /^f(32|64)\.(add|sub|mul)$/;
/** Fewer operations are cheaper one by one. */
const WORTHWHILE = 3;

const isMove = (op: IrOp): op is RegisterVectorOp => op.op === 'v' ? /^(v128|i32x4|i64x2)\.(and|or|xor|andnot|low64|shuffle|blend|unpack_low|unpack_high)$/.test(op.name) : op.op === 'vmov' || op.op === 'vzero';
const isArithmetic = (op: IrOp): op is HelperOp => op.op === 'helper' && ARITHMETIC.test(op.name);

/** Behind the last operation of the run that starts at `start`; `start`: there is none. `allowed` may refuse operations. */
export function floatRunEnd(ops: readonly IrOp[], start: number, allowed: (i: number) => boolean = () => true): number {
  let count = 0;
  let end = start;
  let prefix = '';
  for (let i = start; i < ops.length && allowed(i); i++) {
    const op = ops[i]!;
    if (isArithmetic(op)) {
      const own = op.name.slice(0, 3);
      if (prefix !== '' && own !== prefix) break;
      prefix = own;
      count++;
      end = i + 1;
    } else if (op.op !== 'nop' && !isMove(op)) break;
  }
  return count >= WORTHWHILE ? end : start;
}

/** Writes a run; `at(i)` prepares the writer for exits in front of the operation with index i. */
export function emitFloatRun(w: RegionWriter, ops: readonly IrOp[], at: (i: number) => void): void {
  const { code } = w;
  const facts = vectorFacts(w);
  const f = ops.some((op) => op.op === 'helper' && op.name.startsWith('f32')) ? F32 : F64;
  at(0);
  requireMode({ w, facts, exact: false });
  const written = [...new Set(ops.flatMap((op) => (op.op === 'helper' ? [op.args[0]!] : 'd' in op ? [op.d as VSlot] : [])))];
  const kept = written.map((slot, i) => {
    const local = w.scratch(TYPE.v128, 8 + i);
    w.getV(slot);
    code.set(local);
    return local;
  });
  const before = facts.save();
  let fast = before;
  arms(w, () => {
    speculate(w, f, ops);
    fast = facts.save();
  }, () => {
    facts.restore(before);
    for (const [i, slot] of written.entries()) {
      code.get(kept[i]!);
      w.setV(slot);
    }
    for (const [i, op] of ops.entries()) {
      at(i);
      if (op.op === 'helper') emitFloat(w, op);
      else if (op.op !== 'nop') emitVector(w, op as RegisterVectorOp);
    }
  });
  facts.meet(fast);
}

/** Writes all operations without a check, then br 0 if one would have been needed. */
function speculate(w: RegionWriter, f: Format, ops: readonly IrOp[]): void {
  const { code } = w;
  const facts = vectorFacts(w);
  /** Sign bits tell, one place too low, that a number is of middling size. */
  const all = w.scratch(TYPE.v128, 7);
  let first = true;
  const tested = new Set<VSlot>();
  const test = (slot: VSlot): void => {
    if (tested.has(slot)) return;
    tested.add(slot);
    w.getV(slot);
    w.getV(slot);
    w.getV(slot);
    code.simd(f.v.iadd).simd(SIMD.v128_xor);
    if (!first) code.get(all).simd(SIMD.v128_and);
    code.set(all);
    first = false;
    facts.addPlain(slot, f.lane);
  };
  for (const op of ops) {
    if (op.op === 'nop') continue;
    if (op.op !== 'helper') {
      const move = op as RegisterVectorOp;
      emitVector(w, move);
      const from = move.op === 'vmov' && tested.has(move.a);
      tested.delete(move.d);
      if (from) tested.add(move.d);
      continue;
    }
    const [d = 0, a = 0, b = 0] = op.args;
    const name = op.name.slice(4) as 'add' | 'sub' | 'mul';
    test(a);
    test(b);
    w.getV(d);
    w.getV(a);
    code.simdLane(f.extract, 0);
    w.getV(b);
    code.simdLane(f.extract, 0).op(f[name]).simdLane(f.replace, 0);
    w.setV(d);
    tested.delete(d);
    facts.written(d, (facts.plain(d) & f.others) | f.lane);
    if (name === 'mul') test(d);
  }
  code.get(all).get(all).simd(f.v.iadd).simd(f.v.bitmask).i32(1).op(OP.i32_and).op(OP.i32_eqz).brIf(0);
}
