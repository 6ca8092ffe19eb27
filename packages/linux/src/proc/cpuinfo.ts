import type { CpuModel } from '@tally86/core';

/** Linux's names of cpuid bits (arch/x86/include/asm/cpufeatures.h): leaf, register (eax ebx ecx edx), bit. */
const FLAGS: readonly (readonly [string, number, readonly (string | null)[]])[] = [
  ['1', 3, [
    'fpu', 'vme', 'de', 'pse', 'tsc', 'msr', 'pae', 'mce', 'cx8', 'apic', null, 'sep', 'mtrr', 'pge', 'mca', 'cmov', 'pat', 'pse36', 'pn', 'clflush',
    null, 'dts', 'acpi', 'mmx', 'fxsr', 'sse', 'sse2', 'ss', 'ht', 'tm', 'ia64', 'pbe',
  ]],
  ['80000001', 3, [
    null, null, null, null, null, null, null, null, null, null, null, 'syscall', null, null, null, null, null, null, null, 'mp', 'nx', null, 'mmxext',
    null, null, 'fxsr_opt', 'pdpe1gb', 'rdtscp', null, 'lm', '3dnowext', '3dnow',
  ]],
  ['1', 2, [
    'pni', 'pclmulqdq', 'dtes64', 'monitor', 'ds_cpl', 'vmx', 'smx', 'est', 'tm2', 'ssse3', 'cid', 'sdbg', 'fma', 'cx16', 'xtpr', 'pdcm', null, 'pcid',
    'dca', 'sse4_1', 'sse4_2', 'x2apic', 'movbe', 'popcnt', 'tsc_deadline_timer', 'aes', 'xsave', null, 'avx', 'f16c', 'rdrand', 'hypervisor',
  ]],
  ['80000001', 2, [
    'lahf_lm', 'cmp_legacy', 'svm', 'extapic', 'cr8_legacy', 'abm', 'sse4a', 'misalignsse', '3dnowprefetch', 'osvw', 'ibs', 'xop', 'skinit', 'wdt', null,
    'lwp', 'fma4', 'tce', null, 'nodeid_msr', null, 'tbm', 'topoext', 'perfctr_core',
  ]],
  ['7', 1, [
    'fsgsbase', 'tsc_adjust', 'sgx', 'bmi1', 'hle', 'avx2', 'fdp_excptn_only', 'smep', 'bmi2', 'erms', 'invpcid', 'rtm', 'cqm', null, 'mpx', 'rdt_a',
    'avx512f', 'avx512dq', 'rdseed', 'adx', 'smap', 'avx512ifma', null, 'clflushopt', 'clwb', 'intel_pt', 'avx512pf', 'avx512er', 'avx512cd', 'sha_ni',
    'avx512bw', 'avx512vl',
  ]],
];

const word = (value: number): string => String.fromCharCode(value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, (value >>> 24) & 0xff);

/** /proc/cpuinfo of the one processor, from what cpuid shows (arch/x86/kernel/cpu/proc.c). */
export function cpuinfoText({ leaves, name }: CpuModel): string {
  const leaf = (key: string): readonly number[] => leaves[key] ?? leaves[`${key}:0`] ?? [0, 0, 0, 0];
  const [maxLeaf, b, c, d] = leaf('0') as [number, number, number, number];
  const [version, , , ] = leaf('1') as [number, number, number, number];
  const family = ((version >> 8) & 0xf) + (((version >> 8) & 0xf) === 0xf ? (version >> 20) & 0xff : 0);
  const model = ((version >> 4) & 0xf) | (family >= 6 ? ((version >> 16) & 0xf) << 4 : 0);
  const brand = ['80000002', '80000003', '80000004'].map((key) => leaf(key).map(word).join('')).join('').replaceAll('\0', '').trim();
  const flags = FLAGS.flatMap(([key, register, names]) => names.filter((flag, bit) => flag !== null && ((leaf(key)[register]! >>> bit) & 1) === 1));
  const [widths] = leaf('80000008') as [number];
  const rows: readonly (readonly [string, string | number])[] = [
    ['processor\t', 0], ['vendor_id\t', word(b) + word(d) + word(c)], ['cpu family\t', family], ['model\t\t', model], ['model name\t', brand || name],
    ['stepping\t', version & 0xf], ['cpu MHz\t\t', '1000.000'], ['physical id\t', 0], ['siblings\t', 1], ['core id\t\t', 0], ['cpu cores\t', 1],
    ['apicid\t\t', 0], ['initial apicid\t', 0], ['fpu\t\t', 'yes'], ['fpu_exception\t', 'yes'], ['cpuid level\t', maxLeaf], ['wp\t\t', 'yes'],
    ['flags\t\t', flags.join(' ')], ['bugs\t\t', ''], ['bogomips\t', '2000.00'], ['clflush size\t', 64], ['cache_alignment\t', 64],
    ['address sizes\t', `${widths & 0xff || 40} bits physical, ${(widths >> 8) & 0xff || 48} bits virtual`], ['power management', ''],
  ];
  return `${rows.map(([key, value]) => `${key}: ${value}`.replace(/: $/, key === 'power management' ? ':' : ': ')).join('\n')}\n\n`;
}
