import type { CpuModel } from '@tally86/core';

type Leaf = readonly [eax: number, ebx: number, ecx: number, edx: number];

/** The bits of a register by their positions. */
function bits(...positions: readonly number[]): number {
  return positions.reduce((sum, position) => (sum | (1 << position)) >>> 0, 0);
}

/** Text as little-endian 32-bit words. */
function words(text: string, count: number): number[] {
  const padded = text.padEnd(count * 4, '\0');
  return Array.from({ length: count }, (_, i) =>
    [0, 1, 2, 3].reduce((word, j) => (word | (padded.charCodeAt(4 * i + j) << (8 * j))) >>> 0, 0));
}

/** Leaves 0x80000002 to 0x80000004: the brand string, 48 bytes. */
function brand(text: string): Record<string, Leaf> {
  const w = words(text.slice(0, 47), 12);
  return Object.fromEntries([0, 1, 2].map((i) => [`${(0x8000_0002 + i).toString(16)}`, w.slice(4 * i, 4 * i + 4) as unknown as Leaf]));
}

/** Leaf 0: highest leaf and vendor, as ebx, edx, ecx. */
function vendor(highest: number, name: string): Leaf {
  const [b, d, c] = words(name, 3) as [number, number, number];
  return [highest, b, c, d];
}

/** Leaf 4 (SDM vol. 2, CPUID): type 1 data, 2 instructions, 3 both; one core that shares with nobody. */
function cache(type: number, level: number, ways: number, sets: number, inclusive = 0): Leaf {
  return [type | (level << 5) | (1 << 8), (63 | ((ways - 1) << 22)) >>> 0, sets - 1, inclusive];
}

/** What is the same for all models: caches through leaf 4 (leaf 2 says so), one logical processor, 48-bit addresses, an invariant TSC. */
const COMMON: Readonly<Record<string, Leaf>> = {
  2: [0x0000_ff01, 0, 0, 0],
  '4:0': cache(1, 1, 8, 64),
  '4:1': cache(2, 1, 8, 64),
  '4:2': cache(3, 2, 8, 512),
  '4:3': cache(3, 3, 16, 8192, 2),
  'b:0': [0, 1, 0x100, 0],
  'b:1': [0, 1, 0x201, 0],
  'b:2': [0, 0, 2, 0],
  80000006: [0, 0, 0x0100_6040, 0],
  80000007: [0, 0, 0, bits(8)],
  80000008: [0x3030, 0, 0, 0],
};

/** fpu de pse tsc msr pae mce cx8 apic mtrr pge mca cmov pat pse36 clfsh mmx fxsr sse sse2: what the x86-64 baseline has. */
const BASELINE_EDX = bits(0, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 19, 23, 24, 25, 26);
/** syscall nx lm */
const LONG_MODE_EDX = bits(11, 20, 29);
/** clflush line of 64 bytes, one logical processor, APIC id 0 */
const BRAND_EBX = (8 << 8) | (1 << 16);

const BASELINE_FEATURES: readonly string[] = ['cmov', 'cx8', 'fxsr', 'mmx', 'sse', 'sse2', 'tsc', 'syscall'];

/** The psABI's baseline (x86-64-ABI, table 3.1), shown as Intel family 15. */
const baseline: CpuModel = {
  name: 'x86-64',
  leaves: {
    ...COMMON, ...brand('tally86 virtual CPU x86-64'),
    0: vendor(0xb, 'GenuineIntel'),
    1: [0x0000_0f41, BRAND_EBX, 0, BASELINE_EDX],
    80000000: vendor(0x8000_0008, ''),
    80000001: [0, 0, 0, LONG_MODE_EDX],
  },
  xcr0: 0,
  features: new Set(BASELINE_FEATURES),
};

/** The psABI's level 2 with XSAVE for x87 and SSE state, and rdtscp; shown as an Intel of 2010 (family 6, model 44). No AVX. */
const v2: CpuModel = {
  name: 'x86-64-v2',
  leaves: {
    ...COMMON, ...brand('tally86 virtual CPU x86-64-v2'),
    0: vendor(0xd, 'GenuineIntel'),
    // sse3 ssse3 cx16 sse4.1 sse4.2 popcnt xsave osxsave
    1: [0x0002_06c2, BRAND_EBX, bits(0, 9, 13, 19, 20, 23, 26, 27), BASELINE_EDX],
    'd:0': [3, 576, 576, 0],
    80000000: vendor(0x8000_0008, ''),
    // lahf_lm; syscall nx rdtscp lm
    80000001: [0, 0, bits(0), (LONG_MODE_EDX | bits(27)) >>> 0],
  },
  xcr0: 3,
  features: new Set([...BASELINE_FEATURES, 'sse3', 'ssse3', 'cx16', 'sse4.1', 'sse4.2', 'popcnt', 'xsave', 'lahf_lm', 'rdtscp']),
};

const V2_FEATURES: readonly string[] = [...v2.features];
/** sse3 ssse3 cx16 sse4.1 sse4.2 popcnt: leaf 1, ecx */
const V2_BITS = [0, 9, 13, 19, 20, 23];
const XSAVE_BITS = [26, 27];
/** fma movbe avx f16c */
const V3_BITS = [12, 22, 28, 29];
const V3_FEATURES: readonly string[] = [...V2_FEATURES, 'avx', 'avx2', 'bmi1', 'bmi2', 'f16c', 'fma', 'lzcnt', 'movbe'];
/** Images of x87, SSE and AVX: 832 bytes, the upper halves from byte 576 on. */
const XSAVE_AVX = (forms: number): Record<string, Leaf> => ({ 'd:0': [7, 832, 832, 0], 'd:1': [forms, 0, 0, 0], 'd:2': [256, 576, 0, 0] });
/** lahf_lm lzcnt; syscall nx rdtscp lm */
const V3_EXTENDED: Leaf = [0, 0, bits(0, 5), (LONG_MODE_EDX | bits(27)) >>> 0];

/** The psABI's level 3; shown as an Intel of 2013 (family 6, model 60). */
const v3: CpuModel = {
  name: 'x86-64-v3',
  leaves: {
    ...COMMON, ...brand('tally86 virtual CPU x86-64-v3'), ...XSAVE_AVX(0),
    0: vendor(0xd, 'GenuineIntel'),
    1: [0x0003_06c3, BRAND_EBX, bits(...V2_BITS, ...V3_BITS, ...XSAVE_BITS), BASELINE_EDX],
    // bmi1 avx2 bmi2
    '7:0': [0, bits(3, 5, 8), 0, 0],
    80000000: vendor(0x8000_0008, ''),
    80000001: V3_EXTENDED,
  },
  xcr0: 7,
  features: new Set(V3_FEATURES),
};

/** Intel's processors of 2010 as their users see them: AES and PCLMULQDQ, no XSAVE. */
const westmere: CpuModel = {
  name: 'westmere',
  leaves: {
    ...COMMON, ...brand('tally86 virtual CPU westmere'),
    0: vendor(0xb, 'GenuineIntel'),
    1: [0x0002_06c2, BRAND_EBX, bits(...V2_BITS, 1, 25), BASELINE_EDX],
    80000000: vendor(0x8000_0008, ''),
    80000001: [0, 0, bits(0), (LONG_MODE_EDX | bits(27)) >>> 0],
  },
  xcr0: 0,
  features: new Set([...V2_FEATURES.filter((feature) => feature !== 'xsave'), 'aes', 'pclmulqdq']),
};

const HASWELL_FEATURES: readonly string[] = [...V3_FEATURES, 'aes', 'pclmulqdq', 'rdrand', 'fsgsbase', 'xsaveopt'];
/** Those of 2013, without transactions. */
const haswell: CpuModel = {
  name: 'haswell',
  leaves: {
    ...v3.leaves, ...brand('tally86 virtual CPU haswell'), ...XSAVE_AVX(bits(0)),
    // pclmulqdq aes rdrand
    1: [0x0003_06c3, BRAND_EBX, bits(...V2_BITS, ...V3_BITS, ...XSAVE_BITS, 1, 25, 30), BASELINE_EDX],
    // fsgsbase smep erms invpcid
    '7:0': [0, bits(3, 5, 8, 0, 7, 9, 10), 0, 0],
  },
  xcr0: 7,
  features: new Set(HASWELL_FEATURES),
};

/** All that is executed here. */
const max: CpuModel = {
  name: 'max',
  leaves: {
    ...haswell.leaves, ...brand('tally86 virtual CPU max'), ...XSAVE_AVX(bits(0, 1)),
    // rdseed adx sha
    '7:0': [0, bits(3, 5, 8, 0, 7, 9, 10, 18, 19, 29), 0, 0],
  },
  xcr0: 7,
  features: new Set([...HASWELL_FEATURES, 'adx', 'rdseed', 'sha', 'xsavec']),
};

/** The CPU models by name. */
export const cpuModels: Readonly<Record<string, CpuModel>> = Object.fromEntries([baseline, v2, v3, westmere, haswell, max].map((model) => [model.name, model]));
export const DEFAULT_CPU_MODEL = v2.name;
