import iced from 'iced-x86';
import { describe, expect, it } from 'vitest';
import { LAYOUT } from './case.ts';
import { FEATURES } from './excluded.ts';
import { GROUPS } from './families.ts';
import { allForms } from './forms.ts';
import { generateCases } from './generate.ts';
import { disassemble } from './describe.ts';
import { randomTarget } from './draft.ts';
import { ofInstruction } from './operands.ts';
import { createRandom } from './random.ts';
import { selectForms } from './campaign.ts';

describe('generator', () => {
  it('gives the same cases for the same seed, others for another', () => {
    const forms = selectForms(['shift', 'sse2', 'x87']);
    const first = [...generateCases(forms, 300, 7)];
    expect([...generateCases(forms, 300, 7)]).toEqual(first);
    expect([...generateCases(forms, 300, 8)]).not.toEqual(first);
  });

  it('reaches every form', () => {
    const forms = allForms();
    const seen = new Set([...generateCases(forms, forms.length, 1)].map((test) => test.form));
    expect(seen.size).toBe(forms.length);
  }, 20_000);

  it('knows the forms of x86-64-v3', () => {
    expect(FEATURES.size).toBeGreaterThan(20);
    expect(allForms().length).toBeGreaterThan(1800);
    for (const name of ['Adc_rm8_r8', 'Pcmpestri_xmm_xmmm128_imm8', 'Fbstp_m80bcd', 'Cmpxchg16b_m128', 'Fxrstor64_m512byte', 'Movsq_m64_m64', 'Bts_rm64_r64',
      'VEX_Vaddps_ymm_ymm_ymmm256', 'VEX_Vpgatherqd_xmm_vm64y_xmm', 'VEX_Vblendvps_xmm_xmm_xmmm128_xmm', 'VEX_Vfmadd231sd_xmm_xmm_xmmm64', 'VEX_Pdep_r64_r64_rm64', 'Adox_r32_rm32']) {
      expect(allForms().some((form) => form.name === name), name).toBe(true);
    }
    expect(allForms().some((form) => /^(rdrand|rdtsc|syscall|evex|xop|vaes.*ymm)/i.test(form.name))).toBe(false);
  });

  it('has every form in a group', () => {
    const families = new Set([...GROUPS.all!, ...GROUPS.inexact!]);
    expect([...new Set(allForms().map((form) => form.family))].filter((family) => !families.has(family))).toEqual([]);
  });

  it('puts most operands into the arena, and some out of it', () => {
    const tests = [...generateCases(selectForms(['Mov_r64_rm64']), 2000, 3)].filter((test) => test.target !== null);
    const inside = tests.filter(({ target }) => target! >= LAYOUT.arenaBase && target! + 8 <= LAYOUT.arenaBase + LAYOUT.arenaWritable).length;
    expect(inside / tests.length).toBeGreaterThan(0.8);
    expect(inside / tests.length).toBeLessThan(0.97);
  });

  it('keeps operands off the code, addresses of 32 bits and bit offsets too', () => {
    const onCode = (address: bigint): boolean => {
      const low = Number(BigInt.asUintN(32, address));
      return low > LAYOUT.codeBase - 64 && low < LAYOUT.codeBase + LAYOUT.codeSize;
    };
    const r = createRandom(11);
    const targets = Array.from({ length: 3000 }, () => randomTarget(r, 16));
    expect(targets.filter((target) => target >> 63n).length).toBeGreaterThan(10);
    expect(targets.filter(onCode)).toEqual([]);
    const tables = [...generateCases(selectForms(['Xlatb']), 1000, 1)].map(({ gpr }) => gpr[3]!);
    expect(tables.filter(onCode)).toEqual([]);
    const bits = [...generateCases(selectForms(['Bt_rm64_r64']), 1000, 1)].filter(({ target }) => target !== null).map((test) =>
      BigInt(test.target!) + (BigInt.asIntN(64, test.gpr[ofInstruction(test, (instruction) => iced.RegisterExt.number(instruction.op1Register))]!) >> 3n));
    expect(bits.filter(onCode)).toEqual([]);
  });

  it('has nothing trap that does so halfway', () => {
    expect([...generateCases(selectForms(['gather', 'Movsb', 'Pushfq']), 2000, 1)].filter(({ int3 }) => !int3)).toEqual([]);
  });

  it('refuses a name that is none', () => {
    expect(() => selectForms(['nonsense'])).toThrow(/nonsense/);
  });

  it('disassembles for people', () => {
    expect(disassemble(Uint8Array.of(0x48, 0x01, 0xc8), 0)).toBe('add rax,rcx');
  });
});
