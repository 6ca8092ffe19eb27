import type { BlockInstrumentation } from '@tally86/core';
import type { Ea, IrBlock, IrOp } from '@tally86/decoder';
import type { Next } from '../block.ts';
import { KERNEL_FETCH, type Machine } from '../machine.ts';
import { emitAddress, type Address } from './address.ts';

/**
 * What plugins asked of a block, woven into its chain: a function that puts hooks in front of the operation at an index.
 * Counters of an instruction are added once its last operation is done, that is in front of the next instruction's first operation; for the last
 * instruction behind the operation that ends the block, if it did not put its instruction back: it raised, or goes on later.
 * `told`: accesses of the first instruction that the plugin was told of before.
 */
export function instrument(m: Machine, block: IrBlock, wanted: BlockInstrumentation, told = 0): (index: number, next: Next) => Next {
  const { instructions, ops } = block;
  const memory = wanted.memory;

  function firstOf(k: number): number {
    return instructions[k]!.first;
  }
  const atEnd = (wanted.counters ?? []).filter(({ index }) => index + 1 >= instructions.length);
  /** The operation that ends the block, and the counters of the last instruction. */
  function counted(end: Next): Next {
    const count = (): void => {
      for (const { counter, amount } of atEnd) counter.value += amount;
    };
    return () => {
      const { remaining } = m;
      let next: ReturnType<Next>;
      try {
        next = end();
      } catch (error) {
        if (error === KERNEL_FETCH) count();
        throw error;
      }
      if (m.remaining === remaining) count();
      return next;
    };
  }

  return (index, inner) => {
    const last = ops.length - 1;
    let next = index === last && atEnd.length > 0 ? counted(inner) : inner;
    const op = ops[index]!;
    if (memory !== undefined) {
      const access = accessOf(op);
      let k = instructions.length - 1;
      while (k > 0 && firstOf(k) > index) k--;
      const nth = ops.slice(firstOf(k), index).filter((o) => accessOf(o) !== null).length;
      if (access !== null && (k > 0 || nth >= told)) {
        const { ea, size, write } = access;
        const at: Address = { lo: 0, hi: 0 };
        const compute = emitAddress(m, ea, at, true);
        const rip = instructions[k]!.address;
        const go = next;
        next = () => {
          m.told = nth + 1;
          compute();
          // outside of user space the operation itself raises what is right for it
          if (at.hi >>> 15 === 0) {
            m.instruction = k;
            memory({ rip, address: at.hi * 4294967296 + (at.lo >>> 0), size, write });
          }
          return go();
        };
      }
    }
    // instructions without operations share an index: their hooks run in program order, each callback before its counter
    const here: { readonly order: number; readonly hook: () => void }[] = [];
    if (memory !== undefined && instructions.some(({ first }) => first === index)) here.push({ order: -1, hook: () => { m.told = 0; } });
    for (const { index: k, counter, amount } of wanted.counters ?? []) {
      if (k + 1 < instructions.length && firstOf(k + 1) === index) here.push({ order: 2 * k + 1, hook: () => { counter.value += amount; } });
    }
    for (const { index: k, call } of wanted.callbacks ?? []) {
      if (firstOf(k) !== index) continue;
      here.push({ order: 2 * k, hook: () => { m.instruction = k; call(); } });
    }
    if (here.length > 0) {
      const hooks = here.sort((x, y) => x.order - y.order).map(({ hook }) => hook);
      const go = next;
      next = () => {
        for (const hook of hooks) hook();
        return go();
      };
    }
    return next;
  };
}

/** The access that an operation makes, as plugins are told of it. */
function accessOf(op: IrOp): { readonly ea: Ea; readonly size: number; readonly write: boolean } | null {
  switch (op.op) {
    case 'load': return { ea: op.ea, size: op.size, write: false };
    case 'store': return { ea: op.ea, size: op.size, write: true };
    case 'vload': return { ea: op.ea, size: op.bytes, write: false };
    case 'vstore': return { ea: op.ea, size: op.bytes, write: true };
    default: return null;
  }
}
