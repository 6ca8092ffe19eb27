import { PROT_EXEC, PROT_READ, PROT_WRITE } from '@tally86/abi';
import { PAGE_SIZE, USER_END, type Vma } from '@tally86/core';
import type { Process } from '../kernel/types.ts';
import { VMA_TAG } from '../mm/address-space.ts';

/** One line of /proc/PID/maps (fs/proc/task_mmu.c, show_map_vma). */
export function mapsLine({ mm }: Process, vma: Vma): string {
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
  const { prot } = vma;
  const flags = `${(prot & PROT_READ) !== 0 ? 'r' : '-'}${(prot & PROT_WRITE) !== 0 ? 'w' : '-'}${(prot & PROT_EXEC) !== 0 ? 'x' : '-'}${vma.shared ? 's' : 'p'}`;
  const file = vma.source === null ? undefined : mm.describe(vma.source);
  const device = file?.device ?? 0;
  const head = `${hex(vma.start, 8)}-${hex(vma.end, 8)} ${flags} ${hex(file === undefined ? 0 : vma.offset, 8)} ${hex(device >> 8, 2)}:${hex(device & 0xff, 2)} ${file?.inode ?? 0}`;
  const name = nameOf(vma, mm);
  return `${name === '' ? `${head} ` : `${head.padEnd(72)} ${name.replaceAll('\n', '\\012')}`}\n`;
}

function nameOf(vma: Vma, mm: Process['mm']): string {
  if (vma.name !== '') return vma.name;
  return vma.source === null && vma.start < mm.brk && vma.end > mm.brkStart ? '[heap]' : '';
}

export function mapsText(process: Process): string {
  let text = '';
  for (const vma of process.mm.vmas.range(0, USER_END + PAGE_SIZE)) text += mapsLine(process, vma);
  return text;
}

/** Kilobytes of each VMA that are resident. */
function residentSizes(process: Process, vmas: readonly Vma[]): ReadonlyMap<Vma, number> {
  const resident = new Map<Vma, number>();
  let index = 0;
  process.mm.mmu.forEachPage((address) => {
    while (index < vmas.length && vmas[index]!.end <= address) index += 1;
    const vma = vmas[index];
    if (vma !== undefined && address >= vma.start) resident.set(vma, (resident.get(vma) ?? 0) + 4);
  });
  return resident;
}

type Row = readonly [name: string, kilobytes: number];
const rowsText = (rows: readonly Row[]): string => rows.map(([name, kb]) => `${`${name}:`.padEnd(15)}${String(kb).padStart(9)} kB\n`).join('');

/** The kinds of pages are not told apart. */
const usage = (rss: number, anonymous: number): readonly Row[] => [
  ['Rss', rss], ['Pss', rss], ['Pss_Dirty', rss], ['Shared_Clean', 0], ['Shared_Dirty', 0], ['Private_Clean', 0], ['Private_Dirty', rss],
  ['Referenced', rss], ['Anonymous', anonymous], ['KSM', 0], ['LazyFree', 0], ['AnonHugePages', 0], ['ShmemPmdMapped', 0], ['FilePmdMapped', 0],
  ['Shared_Hugetlb', 0], ['Private_Hugetlb', 0], ['Swap', 0], ['SwapPss', 0],
];

/** /proc/PID/smaps: sizes and what is resident. */
export function smapsText(process: Process): string {
  const vmas = [...process.mm.vmas.range(0, USER_END + PAGE_SIZE)];
  const resident = residentSizes(process, vmas);
  return vmas.map((vma) => {
    const rss = resident.get(vma) ?? 0;
    const rows: readonly Row[] = [
      ['Size', (vma.end - vma.start) / 1024], ['KernelPageSize', 4], ['MMUPageSize', 4], ...usage(rss, vma.source === null ? rss : 0),
      ['Locked', (vma.tag & VMA_TAG.LOCKED) !== 0 ? rss : 0],
    ];
    return `${mapsLine(process, vma)}${rowsText(rows)}THPeligible:           0\n`;
  }).join('');
}

/** /proc/PID/smaps_rollup: the sums. */
export function smapsRollupText(process: Process): string {
  const vmas = [...process.mm.vmas.range(0, USER_END + PAGE_SIZE)];
  if (vmas.length === 0) return '';
  const resident = residentSizes(process, vmas);
  const sum = (counts: (vma: Vma) => boolean): number => vmas.reduce((total, vma) => total + (counts(vma) ? (resident.get(vma) ?? 0) : 0), 0);
  const range = `${vmas[0]!.start.toString(16).padStart(8, '0')}-${vmas.at(-1)!.end.toString(16).padStart(8, '0')} ---p 00000000 00:00 0`;
  const locked: Row = ['Locked', sum((vma) => (vma.tag & VMA_TAG.LOCKED) !== 0)];
  return `${range.padEnd(72)} [rollup]\n${rowsText([...usage(sum(() => true), sum((vma) => vma.source === null)), locked])}`;
}
