import { createCpuState, type CpuState } from '@tally86/core';
import type { IrOp } from '@tally86/decoder';
import { encodeModule } from '../../wasm/module.ts';
import { TYPE } from '../../wasm/opcodes.ts';
import { RegionWriter } from '../writer.ts';
import { union } from '../../region/registers.ts';
import { usesOf } from '../use.ts';

/** A function of its own for each list of operations, on a state in a memory, as a region would have it. */
export interface TestMachine {
  readonly cpu: CpuState;
  /** Runs list `i`: −1, or the index of the operation that it left in front of, with the state stored. */
  run(i: number): number;
}

/** `emit` may write more than the one operation, and then gives the index of the next one. */
export function testMachine(lists: readonly (readonly IrOp[])[], emit: (w: RegionWriter, op: IrOp, index: number) => unknown): TestMachine {
  let parameters = 1;
  const functions = lists.map((ops) => {
    const { read, written } = usesOf(ops);
    const use = union(read, written);
    const w = new RegionWriter({ slot: () => 0, exit: (point) => point.rip }, use);
    const { code } = w;
    w.reload(use);
    w.reloadFlags();
    w.flagsAt = 'locals';
    parameters = w.result - w.locals.indexOf(TYPE.i64);
    // the way out of a region
    code.block();
    for (let index = 0; index < ops.length; index++) {
      w.instruction = index;
      const next = emit(w, ops[index]!, index);
      if (typeof next === 'number') index = next - 1;
    }
    w.settle();
    code.i64(-1).set(w.result);
    w.spillFlags();
    code.end();
    code.get(w.result).end();
    return { type: 0, locals: w.locals, code: code.finished() };
  });
  const bytes = encodeModule({
    types: [{ params: Array.from({ length: parameters }, () => TYPE.i32), results: [TYPE.i64] }],
    imports: [{ module: 'm', name: 'memory', kind: 'memory', pages: 1, maximum: 1 }],
    functions,
    exports: functions.map((_, i) => ({ name: `f${i}`, index: i })),
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>), { m: { memory } });
  const calls = lists.map((_, i) => exports[`f${i}`] as (entry: number) => bigint);
  return { cpu: createCpuState(memory.buffer), run: (i) => Number(BigInt.asIntN(32, calls[i]!(0))) };
}
