import { EmulatorError, type GapView, type MmapRequest, type MmapStrategy } from '@tally86/core';
import { roundedHint, topDown } from './hint.ts';

/** Where QEMU 4.2 starts to look in a 64-bit guest (linux-user/mmap.c, TASK_UNMAPPED_BASE). */
const CURSOR_START = 0x40_0000_0000;

/**
 * A cursor that follows each placement. A request without a hint starts at the cursor; if its place is taken, the host kernel
 * below QEMU ignores the wish and places top-down. The cursor follows only what began at it and ended up at or above its first value.
 */
function cursorStrategy(name: string, lowered: boolean): MmapStrategy {
  let cursor = CURSOR_START;
  const startOf = (gaps: GapView | null, request: MmapRequest): number => {
    if (request.hint === 0) return cursor;
    return gaps === null ? request.hint : roundedHint(gaps, request);
  };
  return {
    name,
    findFreeArea(gaps, request) {
      const start = Math.ceil(startOf(gaps, request) / request.alignment) * request.alignment;
      return start !== 0 && gaps.isFree(start, request.length) ? start : topDown(gaps, request);
    },
    onMap(start, end, request) {
      if (request !== null && startOf(null, request) === cursor && start >= CURSOR_START) cursor = end;
    },
    onUnmap(start) {
      if (lowered && start < cursor) cursor = start;
    },
    snapshot: () => ({ cursor }),
    restore(state) {
      if (typeof state !== 'object' || state === null || !('cursor' in state) || !Number.isSafeInteger(state.cursor)) {
        throw new EmulatorError('E_OPTION', `not a snapshot of the placement strategy ${name}`, { details: { state } });
      }
      cursor = state.cursor as number;
    },
    clone() {
      const copy = cursorStrategy(name, lowered);
      copy.restore({ cursor });
      return copy;
    },
  };
}

/** QEMU 4.2's user mode: the cursor only moves forward, so each new mapping lies at addresses never used before. */
export const qemu42 = (): MmapStrategy => cursorStrategy('qemu-4.2', false);

/** The same with the fix of two lines: munmap below the cursor brings it back. */
export const qemuTwoliner = (): MmapStrategy => cursorStrategy('qemu-twoliner', true);
