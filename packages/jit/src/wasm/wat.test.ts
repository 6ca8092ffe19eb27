import { describe, expect, test } from 'vitest';
import { Code } from './code.ts';
import type { FunctionBody, FunctionType } from './module.ts';
import { MISC, OP, SIMD, TYPE } from './opcodes.ts';
import { printFunction, type WatOptions } from './wat.ts';

const NOTHING: FunctionType = { params: [], results: [] };
const bodyOf = (code: Code): FunctionBody => ({ type: 0, locals: [], code: code.end().finished() });
/** The instructions as text, one space between words. */
const printed = (code: Code, options: WatOptions = {}): string[] => printFunction(bodyOf(code), NOTHING, options).split('\n').slice(1, -2).map((line) => line.trim().replace(/\s+/g, ' '));

/** Instruction, as the text format of the core specification (6.5) writes it. */
const ROWS: readonly (readonly [string, (c: Code) => Code])[] = [
  ['unreachable', (c) => c.op(OP.unreachable)],
  ['i32.const -1', (c) => c.i32(-1)],
  ['i32.const -0x80000000', (c) => c.i32(-0x8000_0000)],
  ['i32.const 0x12345678', (c) => c.i32(0x1234_5678)],
  ['i64.const -64', (c) => c.i64(-64)],
  ['i64.const 64', (c) => c.i64(64)],
  ['i64.const -0x8000000000000000', (c) => c.i64(0, -0x8000_0000)],
  ['i64.const 0x7fffffffffffffff', (c) => c.i64(-1, 0x7fff_ffff)],
  ['i64.const 0x100000000', (c) => c.i64(0, 1)],
  ['f32.const 1.5', (c) => c.op(OP.f32_const).op(0).op(0).op(0xc0).op(0x3f)],
  ['f32.const -nan:0x400000', (c) => c.op(OP.f32_const).op(0).op(0).op(0xc0).op(0xff)],
  ['f64.const -0', (c) => [0, 0, 0, 0, 0, 0, 0, 0x80].reduce((to, byte) => to.op(byte), c.op(OP.f64_const))],
  ['f64.const inf', (c) => [0, 0, 0, 0, 0, 0, 0xf0, 0x7f].reduce((to, byte) => to.op(byte), c.op(OP.f64_const))],
  ['local.get 3', (c) => c.get(3)],
  ['local.tee 200', (c) => c.tee(200)],
  ['global.set 1', (c) => c.op(OP.global_set).u32(1)],
  ['i64.load', (c) => c.memory(OP.i64_load)],
  ['i64.load32_u offset=4096', (c) => c.memory(OP.i64_load32_u, 4096)],
  ['i32.store8 offset=8 align=1', (c) => c.memory(OP.i32_store8, 8)],
  ['i32.store offset=8 align=4', (c) => c.op(OP.i32_store).op(2).u32(8)],
  ['call 2', (c) => c.call(2)],
  ['return_call 2', (c) => c.returnCall(2)],
  ['call_indirect (type 1)', (c) => c.callIndirect(1)],
  ['call_indirect 3 (type 1)', (c) => c.callIndirect(1, 3)],
  ['br_table 0 (;@0;) 0 (;@0;)', (c) => c.brTable([0], 0)],
  ['i64.extend32_s', (c) => c.op(OP.i64_extend32_s)],
  ['i32.trunc_sat_f64_s', (c) => c.misc(MISC.i32_trunc_sat_f64_s)],
  ['memory.copy', (c) => c.misc(MISC.memory_copy).op(0).op(0)],
  ['memory.fill', (c) => c.misc(MISC.memory_fill).op(0)],
  ['v128.load offset=16', (c) => c.simdMemory(SIMD.v128_load, 16)],
  ['v128.load64_lane offset=16 1', (c) => c.simdMemory(SIMD.v128_load64_lane, 16).op(1)],
  ['v128.store32_lane 3', (c) => c.simdMemory(SIMD.v128_store32_lane).op(3)],
  ['v128.load32_zero', (c) => c.simdMemory(SIMD.v128_load32_zero)],
  ['v128.const i32x4 0x00000001 0xffffffff 0x00000000 0x80000000', (c) => c.v128(1, -1, 0, 0x8000_0000)],
  ['i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 31', (c) => c.shuffle([0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 31])],
  ['i8x16.extract_lane_s 15', (c) => c.simdLane(SIMD.i8x16_extract_lane_s, 15)],
  ['f64x2.replace_lane 1', (c) => c.simdLane(SIMD.f64x2_replace_lane, 1)],
  ['i32x4.trunc_sat_f64x2_s_zero', (c) => c.simd(SIMD.i32x4_trunc_sat_f64x2_s_zero)],
  ['i16x8.extadd_pairwise_i8x16_u', (c) => c.simd(SIMD.i16x8_extadd_pairwise_i8x16_u)],
];

describe('instructions', () => {
  test.each(ROWS)('%s', (text, write) => {
    // the alignment that translations have is not told
    expect(printed(write(new Code()))).toEqual([text.replace(' align=1', '')]);
  });

  /** Operands that are valid for every instruction of a table, by what its name says. */
  const operands = (key: string): number => {
    if (/_(load|store).*_lane$/.test(key)) return 3;
    if (/_(load|store)/.test(key)) return 2;
    return /_(extract|replace)_lane/.test(key) ? 1 : 0;
  };
  test.each([['OP', 0, OP], ['MISC', 0xfc, MISC], ['SIMD', 0xfd, SIMD]] as const)('all of %s have a name', (_, prefix, opcodes) => {
    const special = /^(block|loop|if|else|end|br|br_table|br_if|call|call_indirect|return_call|(local|global)_.*|.*_const|i8x16_shuffle|memory_.*)$/;
    for (const [key, code] of Object.entries(opcodes).filter(([name]) => !special.test(name))) {
      const c = new Code();
      if (prefix === 0) c.op(code);
      else c.op(prefix).u32(code);
      for (let i = 0; i < operands(key); i++) c.op(0);
      const [line, ...more] = printed(c);
      expect(more).toEqual([]);
      expect(line!.split(' ')[0]!.replace('.', '_')).toBe(key);
    }
  });
});

test('nests, names labels, locals and functions, and adds notes', () => {
  const c = new Code();
  c.block().loop().get(0).if(TYPE.i32).i32(1).else().i32(2).end().brIf(1).get(1).memory(OP.i64_load, 8).i64(7).call(0).br(0).end().end();
  const body: FunctionBody = { type: 0, locals: [TYPE.i64, TYPE.i64, TYPE.v128], code: c.i64(5).end().finished() };
  const type: FunctionType = { params: [TYPE.i32], results: [TYPE.i64] };
  expect(printFunction(body, type, { name: 'f', locals: ['entry', 'rax', 'rax'], functions: ['invoke'], noteOffset: (n) => `at ${n}`, noteConstant: (n) => (n === 7n ? 'seven' : undefined) })).toBe(`\
(func $f (param $entry i32) (result i64)
  (local $rax i64) (local $rax.1 i64) (local v128)
  block  ;; @1
    loop  ;; @2
      local.get $entry
      if (result i32)  ;; @3
        i32.const 1
      else
        i32.const 2
      end
      br_if 1 (;@1;)
      local.get $rax
      i64.load offset=8  ;; at 8
      i64.const 7  ;; seven
      call $invoke
      br 0 (;@2;)
    end
  end
  i64.const 5
)
`);
});

test.each([
  ['an unknown opcode', [0x06, 0x0b], 'no such opcode: 0x6'],
  ['an unknown opcode of a prefix', [0xfd, 0xff, 0x01, 0x0b], 'no such opcode: 0xfd 0xff'],
  ['a missing end', [0x01], 'the code ends within an instruction'],
  ['bytes behind the end', [0x0b, 0x01], '1 bytes behind the end'],
])('%s is refused', (_, code, message) => {
  expect(() => printFunction({ type: 0, locals: [], code: Uint8Array.from(code) }, NOTHING)).toThrow(message);
});
