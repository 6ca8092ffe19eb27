import type { CaseFault, FuzzCase, NativeResult, Patch } from './case.ts';

/** The executor's pipe, see README.md: sizes of `struct in` and `struct out` in native/executor.c. */
const IN_SIZE = 8 + 19 * 8 + 8 + 16 + 512 + 256 + 8;
const OUT_SIZE = 8 + 18 * 8 + 8 + 32 + 512 + 256 + 8;

const padded = (n: number): number => (n + 7) & ~7;

function caseSize(test: FuzzCase): number {
  let size = IN_SIZE;
  for (const patch of test.patches) size += 8 + padded(patch.bytes.length);
  return size;
}

/** One batch as the executor reads it: bytes, cases, and the cases. Throws `RangeError` for a sequence: the CPU gets one instruction at a time. */
export function encodeBatch(tests: readonly FuzzCase[]): Uint8Array {
  let size = 0;
  for (const test of tests) {
    if (test.code.length > 15) throw new RangeError(`${test.code.length} bytes are no instruction`);
    size += caseSize(test);
  }
  const bytes = new Uint8Array(8 + size);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, size, true);
  view.setUint32(4, tests.length, true);
  let at = 8;
  for (const test of tests) {
    view.setUint32(at, caseSize(test), true);
    view.setUint32(at + 4, test.int3 ? 1 : 0, true);
    for (let i = 0; i < 16; i++) view.setBigUint64(at + 8 + 8 * i, test.gpr[i]!, true);
    view.setBigUint64(at + 136, BigInt(test.rflags), true);
    view.setBigUint64(at + 144, test.fsBase, true);
    view.setBigUint64(at + 152, test.gsBase, true);
    view.setUint32(at + 160, test.codeOffset, true);
    view.setUint32(at + 164, test.code.length, true);
    bytes.set(test.code, at + 168);
    bytes.set(test.fx, at + 184);
    bytes.set(test.ymmHigh, at + 696);
    view.setUint32(at + 952, test.patches.length, true);
    at += IN_SIZE;
    for (const patch of test.patches) {
      view.setUint32(at, patch.offset, true);
      view.setUint32(at + 4, patch.bytes.length, true);
      bytes.set(patch.bytes, at + 8);
      at += 8 + padded(patch.bytes.length);
    }
  }
  return bytes;
}

/** The results of a batch, behind its eight bytes of head. */
export function decodeBatch(batch: Uint8Array, tests: readonly FuzzCase[]): NativeResult[] {
  // a Buffer's slice would share its memory
  const bytes = new Uint8Array(batch.buffer, batch.byteOffset, batch.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const results: NativeResult[] = [];
  let at = 0;
  for (let k = 0; k < tests.length; k++) {
    const gpr = new BigUint64Array(16);
    for (let i = 0; i < 16; i++) gpr[i] = view.getBigUint64(at + 8 + 8 * i, true);
    const stopped = view.getUint32(at + 4, true) === 1;
    const fault: CaseFault | null = stopped ? null : {
      vector: Number(view.getBigUint64(at + 168, true)),
      errorCode: Number(view.getBigUint64(at + 176, true)),
      address: view.getBigUint64(at + 184, true),
      signal: view.getUint32(at + 152, true),
      code: view.getInt32(at + 156, true),
    };
    const changes: Patch[] = [];
    const diffs = view.getUint32(at + 192 + 768, true);
    let p = at + OUT_SIZE;
    for (let i = 0; i < diffs; i++) {
      const length = view.getUint32(p + 4, true);
      changes.push({ offset: view.getUint32(p, true), bytes: bytes.slice(p + 8, p + 8 + length) });
      p += 8 + length;
    }
    results.push({
      fault, gpr, changes,
      rip: view.getBigUint64(at + 136, true),
      rflags: Number(view.getBigUint64(at + 144, true)),
      fx: bytes.slice(at + 192, at + 704),
      ymmHigh: bytes.slice(at + 704, at + 960),
    });
    at += view.getUint32(at, true);
  }
  return results;
}
