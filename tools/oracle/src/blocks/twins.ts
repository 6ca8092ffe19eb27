import { CELL, type EngineFactory, type Stop } from '@tally86/core';
import iced from 'iced-x86';
import { REGISTERS } from '../fuzz/case.ts';
import { flagText } from '../fuzz/compare.ts';
import { createRandom } from '../fuzz/random.ts';
import { differences } from './compare.ts';
import type { Observing } from './observer.ts';
import { assemble, Machine, type Program } from './program.ts';

/** One of the two: how it is translated, and in which pieces it runs. */
export interface Style {
  readonly name: string;
  readonly engine: EngineFactory;
  readonly tlbEntries: number;
  /** Longest run, in instructions: a seeded number from 1 to this; 0: as long as comparisons allow. */
  readonly piece: number;
  /** A plugin on both. */
  readonly observing?: Observing;
}

export interface Twins {
  readonly style: Style;
  readonly reference: Machine;
  readonly subject: Machine;
}
export const createTwins = (reference: EngineFactory, style: Style): Twins =>
  ({ style, reference: new Machine(reference, 64, style.observing), subject: new Machine(style.engine, style.tlbEntries, style.observing) });

export interface Mismatch {
  /** Instructions completed when it was seen. */
  readonly retired: number;
  readonly differences: readonly string[];
}

/** Runs a program on both and compares after each slice and at each stop. Null: they agree. */
export function compareRuns({ reference, subject, style }: Twins, program: Program): Mismatch | null {
  reference.load(program);
  subject.load(program);
  const r = createRandom(program.slices.length);
  const whole = (left: number): number => left;
  const pieces = style.piece === 0 ? whole : (): number => 1 + r.below(style.piece);
  const retired = (): number => Number(reference.cpu.u64[CELL.retired]);
  let stops = 0;
  for (const slice of program.slices) {
    const goal = retired() + slice;
    while (retired() < goal) {
      const expected = reference.advance(goal, whole);
      let found: Stop;
      try {
        found = subject.advance(goal, pieces);
      } catch (error) {
        return { retired: retired(), differences: [`exception: ${error instanceof Error ? error.stack : String(error)}`] };
      }
      const wrong = differences(reference.snapshot(expected), subject.snapshot(found));
      if (wrong.length > 0) return { retired: retired(), differences: wrong };
      if (expected.kind === 'budget') break;
      if (++stops > 60) return null;
      reference.resume(expected);
      subject.resume(found);
    }
  }
  return null;
}

/** The smallest program found that still differs, by leaving things out. */
export function minimise(program: Program, fails: (candidate: Program) => boolean): Program {
  let best = program;
  for (let again = true; again;) {
    again = false;
    const attempt = (candidate: Program): boolean => {
      if (!fails(candidate)) return false;
      best = candidate;
      again = true;
      return true;
    };
    for (let b = 0; b < best.blocks.length; b++) {
      if (best.blocks[b]!.length > 0) attempt({ ...best, blocks: best.blocks.map((block, k) => (k === b ? [] : block)) });
      for (let i = best.blocks[b]!.length - 1; i >= 0; i--) {
        attempt({ ...best, blocks: best.blocks.map((block, k) => (k === b ? block.filter((_, n) => n !== i) : block)) });
      }
    }
    if (best.slices.length > 1) {
      attempt({ ...best, slices: [best.slices.reduce((a, b) => a + b, 0)] });
      attempt({ ...best, slices: best.slices.slice(0, -1) });
      attempt({ ...best, slices: best.slices.slice(1) });
    }
    if (best.backing !== 'anonymous') attempt({ ...best, backing: 'anonymous' });
    if (best.deeds.some((deed) => deed !== 'nothing')) attempt({ ...best, deeds: ['nothing'] });
    for (let i = 0; i < 16; i++) {
      if (best.state.gpr[i] === 0n) continue;
      const gpr = best.state.gpr.slice();
      gpr[i] = 0n;
      attempt({ ...best, state: { ...best.state, gpr } });
    }
  }
  return best;
}

/** A program as assembly, block by block, with what it begins with. */
export function describeProgram(program: Program): string {
  const { code, blocks, items } = assemble(program);
  const base = blocks[0]! - program.offset;
  const formatter = new iced.Formatter(iced.FormatterSyntax.Nasm);
  const lines = [
    `code ${program.backing}, compared after ${program.slices.join(' ')} instructions, deeds ${program.deeds.join(' ')}`,
    `  ${REGISTERS.map((name, i) => [name, program.state.gpr[i]!] as const).filter(([, v]) => v !== 0n).map(([name, v]) => `${name}=0x${v.toString(16)}`).join(' ')} flags=${flagText(program.state.rflags)}`,
  ];
  program.blocks.forEach((block, b) => {
    lines.push(`block ${b}:`);
    block.forEach((item, i) => {
      const address = items[b]![i]!;
      const bytes = code.subarray(address - base, address - base + item.bytes.length);
      const decoder = new iced.Decoder(64, bytes, iced.DecoderOptions.None);
      decoder.ip = BigInt(address);
      while (decoder.canDecode) {
        const instruction = decoder.decode();
        const at = Number(instruction.ip);
        const raw = Array.from(bytes.subarray(at - address, at - address + instruction.length), (x) => x.toString(16).padStart(2, '0')).join(' ');
        lines.push(`  0x${at.toString(16)}  ${formatter.format(instruction).padEnd(44)} ${raw}`);
        instruction.free();
      }
      decoder.free();
    });
  });
  formatter.free();
  return lines.join('\n');
}
