import type { DataOp } from '@tally86/decoder';
import { emitData } from '../emit/integer.ts';
import { CONDS, WIDTHS, type Shape } from './shape.ts';
import { FIELD } from './writer.ts';

export const BINARIES = ['add', 'sub', 'and', 'or', 'xor', 'shl', 'shr', 'sar', 'mul', 'rotl', 'rotr'] as const;
export const UNARIES = ['mov', 'sext8', 'sext16', 'sext32', 'zext8', 'zext16', 'neg', 'not', 'bswap', 'clz', 'ctz', 'popcnt'] as const;

const data = (name: string, op: DataOp): Shape => ({ name, size: 16, emit: (w) => emitData(w, op) });

export function dataShapes(): Shape[] {
  const shapes: Shape[] = [];
  const { d, a, b, c, x, imm } = FIELD;
  for (const w of WIDTHS) {
    for (const op of BINARIES) {
      shapes.push(data(`${op}.${w}`, { op, w, d, a, b }), data(`${op}.${w}.imm`, { op, w, d, a, b: imm }));
    }
    for (const op of UNARIES) shapes.push(data(`${op}.${w}`, { op, w, d, a }));
    for (const cond of CONDS) {
      shapes.push(data(`set.${cond}.${w}`, { op: 'set', cond, w, d, a, b }), data(`select.${cond}.${w}`, { op: 'select', cond, w, d, a, b, x: c, y: x }));
    }
  }
  shapes.push(data('const', { op: 'mov', w: 64, d, a: imm }), data('mulhu', { op: 'mulhu', w: 64, d, a, b }), data('mulhs', { op: 'mulhs', w: 64, d, a, b }));
  for (const [pos, len] of [[0, 8], [8, 8], [0, 16]] as const) {
    shapes.push(
      data(`deposit.${pos}.${len}`, { op: 'deposit', d, a, b, pos, len }), data(`deposit.${pos}.${len}.imm`, { op: 'deposit', d, a, b: imm, pos, len }),
      data(`extract.${pos}.${len}`, { op: 'extract', d, a, pos, len }),
    );
  }
  return shapes;
}
