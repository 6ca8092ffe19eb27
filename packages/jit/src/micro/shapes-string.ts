import type { Size } from '@tally86/decoder';
import { MemoryEmitter } from '../emit/memory.ts';
import { emitRepeated } from '../emit/string.ts';
import { REASON } from './layout.ts';
import type { Shape } from './shape.ts';

/** Repeated moves and stores, as regions have them; `goto` behind them leads to what follows. */
export const REPEATED = ['movs', 'stos'] as const;
const SIZES: readonly Size[] = [1, 2, 4, 8];

export function stringShapes(): Shape[] {
  return REPEATED.flatMap((kind) => SIZES.map((size): Shape => ({
    name: `rep.${kind}.${size}`, size: 16, access: 1,
    emit(w, { tlb }) {
      const memory = new MemoryEmitter(w, tlb);
      w.reason = REASON.exact;
      emitRepeated(w, {
        // what was looked up in vain is tried again by the whole instruction: its registers tell what is left
        lookUp(span, write) {
          w.reason = write ? REASON.write : REASON.read;
          memory.lookUp(span, write);
          w.reason = REASON.exact;
        },
      }, { kind, size });
    },
  })));
}
