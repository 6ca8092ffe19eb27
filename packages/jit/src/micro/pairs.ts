import { vectorFacts } from '../emit/vector/facts.ts';
import { OP } from '../wasm/opcodes.ts';
import { RECORD } from './layout.ts';
import type { Shape } from './shape.ts';
import { PLACE } from './writer.ts';

/**
 * Micro-operations that follow each other most often, by the first one: the second is executed with it, without the jump to it, which the processor
 * foresees badly. Counted over cc1, python3, perl and sqlite3.
 */
const PAIRS: Readonly<Record<string, string>> = {
  'add.32.imm': 'store.4.base',
  'add.64.imm': 'add.64.imm load.1/0.base store.8.base sub.8.5',
  'and.32.imm': 'logic.1.4 logic.1.5 logic.4.4 logic.4.5',
  'const': 'const flags.1 flags.add.64.imm mov.32 store.8.base sub.8.5 zext8.32',
  'flags.add.64': 'jump',
  'flags.add.64.imm': 'mov.64',
  'flags.imm': 'goto shl.64.imm shr.32.imm shr.64.imm',
  'flags.sub.64': 'branchcc.5',
  'getcc.4': 'deposit.0.8',
  'getcc.5': 'deposit.0.8',
  'helper': 'const',
  'lea.64.index': 'lea.64.index mov.32',
  'load.1/0.base': 'and.32.imm const flags.imm load.1/0.base sub.1.4.imm sub.1.5.imm sub.1.7.imm',
  'load.1/64.index': 'logic.8.8',
  'load.2/0.base': 'sub.2.4.imm sub.2.5.imm',
  'load.4/0.base': 'load.4/0.base logic.4.4 logic.4.5 store.4.base sub.4.2 sub.4.4',
  'load.8/0.absolute': 'jump load.8/0.base logic.8.4',
  'load.8/0.base': 'add.64.imm call const flags.add.64 flags.add.64.imm goto lea.64.index load.2/0.base load.4/0.base load.8/0.base load.8/0.segment logic.8.4 logic.8.5 mov.32 mov.64 store.8.base sub.8.4 sub.8.4.imm sub.8.5 sub.8.5.imm',
  'load.8/0.index': 'jump logic.8.4 sub.8.4',
  'load.8/0.segment': 'store.8.base',
  'load.8/0w.base': 'sub.64.imm',
  'mov.32': 'and.32.imm mov.32',
  'mov.64': 'call const flags.sub.64.imm goto load.8/0.base logic.8.4 mov.32 mov.64 store.8.base',
  'pop': 'pop ret',
  'push': 'flags.sub.64.imm mov.32 mov.64 push',
  'shl.64': 'sub.64.imm',
  'store.8.base': 'goto jump load.8/0.base logic.8.5 mov.64 store.8.base sub.8.4.imm',
  'sub.64.imm': 'store.8.base',
  'vstore.aligned.base': 'vstore.aligned.base',
  'zext8.32': 'load.4/64.index',
};

/** A micro-operation that executes two records which follow each other; they stay as they are but for the number of the first. */
function both(first: Shape, second: Shape): Shape {
  const { access } = first;
  return {
    name: `${first.name}+${second.name}`, size: second.size === 0 ? 0 : 2 * RECORD, ...access !== undefined && { access },
    emit(w, context) {
      first.emit(w, context);
      w.code.get(PLACE).i32(RECORD).op(OP.i32_add).set(PLACE);
      vectorFacts(w).reset();
      w.flagsAt = 'memory';
      second.emit(w, context);
    },
  };
}

/** The pairs of some shapes. */
export function pairShapes(shapes: readonly Shape[]): readonly { readonly first: string; readonly second: string; readonly shape: Shape }[] {
  const byName = new Map(shapes.map((shape) => [shape.name, shape]));
  return Object.entries(PAIRS).flatMap(([first, seconds]) => seconds.split(' ').map((second) => ({ first, second, shape: both(byName.get(first)!, byName.get(second)!) })));
}
