import type { BlockInstrumentation } from '@tally86/core';
import type { Ea, IrBlock } from '@tally86/decoder';
import type { Next } from '../block.ts';
import { KERNEL_FETCH, type Machine } from '../machine.ts';
import { emitAddress, type Address } from './address.ts';

/**
 * What plugins asked of a block, woven into its chain: a function that puts hooks in front of the operation at an index.
 * Counters of an instruction are added once its last operation is done, that is in front of the next instruction's first operation; for the last
 * instruction behind the operation that ends the block, if it did not put its instruction back: it raised, or goes on later.
 */
export function instrument(m: Machine, block: IrBlock, wanted: BlockInstrumentation): (index: number, next: Next) => Next {
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
      let ea: Ea | null = null;
      let size = 0;
      let write = false;
      if (op.op === 'load') { ea = op.ea; size = op.size; }
      else if (op.op === 'store') { ea = op.ea; size = op.size; write = true; }
      else if (op.op === 'vload') { ea = op.ea; size = op.bytes; }
      else if (op.op === 'vstore') { ea = op.ea; size = op.bytes; write = true; }
      if (ea !== null) {
        const at: Address = { lo: 0, hi: 0 };
        const compute = emitAddress(m, ea, at, true);
        let k = instructions.length - 1;
        while (k > 0 && firstOf(k) > index) k--;
        const rip = instructions[k]!.address;
        const go = next;
        next = () => {
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
