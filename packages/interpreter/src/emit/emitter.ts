import { CELL, FLAG, FLAG_KIND, REG, VECTOR, type BlockInstrumentation } from '@tally86/core';
import { isImm, type IrBlock, type IrOp, type StringOp } from '@tally86/decoder';
import { enterKernel, HELPERS, type HelperFunction } from '@tally86/helpers';
import { Exit, type Block, type Next } from '../block.ts';
import type { Machine } from '../machine.ts';

import { flagsThenBranch } from './branch.ts';
import { dynamicCount, flagEmitters, kindCell, KNOWN_CF } from './flags.ts';
import { fuseEmitters } from './fuse.ts';
import { instrument } from './instrument.ts';
import { integerEmitters } from './integer.ts';
import { memoryEmitters } from './memory.ts';
import { stringEmitter } from './string.ts';
import { vectorEmitter } from './vector.ts';

/** Turns IR blocks into chains of closures: each does one operation (or a fused pair) and calls the next. */
export interface Emitter {
  /** `told`: accesses of the first instruction that a plugin was told of before. */
  emit(block: IrBlock, instrumentation: BlockInstrumentation | undefined, told?: number): Next;
}

export function createEmitter(m: Machine, resolve: (address: number) => Block, lookup: (lo: number, hi: number) => Block,
  targetsOf: (address: number) => Set<number> | null): Emitter {
  const { cpu } = m;
  const { i32, u64 } = cpu;
  const memory = memoryEmitters(m);
  const integer = integerEmitters(m);
  const flagOps = flagEmitters(m);
  const fuse = fuseEmitters(m);
  const vector = vectorEmitter(cpu);
  const exit = (address: number): Exit => new Exit(address, resolve);
  const string = stringEmitter(m, memory, exit);
  const bound = new Map<string, HelperFunction>();

  function helper(name: string): HelperFunction {
    let f = bound.get(name);
    if (f === undefined) {
      const make = HELPERS[name];
      if (make === undefined) throw new Error(`the lifter names a helper that does not exist: ${name}`);
      f = make(m);
      bound.set(name, f);
    }
    return f;
  }

  /** The last operation of a block. */
  function end(op: IrOp, k: number, known: number, address: number): Next {
    switch (op.op) {
      case 'jump': {
        const to = exit(op.target);
        return () => to.follow();
      }
      case 'jumpind': {
        const a = 2 * op.a;
        const sp = BigInt(op.sp);
        const targets = op.kind === 'jump' ? targetsOf(address) : null;
        return () => {
          m.instruction = k;
          const lo = i32[a]!;
          const hi = i32[a + 1]!;
          if (hi >>> 15 !== 0 && hi >> 15 !== -1) m.raise(VECTOR.GP);
          u64[REG.rsp] = u64[REG.rsp]! + sp;
          if (targets !== null && targets.size < MAX_TARGETS) targets.add(hi * 4294967296 + (lo >>> 0));
          return lookup(lo, hi);
        };
      }
      case 'branchcc': {
        const taken = exit(op.taken);
        const fall = exit(op.fall);
        const holds = flagOps.condition(op.cc, known);
        return () => (holds() ? taken.follow() : fall.follow());
      }
      case 'branch': {
        const taken = exit(op.taken);
        const fall = exit(op.fall);
        const holds = integer.comparison(op.cond, op.w, op.a, op.b);
        return () => (holds() ? taken.follow() : fall.follow());
      }
      case 'string':
        return string(op as StringOp, k);
      case 'syscall': {
        const { next } = op;
        return () => {
          enterKernel(cpu, next);
          m.stop = SYSCALL;
          return null;
        };
      }
      case 'trap': {
        const { vector: v, errorCode, rip } = op;
        const trapLike = v === VECTOR.BP || v === VECTOR.OF || v === VECTOR.DB;
        return () => {
          m.instruction = k;
          if (!trapLike) m.raise(v, errorCode);
          m.setRip(rip);
          m.stop = { kind: 'fault', fault: { vector: v, errorCode, address: 0n, reason: 'unmapped' } };
          return null;
        };
      }
      case 'undefined': {
        const { rip, bytes, text } = op;
        return () => {
          m.remaining += m.block!.count - k;
          m.setRip(rip);
          m.stop = { kind: 'undefined', address: rip, bytes, text };
          return null;
        };
      }
      case 'fetchfault': {
        const { address } = op;
        return () => {
          m.instruction = k;
          const host = m.mmu.translate(m.userAddressOf(address, 4), 4);
          if (host < 0) m.raisePageFault(4);
          // the page became readable since: decode again
          m.remaining += m.block!.count - k;
          m.setRip(op.rip);
          return null;
        };
      }
      case 'leave': {
        const next = BigInt(op.next);
        return () => {
          u64[CELL.rip] = next;
          return null;
        };
      }
      default:
        throw new Error(`${op.op} does not end a block`);
    }
  }

  /** One operation in the middle of a block. */
  function middle(op: IrOp, k: number, known: number, next: Next): Next {
    switch (op.op) {
      case 'nop': return next;
      case 'add': case 'sub': case 'and': case 'or': case 'xor': case 'mul':
      case 'shl': case 'shr': case 'sar': case 'rotl': case 'rotr':
        return integer.binary(op, next);
      case 'mulhu': case 'mulhs':
        return integer.wide(op, next);
      case 'deposit': return integer.deposit(op, next);
      case 'extract': return integer.extract(op, next);
      case 'set': return integer.set(op, next);
      case 'select': return integer.select(op, next);
      case 'load': return memory.load(op, k, next);
      case 'store': return memory.store(op, k, next);
      case 'lea': return memory.lea(op, next);
      case 'linear': return memory.linear(op, next);
      case 'probe': return memory.probe(op, k, next);
      case 'flags': return flagOps.flags(op, next);
      case 'getcc': return flagOps.getcc(op, known, next);
      case 'getflags': return flagOps.getflags(op, next);
      case 'mergeflags': return flagOps.mergeflags(op, next);
      case 'rotflags': return flagOps.rotflags(op, next);
      case 'selectcc': return integer.choose(flagOps.condition(op.cc, known), op.w, op.d, op.x, op.y, next);
      case 'vload': return memory.vload(op, k, next);
      case 'vstore': return memory.vstore(op, k, next);
      case 'v': case 'vmov': case 'vzero': case 'vget': case 'vset':
        return vector(op, next);
      case 'helper': {
        const f = helper(op.name);
        const [a = 0, b = 0, c = 0, d = 0] = op.args;
        return () => {
          m.instruction = k;
          f(a, b, c, d);
          return next();
        };
      }
      case 'jump': case 'jumpind': case 'branchcc': case 'branch': case 'string': case 'syscall': case 'trap':
      case 'undefined': case 'fetchfault': case 'leave':
        throw new Error(`${op.op} in the middle of a block`);
      default:
        return integer.unary(op, next);
    }
  }

  function emit(block: IrBlock, instrumentation: BlockInstrumentation | undefined, told?: number): Next {
    const { ops, instructions } = block;
    const n = ops.length;
    const known = new Int32Array(n);
    const owner = new Int32Array(n);
    let state = -1;
    for (let i = 0, k = 0; i < n; i++) {
      while (k + 1 < instructions.length && instructions[k + 1]!.first <= i) k++;
      owner[i] = k;
      known[i] = state;
      const op = ops[i]!;
      if (op.op === 'flags') state = dynamicCount(op) === null ? kindCell(op) : -1;
      else if (op.op === 'mergeflags') state = op.mask === FLAG.CF || op.mask === (FLAG.CF | FLAG.OF) ? KNOWN_CF : op.mask === FLAG.OF ? -1 : FLAG_KIND.explicit;
      else if (op.op === 'rotflags') state = isImm(op.count) ? KNOWN_CF : -1;
      else if (op.op === 'helper') state = -1;
    }
    const wrap = instrumentation === undefined ? null : instrument(m, block, instrumentation, told);
    let i = n - 1;
    let next: Next;
    const last = ops[i]!;
    const before = previous(ops, i);
    let first: Next | null = null;
    if (last.op === 'branchcc' && wrap === null && before >= 0) {
      const f = ops[before]!;
      if (f.op === 'flags') first = flagsThenBranch(m, f, last.cc, exit(last.taken), exit(last.fall));
    }
    if (first !== null) {
      next = first;
      i = before;
    } else {
      next = end(last, owner[i]!, known[i]!, instructions[owner[i]!]!.address);
      if (wrap !== null) next = wrap(i, next);
    }
    for (i--; i >= 0; i--) {
      const op = ops[i]!;
      if (op.op === 'nop') {
        if (wrap !== null) next = wrap(i, next);
        continue;
      }
      if (wrap === null) {
        const j = previous(ops, i);
        const p = j >= 0 ? ops[j]! : undefined;
        if (p !== undefined) {
          let fused: Next | null = null;
          if (p.op === 'flags') fused = fuse.flagsThenOp(p, op, next);
          else if (op.op === 'flags') fused = fuse.opThenLogic(p, op, next);
          if (fused !== null) {
            next = fused;
            i = j;
            continue;
          }
        }
      }
      next = middle(op, owner[i]!, known[i]!, next);
      if (wrap !== null) next = wrap(i, next);
    }
    return next;
  }
  return { emit };
}

/** Targets of one indirect jump that are remembered for an engine for hot code. */
const MAX_TARGETS = 256;
const SYSCALL = { kind: 'syscall' } as const;

/** Index of the operation before `i` that does something. */
function previous(ops: readonly IrOp[], i: number): number {
  do i--; while (i >= 0 && ops[i]!.op === 'nop');
  return i;
}
