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

/** The CPU models by name. */
export const cpuModels: Readonly<Record<string, CpuModel>> = { [baseline.name]: baseline, [v2.name]: v2 };
export const DEFAULT_CPU_MODEL = v2.name;
