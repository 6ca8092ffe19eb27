import { expect } from 'vitest';
import { prebuilt } from '../bad-programs/damage.ts';
import { emulate } from './run.ts';

export const ENGINES: readonly string[] = ['jit', 'interpreter'];

/** What a machine holds after so many children that ended, one after the other. */
export async function heldAfter(children: number, engine: string): Promise<Readonly<Record<string, number>>> {
  const { exit, memory } = await emulate(prebuilt('forks'), ['loop', String(children)], { root: 'sandbox', engine });
  expect(exit).toEqual({ kind: 'exit', code: 0 });
  const { pageTableBytes, pageTablePeakBytes, pageTableNodes, frames, framesPeak, cacheFrames, vmas } = memory;
  return { pageTableBytes, pageTablePeakBytes, pageTableNodes, frames, framesPeak, cacheFrames, vmas };
}
