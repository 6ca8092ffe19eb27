import { FLAG_KIND, FLAG_OVERLAY } from '@tally86/core';
import { arithmeticFlags, overlayMask } from '@tally86/helpers';
import { describe, expect, it } from 'vitest';
import { encodeModule } from '../wasm/module.ts';
import { FLAGS_LOCALS, FLAGS_TYPE, flagsBody } from './flags-function.ts';

const module = new WebAssembly.Module(encodeModule({
  types: [FLAGS_TYPE], imports: [], functions: [{ type: 0, locals: FLAGS_LOCALS, code: flagsBody() }], exports: [{ name: 'flags', index: 0 }],
}));
const flags = new WebAssembly.Instance(module).exports.flags as unknown as (kind: number, a: bigint, b: bigint, c: bigint) => number;

const CORNERS = [0n, 1n, 2n, 15n, 16n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x7fff_ffff_ffff_ffffn, 0x8000_0000_0000_0000n, 0xffff_ffff_ffff_ffffn, 0x1234_5678_9abc_def0n];
const SHIFTS: readonly number[] = [FLAG_KIND.shl, FLAG_KIND.shr, FLAG_KIND.sar];
const WIDE: readonly number[] = [FLAG_KIND.adc, FLAG_KIND.sbb];
const HOST: readonly number[] = [FLAG_KIND.mul, FLAG_KIND.imul, FLAG_KIND.shld, FLAG_KIND.shrd];

describe.each(Object.entries(FLAG_KIND).filter(([, kind]) => !HOST.includes(kind)))('%s', (_, kind) => {
  it.each([0, 1, 2, 3])('is what helpers define, log2 of the size %i', (log2) => {
    const wrong: string[] = [];
    for (const a of CORNERS) {
      for (const b0 of CORNERS) {
        const b = SHIFTS.includes(kind) ? (b0 % (log2 === 3 ? 63n : 31n)) + 1n : b0;
        for (const c of [0n, 1n, 0x801n, 0x800n]) {
          const cin = WIDE.includes(kind) ? c & 1n : c;
          for (const overlay of WIDE.includes(kind) ? [0] : [0, FLAG_OVERLAY.CF, FLAG_OVERLAY.OF, FLAG_OVERLAY.CF | FLAG_OVERLAY.OF]) {
            const mask = overlayMask(overlay);
            const expected = (arithmeticFlags(kind, log2, a, b, cin) & ~mask) | (Number(c) & mask);
            const found = flags(kind | (log2 << 8) | overlay, a, b, cin);
            if (found !== expected) wrong.push(`${a.toString(16)} ${b.toString(16)} ${cin} overlay ${overlay}: ${found.toString(16)} for ${expected.toString(16)}`);
          }
        }
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

it.each(HOST)('kind %i is left to the host', (kind) => expect(flags(kind | 0x300, 5n, 7n, 1n)).toBe(-1));
