import { createNativeExecutor } from '../executor.ts';
import { initialArena, LAYOUT, type CaseFault, type CaseResult, type FuzzCase, type NativeResult } from '../case.ts';

/** QEMU's signal frames have no vector number: what its signals stand for. x87 and SSE exceptions look the same. */
function faultOf(fault: CaseFault | null, native: CaseFault | null): CaseFault | null {
  if (fault === null) return null;
  const mapped = fault.code === 1 || fault.code === 2;
  switch (fault.signal) {
    case 11: return mapped ? { vector: 14, errorCode: native?.errorCode ?? 0, address: fault.address } : { ...fault, vector: 13 };
    case 4: return { ...fault, vector: 6 };
    case 7: return { ...fault, vector: 12 };
    case 8: return { ...fault, vector: fault.code === 1 ? 0 : (native?.vector ?? 16) };
    default: return fault;
  }
}

/** The executor itself under `qemu-x86_64`: a second opinion, and the subject of the comparer's own test. */
export function createQemuExecutor(): { run(tests: readonly FuzzCase[], native: readonly (NativeResult | null)[]): Promise<(CaseResult | null)[]>; close(): void } {
  const executor = createNativeExecutor(['qemu-x86_64']);
  return {
    async run(tests, native) {
      const results = await executor.run(tests);
      return results.map((result, i) => {
        if (result === null) return null;
        const arena = initialArena(tests[i]!);
        for (const { offset, bytes } of result.changes) arena.set(bytes, offset);
        // its frames have no upper halves either
        const { ymmHigh } = tests[i]!;
        return { ...result, ymmHigh, fault: faultOf(result.fault, native[i]?.fault ?? null), arena: arena.subarray(0, LAYOUT.arenaWritable) };
      });
    },
    close: executor.close,
  };
}
