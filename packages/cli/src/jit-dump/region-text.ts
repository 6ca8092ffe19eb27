import type { RegionReport } from '@tally86/jit';

const hex = (n: number): string => `0x${n.toString(16)}`;
const WIDTH = { address: 12, bytes: 31, text: 44 };

/** A region for people: assembly beside its IR, then what it became. */
export function regionText(region: RegionReport, symbol: string | undefined): string {
  const { number, address, entries, instructions, blocks, body } = region;
  const lines = [
    `region ${number} at ${hex(address)}${symbol === undefined ? '' : ` (${symbol})`}: ${instructions} instructions in ${blocks.length} blocks, ${body.length} bytes of WebAssembly`,
    `entered at ${entries.map(hex).join(', ')}`,
    '', '== assembly | IR',
  ];
  for (const block of blocks) {
    const ways = block.edges.map(({ address: to, inside }) => `${hex(to)}${inside ? '' : ' (outside)'}`);
    lines.push('', `${hex(block.address)}:${ways.length === 0 ? '' : `  to ${ways.join(', ')}`}`);
    for (const { address: at, bytes, text, ir } of block.instructions) {
      const code = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
      const left = `${at.toString(16).padStart(WIDTH.address)}  ${code.padEnd(WIDTH.bytes)} ${text.padEnd(WIDTH.text)}`;
      lines.push(`${left} | ${ir[0] ?? ''}`.trimEnd());
      for (const op of ir.slice(1)) lines.push(`${' '.repeat(left.length)} | ${op}`);
    }
  }
  lines.push('', '== exits', '');
  for (const exit of region.exits()) lines.push(`${hex(exit.address)} ${exit.cause}`);
  lines.push('', '== WebAssembly', '', region.wat());
  return lines.join('\n');
}

/** Bytes of code that lie in one piece from where the region starts. */
export function extentOf({ address, blocks }: RegionReport): number {
  let end = address;
  const instructions = blocks.flatMap((block) => block.instructions).sort((a, b) => a.address - b.address);
  for (const { address: at, bytes } of instructions) if (at === end) end += bytes.length;
  return end - address;
}
