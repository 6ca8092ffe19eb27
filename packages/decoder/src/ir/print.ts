import { CELL, FLAG_KIND, REG } from '@tally86/core';
import { isImm, type Ea, type IrBlock, type IrOp, type Operand, type Slot } from './ops.ts';

const REGISTERS = Object.keys(REG);
const CELLS = new Map<number, string>(Object.entries(CELL).map(([name, cell]) => [cell, name]));
const KINDS = Object.keys(FLAG_KIND);
const CONDITIONS = ['o', 'no', 'b', 'ae', 'e', 'ne', 'be', 'a', 's', 'ns', 'p', 'np', 'l', 'ge', 'le', 'g'];

function slot(s: Slot): string {
  return s < 16 ? REGISTERS[s]! : s >= CELL.temp ? `t${s - CELL.temp}` : (CELLS.get(s) ?? `cell${s}`);
}
function hex(value: bigint | number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : value < 10 ? String(value) : `0x${value.toString(16)}`;
}
function operand(a: Operand): string {
  return isImm(a) ? hex(BigInt.asIntN(64, a.imm)) : slot(a);
}
function address({ base, index, shift, disp, seg, a32 }: Ea): string {
  const parts = [base >= 0 ? slot(base) : '', index >= 0 ? slot(index) + (shift > 0 ? `*${1 << shift}` : '') : ''].filter((p) => p !== '');
  if (disp !== 0 || parts.length === 0) parts.push(hex(disp));
  return `${seg !== 0 ? `${slot(seg)}:` : ''}[${parts.join(' + ').replaceAll('+ -', '- ')}]${a32 ? 'a32' : ''}`;
}
const vector = (v: number): string => (v < 16 ? `xmm${v}` : `v${v - 16}`);

/** One operation as text: `d = name.width operands`. */
export function printOp(op: IrOp): string {
  switch (op.op) {
    case 'deposit': return `${slot(op.d)} = deposit ${operand(op.a)}[${op.pos}:${op.len}], ${operand(op.b)}`;
    case 'extract': return `${slot(op.d)} = extract ${operand(op.a)}[${op.pos}:${op.len}]`;
    case 'set': return `${slot(op.d)} = set.${op.w} ${operand(op.a)} ${op.cond} ${operand(op.b)}`;
    case 'select': return `${slot(op.d)} = select.${op.w} ${operand(op.a)} ${op.cond} ${operand(op.b)} ? ${operand(op.x)} : ${operand(op.y)}`;
    case 'load': return `${slot(op.d)} = load.${op.size * 8}${op.sext !== 0 ? ` sext${op.sext}` : ''}${op.rmw ? ' rmw' : ''} ${address(op.ea)}`;
    case 'store': return `store.${op.size * 8} ${address(op.ea)}, ${operand(op.a)}`;
    case 'lea': return `${slot(op.d)} = lea.${op.w} ${address(op.ea)}`;
    case 'linear': return `${slot(op.d)} = linear ${address(op.ea)}`;
    case 'probe': return `probe${op.write ? ' write' : ''} ${op.bytes} ${address(op.ea)}`;
    case 'flags': return `flags.${op.size * 8} ${KINDS[op.kind]!} ${[op.a, op.b, op.c].slice(0, operands(op.kind)).map(operand).join(', ')}`;
    case 'getcc': return `${slot(op.d)} = cc ${CONDITIONS[op.cc]!}`;
    case 'getflags': return `${slot(op.d)} = flags`;
    case 'mergeflags': return `mergeflags ${hex(op.mask)}, ${operand(op.a)}`;
    case 'rotflags': return `rotflags.${op.size * 8} ${op.right ? 'right' : 'left'} ${slot(op.a)}, ${operand(op.count)}`;
    case 'selectcc': return `${slot(op.d)} = select.${op.w} ${CONDITIONS[op.cc]!} ? ${operand(op.x)} : ${operand(op.y)}`;
    case 'vload': return `${vector(op.d)} = vload.${op.bytes * 8}${op.aligned ? ' aligned' : ''} ${address(op.ea)}`;
    case 'vstore': return `vstore.${op.bytes * 8}${op.aligned ? ' aligned' : ''} ${address(op.ea)}, ${vector(op.a)}`;
    case 'v': return `${vector(op.d)} = ${op.name} ${vector(op.a)}, ${vector(op.b)}, ${hex(op.imm)}`;
    case 'vmov': return `${vector(op.d)} = ${vector(op.a)}`;
    case 'vzero': return `${vector(op.d)} = 0`;
    case 'vget': return `${slot(op.d)} = ${vector(op.a)}.${op.size * 8}[${op.lane}]`;
    case 'vset': return `${vector(op.d)}.${op.size * 8}[${op.lane}] = ${operand(op.a)}`;
    case 'helper': return `helper ${op.name}(${op.args.join(', ')})${op.faults ? ' faults' : ''}`;
    case 'jump': return `${op.kind} ${hex(op.target)}${op.kind === 'call' ? ` returns to ${hex(op.ret)}` : ''}`;
    case 'jumpind': return `${op.kind} ${slot(op.a)}${op.kind === 'call' ? ` returns to ${hex(op.ret)}` : ''}${op.sp !== 0 ? `, rsp += ${hex(op.sp)}` : ''}`;
    case 'branchcc': return `branch ${CONDITIONS[op.cc]!} ? ${hex(op.taken)} : ${hex(op.fall)}`;
    case 'branch': return `branch.${op.w} ${operand(op.a)} ${op.cond} ${operand(op.b)} ? ${hex(op.taken)} : ${hex(op.fall)}`;
    case 'string': return `${op.rep === 'none' ? '' : `${op.rep} `}${op.kind}.${op.size * 8}${op.seg !== 0 ? ` ${slot(op.seg)}` : ''}${op.a32 ? ' a32' : ''} then ${hex(op.next)}`;
    case 'syscall': return `syscall then ${hex(op.next)}`;
    case 'trap': return `trap ${op.vector}(${hex(op.errorCode)}) at ${hex(op.rip)}`;
    case 'undefined': return `undefined ${op.text}`;
    case 'fetchfault': return `fetch fault at ${hex(op.address)}`;
    case 'leave': return `leave to ${hex(op.next)}`;
    case 'nop': return 'nop';
    default: return `${slot(op.d)} = ${op.op}.${op.w} ${operand(op.a)}${'b' in op ? `, ${operand(op.b)}` : ''}`;
  }
}

/** How many operands a record of this kind has. */
function operands(kind: number): number {
  switch (kind) {
    case FLAG_KIND.explicit: case FLAG_KIND.logic: case FLAG_KIND.popcnt: return 1;
    case FLAG_KIND.adc: case FLAG_KIND.sbb: case FLAG_KIND.shld: case FLAG_KIND.shrd: return 3;
    default: return 2;
  }
}

/** A block as text, one line for each instruction and each operation under it; no-ops are left out. */
export function printBlock(block: IrBlock): string {
  const lines: string[] = [];
  block.instructions.forEach(({ address: at, first, mnemonic }, k) => {
    lines.push(`${hex(at)} ${mnemonic}`);
    const end = block.instructions[k + 1]?.first ?? block.ops.length;
    for (const op of block.ops.slice(first, end)) if (op.op !== 'nop') lines.push(`  ${printOp(op)}`);
  });
  return lines.join('\n');
}
