import { CELL, CPU_STATE_BASE, createCpuState, FLAG, PROT, REG, resetCpuState, VECTOR } from '@tally86/core';
import type { CpuModel, CpuState, Engine, EngineFactory, InlineCounter, Mappable, MemoryAccess, Mmu, Pager, Stop, TranslationHooks } from '@tally86/core';
import { describe, expect, test } from 'vitest';

/** What the suite cannot make itself: memory and a CPU model. */
export interface EngineParts {
  readonly model: CpuModel;
  /** A new memory with a TLB of this many entries. */
  createMmu(tlbEntries: number): Mmu;
}

const CODE = 0x400000;
const DATA = 0x10_0000_0000;
const PAGE = 4096;

interface Area {
  readonly start: number;
  readonly end: number;
  prot: number;
  readonly source: Mappable | null;
  readonly shared: boolean;
}

/** One CPU, its memory, and an engine on it. */
class Bench {
  readonly mmu: Mmu;
  readonly cpu: CpuState;
  readonly engine: Engine;
  readonly #areas: Area[] = [];

  constructor(factory: EngineFactory, parts: EngineParts, hooks: TranslationHooks | null = null, tlbEntries = 64) {
    this.mmu = parts.createMmu(tlbEntries);
    const areas = this.#areas;
    const pager: Pager = {
      backing(address) {
        const area = areas.findLast((a) => a.start <= address && address < a.end);
        return area === undefined ? null : { prot: area.prot, shared: area.shared, source: area.source, pageIndex: Math.floor((address - area.start) / PAGE) };
      },
    };
    this.mmu.pager = pager;
    this.cpu = createCpuState(this.mmu.buffer, CPU_STATE_BASE);
    resetCpuState(this.cpu);
    this.engine = factory.create({ cpu: this.cpu, mmu: this.mmu, model: parts.model, readTsc: (retired) => BigInt(retired), hooks });
  }
  map(start: number, pages: number, prot: number, source: Mappable | null = null, shared = false): void {
    this.#areas.push({ start, end: start + pages * PAGE, prot, source, shared });
    this.mmu.map(start, start + pages * PAGE, prot);
  }
  protect(start: number, pages: number, prot: number): void {
    for (const area of this.#areas) if (area.start === start) area.prot = prot;
    this.mmu.protect(start, start + pages * PAGE, prot);
  }
  unmap(start: number, pages: number): void {
    for (const [i, area] of [...this.#areas.entries()].reverse()) if (area.start === start) this.#areas.splice(i, 1);
    this.mmu.unmap(start, start + pages * PAGE);
  }
  /** Writable, executable pages with these bytes at CODE, one of data, and rip at the code. */
  load(code: readonly number[], at = CODE): this {
    this.map(CODE, 3, 7);
    this.map(DATA, 2, 3);
    this.mmu.poke(at, Uint8Array.from(code));
    return this.at(at);
  }
  at(rip: number): this {
    this.cpu.u64[CELL.rip] = BigInt(rip);
    return this;
  }
  set(register: keyof typeof REG, value: number): this {
    this.cpu.u64[REG[register]] = BigInt(value);
    return this;
  }
  get(register: keyof typeof REG): number {
    return Number(this.cpu.u64[REG[register]]);
  }
  get rip(): number {
    return Number(this.cpu.u64[CELL.rip]);
  }
  get retired(): number {
    return Number(this.cpu.u64[CELL.retired]);
  }
  /** Runs to the stop, in pieces of `budget` instructions. */
  run(budget = 100_000): Stop {
    for (let i = 0; i < 1_000_000; i++) {
      const before = this.retired;
      const stop = this.engine.run(budget);
      if (this.retired - before > budget) throw new Error(`run(${budget}) completed ${this.retired - before} instructions`);
      if (stop.kind !== 'budget') return stop;
    }
    throw new Error('the program does not end');
  }
  bytes(address: number, length: number): number[] {
    const into = new Uint8Array(length);
    this.mmu.peek(address, into);
    return [...into];
  }
}

const SYSCALL = [0x0f, 0x05];
/** mov ecx, 40; again: mov [rdi], rcx; add rax, [rdi]; add rdi, 104; dec ecx; jnz again; syscall. 3 pages' border is crossed. */
const LOOP = [0xb9, 40, 0, 0, 0, 0x48, 0x89, 0x0f, 0x48, 0x03, 0x07, 0x48, 0x83, 0xc7, 104, 0xff, 0xc9, 0x75, 0xf2, ...SYSCALL];
const LOOP_COUNT = 1 + 40 * 5 + 1;

/** A file of two pages that can be mapped. */
function file(): Mappable {
  const contents = new Uint8Array(2 * PAGE);
  return {
    size: () => contents.length,
    readPage: (page, into) => into.set(contents.subarray(page * PAGE, page * PAGE + PAGE)),
    writePage: (page, from, length) => contents.set(from.subarray(0, length), page * PAGE),
  };
}

/** The conformance suite of {@link EngineFactory}: budgets, faults, code that changes, hooks. Not the meaning of each instruction. */
export function describeEngine(factory: EngineFactory, parts: EngineParts): void {
  const bench = (hooks: TranslationHooks | null = null, tlbEntries = 64): Bench => new Bench(factory, parts, hooks, tlbEntries);

  describe(`engine ${factory.name}`, () => {
    test('carries the name of its factory', () => expect(bench().engine.name).toBe(factory.name));

    describe('budgets', () => {
      test.each([1, 2, 3, 5, 7, 13, 20, 199, 1000])('runs of %d add up to one long run', (budget) => {
        for (const entries of [4, 64]) {
          const b = bench(null, entries).load(LOOP).set('rdi', DATA);
          expect(b.run(budget)).toEqual({ kind: 'syscall' });
          expect([b.retired, b.get('rax'), b.get('rdi') - DATA, b.rip]).toEqual([LOOP_COUNT, 820, 40 * 104, CODE + LOOP.length]);
        }
      });
      test('a run ends after exactly its budget', { timeout: 60_000 }, () => {
        const state = (b: Bench): number[] => [b.retired, b.rip, b.get('rax'), b.get('rcx'), b.get('rdi')];
        // on an engine that knows the code, and on new ones: of those each takes a while
        const known = bench().load(LOOP);
        for (let n = 1; n < LOOP_COUNT; n++) {
          known.at(CODE).set('rdi', DATA).set('rax', 0);
          known.cpu.u64[CELL.retired] = 0n;
          expect(known.engine.run(n)).toEqual({ kind: 'budget' });
          expect([known.retired, known.rip - CODE]).toEqual([n, n === LOOP_COUNT - 1 ? LOOP.length - 2 : [5, 8, 11, 15, 17][(n - 1) % 5]]);
          if (n > 24 && n % 8 !== 0) continue;
          const b = bench().load(LOOP).set('rdi', DATA);
          expect(b.engine.run(n)).toEqual({ kind: 'budget' });
          expect(state(b)).toEqual(state(known));
        }
      });
      test('the syscall is the last instruction of its budget', () => {
        const b = bench().load([0x90, ...SYSCALL]);
        expect([b.engine.run(2), b.retired, b.get('rcx')]).toEqual([{ kind: 'syscall' }, 2, CODE + 3]);
      });
      test('a repetition counts once, its iterations apart', () => {
        const b = bench().load([0xf3, 0xaa, ...SYSCALL]).set('rdi', DATA).set('rcx', 6000).set('rax', 7);
        b.run(1);
        expect([b.retired, ...[CELL.repIterations, CELL.repCompleted, CELL.repEmpty, CELL.repExhausted].map((c) => Number(b.cpu.u64[c]))]).toEqual([2, 6000, 1, 0, 1]);
      });
    });

    describe('faults', () => {
      // nop; mov [rdi], rax; nop
      const STORE = [0x90, 0x48, 0x89, 0x07, 0x90];
      test.each([
        ['unmapped', DATA - 0x10_0000, 6, DATA - 0x10_0000],
        ['half in, half out', DATA + 2 * PAGE - 3, 6, DATA + 2 * PAGE],
      ])('store: %s', (_name, at, errorCode, address) => {
        const b = bench().load(STORE).set('rdi', at).set('rax', 0x0102_0304);
        const stop = b.run();
        expect(stop).toMatchObject({ kind: 'fault', fault: { vector: VECTOR.PF, errorCode, address: BigInt(address) } });
        expect([b.rip, b.retired]).toEqual([CODE + 1, 1]);
        expect(b.bytes(DATA + 2 * PAGE - 3, 3)).toEqual([0, 0, 0]);
      });
      test('the instruction counts once, when it completes after its handler', () => {
        const b = bench().load([...STORE, ...SYSCALL]).set('rdi', DATA);
        b.protect(DATA, 2, PROT.READ);
        for (let i = 0; i < 3; i++) expect([b.run().kind, b.retired]).toEqual(['fault', 1]);
        b.protect(DATA, 2, PROT.READ | PROT.WRITE);
        expect([b.run().kind, b.retired]).toEqual(['syscall', 4]);
      });
      test('a repetition stops where it faults and goes on there', () => {
        const b = bench().load([0xf3, 0xaa, ...SYSCALL]).set('rdi', DATA + PAGE).set('rcx', 2 * PAGE);
        expect(b.run()).toMatchObject({ kind: 'fault', fault: { address: BigInt(DATA + 2 * PAGE) } });
        expect([b.rip, b.retired, b.get('rcx'), b.get('rdi')]).toEqual([CODE, 0, PAGE, DATA + 2 * PAGE]);
        b.map(DATA + 2 * PAGE, 1, 3);
        expect([b.run().kind, b.retired, Number(b.cpu.u64[CELL.repIterations])]).toEqual(['syscall', 2, 2 * PAGE]);
      });
      test('code that is not executable, and code that runs out of its page', () => {
        const b = bench().load([0xc3]).at(DATA);
        expect(b.run()).toMatchObject({ kind: 'fault', fault: { vector: VECTOR.PF, address: BigInt(DATA) } });
        const c = bench().load([0x90, 0x48, 0x89], CODE + 3 * PAGE - 3);
        expect(c.run()).toMatchObject({ kind: 'fault', fault: { vector: VECTOR.PF, address: BigInt(CODE + 3 * PAGE) } });
        expect([c.rip, c.retired]).toEqual([CODE + 3 * PAGE - 2, 1]);
      });
      test('the trap flag: #DB behind one instruction, behind each iteration', () => {
        const b = bench().load([0x90, 0xf3, 0xaa, 0x90]).set('rdi', DATA).set('rcx', 2);
        b.cpu.u64[CELL.rflags] = b.cpu.u64[CELL.rflags]! | BigInt(FLAG.TF);
        const seen = [1, 2, 3].map(() => [b.run(), b.rip - CODE, b.retired] as const);
        for (const [stop] of seen) expect(stop).toMatchObject({ kind: 'fault', fault: { vector: VECTOR.DB } });
        expect(seen.map(([, rip, retired]) => [rip, retired])).toEqual([[1, 1], [1, 1], [3, 2]]);
      });
    });

    describe('code that changes', () => {
      /** mov eax, imm32; ret-like end by syscall. */
      const answer = (n: number): number[] => [0xb8, n, 0, 0, 0, ...SYSCALL];
      test('a store into its own block', () => {
        // mov byte [rip+1], 9; mov eax, 1; syscall
        const b = bench().load([0xc6, 0x05, 1, 0, 0, 0, 9, ...answer(1)]);
        expect([b.run().kind, b.get('rax'), b.retired]).toEqual(['syscall', 9, 3]);
      });
      test('a store across a page border into its own block', () => {
        // mov dword [rip-?], imm32 over the border: the last byte of mov's immediate and what follows
        const b = bench().load([0xc7, 0x05, 1, 0, 0, 0, 5, 0, 0, 0, 0xb8, 1, 0, 0, 0, ...SYSCALL], CODE + PAGE - 12);
        expect([b.run().kind, b.get('rax'), b.retired]).toEqual(['syscall', 5, 3]);
      });
      test('by the kernel, run after run', () => {
        const b = bench().load(answer(0));
        for (let i = 1; i < 10; i++) {
          b.mmu.copyOut(CODE + 1, Uint8Array.of(i));
          b.at(CODE).run();
          expect(b.get('rax')).toBe(i);
        }
      });
      test('by an alias of its page, and by a write to its file', () => {
        const b = bench();
        const shared = file();
        b.map(CODE, 2, 7, shared, true);
        b.map(DATA, 2, 3, shared, true);
        b.mmu.poke(CODE, Uint8Array.from(answer(1)));
        b.at(CODE).run();
        expect(b.get('rax')).toBe(1);
        b.mmu.copyOut(DATA + 1, Uint8Array.of(2));
        b.at(CODE).run();
        expect(b.get('rax')).toBe(2);
        // the guest's own store: mov byte [rdi], 3; then the code again
        b.mmu.poke(CODE + 64, Uint8Array.from([0xc6, 0x07, 3, 0xeb, 0xbb]));
        b.at(CODE + 64).set('rdi', DATA + 1).run();
        expect(b.get('rax')).toBe(3);
        b.mmu.cache.update(shared, 1, Uint8Array.of(4));
        b.at(CODE).run();
        expect(b.get('rax')).toBe(4);
      });
      test('a load that is going to write breaks copy-on-write under the running block', () => {
        const b = bench();
        b.map(CODE, 2, 7, file(), false);
        b.map(DATA, 2, 3);
        b.protect(CODE, 2, 7);
        // inc dword [rip+1]; mov eax, 0; syscall, in a private page of a file
        const source = file();
        const code = Uint8Array.from([0xff, 0x05, 1, 0, 0, 0, ...answer(0)]);
        source.writePage(0, code, code.length);
        b.unmap(CODE, 2);
        b.map(CODE, 2, 7, source, false);
        expect([b.at(CODE).run().kind, b.get('rax'), b.retired]).toEqual(['syscall', 1, 3]);
      });
      test('taken away, and put back', () => {
        const b = bench().load(answer(1));
        b.run();
        b.protect(CODE, 3, PROT.READ);
        expect(b.at(CODE).run()).toMatchObject({ kind: 'fault', fault: { vector: VECTOR.PF, address: BigInt(CODE) } });
        b.protect(CODE, 3, 7);
        expect(b.at(CODE).run().kind).toBe('syscall');
        b.unmap(CODE, 3);
        expect(b.at(CODE).run()).toMatchObject({ kind: 'fault', fault: { vector: VECTOR.PF, address: BigInt(CODE) } });
        b.map(CODE, 3, 7);
        b.mmu.poke(CODE, Uint8Array.from(answer(2)));
        expect([b.at(CODE).run().kind, b.get('rax')]).toEqual(['syscall', 2]);
      });
    });

    describe('hooks', () => {
      test('counters count what completes, callbacks see what begins, memory what is tried', () => {
        const counter: InlineCounter = { value: 0 };
        const begun: number[] = [];
        const accesses: MemoryAccess[] = [];
        const hooks: TranslationHooks = {
          translate: ({ instructions }) => ({
            counters: instructions.map((_, index) => ({ index, counter, amount: 1 })),
            callbacks: instructions.map(({ address }, index) => ({ index, call: () => begun.push(address - CODE) })),
            memory: (access) => accesses.push(access),
          }),
        };
        // nop; mov [rdi], rax; mov rdx, [rdi+8]; syscall
        const b = bench(hooks).load([0x90, 0x48, 0x89, 0x07, 0x48, 0x8b, 0x57, 8, ...SYSCALL]).set('rdi', DATA);
        b.protect(DATA, 2, PROT.READ);
        expect(b.run().kind).toBe('fault');
        expect([counter.value, begun, accesses.length]).toEqual([1, [0, 1], 1]);
        b.protect(DATA, 2, PROT.READ | PROT.WRITE);
        expect(b.run().kind).toBe('syscall');
        expect(counter.value).toBe(b.retired);
        expect(begun).toEqual([0, 1, 1, 4, 8]);
        expect(accesses.map(({ rip, address, size, write }) => [rip - CODE, address - DATA, size, write])).toEqual([[1, 0, 8, true], [1, 0, 8, true], [4, 8, 8, false]]);
      });
      /** A counter for each address, one for all, and what they came to. */
      const counting = (amount = 1): { hooks: TranslationHooks; all: InlineCounter; at(offset: number): number } => {
        const all: InlineCounter = { value: 0 };
        const each = new Map<number, InlineCounter>();
        const counterOf = (address: number): InlineCounter => each.get(address) ?? each.set(address, { value: 0 }).get(address)!;
        return {
          all, at: (offset) => each.get(CODE + offset)?.value ?? 0,
          hooks: { translate: ({ instructions }) => ({ counters: instructions.flatMap(({ address }, index) => [{ index, counter: all, amount: 1 }, { index, counter: counterOf(address), amount }]) }) },
        };
      };
      test.each([...Array.from({ length: 20 }, (_, i) => i + 1), 1000])('counters of each instruction under a budget of %d', (budget) => {
        const { hooks, all, at } = counting();
        const b = bench(hooks).load(LOOP).set('rdi', DATA);
        expect(b.run(budget).kind).toBe('syscall');
        expect([all.value, ...[0, 5, 8, 11, 15, 17, 19].map(at)]).toEqual([LOOP_COUNT, 1, 40, 40, 40, 40, 40, 1]);
      });
      test.each([1, 7, 1000])('a loop that faults in the middle, again and again, under a budget of %d', (budget) => {
        const { hooks, all, at } = counting();
        const b = bench(hooks).load(LOOP).set('rdi', DATA);
        b.protect(DATA, 2, PROT.READ);
        for (let i = 0; i < 3; i++) expect([b.run(budget).kind, all.value, at(0), at(5)]).toEqual(['fault', 1, 1, 0]);
        b.protect(DATA, 2, PROT.READ | PROT.WRITE);
        b.unmap(DATA, 2);
        b.map(DATA, 1, 3);
        b.set('rdi', DATA + 1040);
        expect([b.run(budget).kind, all.value]).toEqual(['fault', b.retired]);
        expect([at(0), at(5), at(17)]).toEqual([1, 30, 30]);
        b.map(DATA + PAGE, 1, 3);
        expect([b.run(budget).kind, all.value, at(5), at(8)]).toEqual(['syscall', LOOP_COUNT, 40, 40]);
      });
      test.each<readonly [string, readonly number[], Partial<Record<keyof typeof REG, number>>]>([
        ['a repetition that faults', [0x90, 0xf3, 0xaa, 0x90], { rdi: DATA + PAGE, rcx: 2 * PAGE }],
        ['a string instruction that faults', [0x90, 0xaa, 0x90], { rdi: DATA + 2 * PAGE }],
        ['a breakpoint', [0x90, 0xcc], {}],
        ['an undefined instruction', [0x90, 0x0f, 0x0b], {}],
        ['a division by zero', [0x90, 0xf7, 0xf1], { rcx: 0 }],
        ['a jump to where nothing is canonical', [0x90, 0xff, 0xe0], { rax: 2 ** 47 }],
        ['a return to what cannot be executed', [0x90, 0xc3], { rsp: DATA }],
        ['a call that cannot store', [0x90, 0xe8, 0, 0, 0, 0], { rsp: 4096 }],
        ['a privileged instruction', [0x90, 0xf4], {}],
      ])('counters tell what is retired: %s', (_name, code, registers) => {
        for (const budget of [1, 1000]) {
          const { hooks, all } = counting();
          const b = bench(hooks).load(code);
          for (const [register, value] of Object.entries(registers)) b.set(register as keyof typeof REG, value);
          for (let i = 0; i < 4; i++) {
            b.at(CODE).run(budget);
            expect([i, all.value]).toEqual([i, b.retired]);
          }
        }
      });
      test('a jump into the half of the kernel is done, the fetch there fails', () => {
        const { hooks, all, at } = counting();
        const b = bench(hooks).load([0x90, 0xff, 0xe0]);
        for (let i = 1; i < 4; i++) {
          b.cpu.u64[REG.rax] = 0xffff_ffff_ff60_0000n;
          b.at(CODE).run();
          expect([all.value, at(1)]).toEqual([b.retired, i]);
        }
      });
      test('a store into its own block counts once', () => {
        const { hooks, all, at } = counting(3);
        // again: inc byte [rip+1]; mov eax, 0; dec ecx; jnz again; syscall
        const b = bench(hooks).load([0xfe, 0x05, 1, 0, 0, 0, 0xb8, 0, 0, 0, 0, 0xff, 0xc9, 0x75, 0xf1, ...SYSCALL]).set('rcx', 9);
        expect([b.run().kind, b.get('rax'), all.value, b.retired]).toEqual(['syscall', 9, 37, 37]);
        expect([0, 6, 11, 13, 15].map(at)).toEqual([27, 27, 27, 27, 3]);
      });
      test.each([1, 2, 3, 1000])('a store into its own block is called for once, and each of its accesses, under a budget of %d', (budget) => {
        for (const isPrivate of [false, true]) {
          const { hooks, all } = counting();
          const begun: number[] = [];
          const accesses: (readonly [number, number, number, boolean])[] = [];
          const b = bench({
            translate: (block) => ({
              ...hooks.translate(block),
              callbacks: block.instructions.map(({ address }, index) => ({ index, call: () => begun.push(address - CODE, all.value) })),
              memory: ({ rip, address, size, write }) => accesses.push([rip - CODE, address - CODE, size, write]),
            }),
          });
          // again: inc byte [rip+1]; mov eax, 0; mov [rip-15], al (as it is); push rax; push [rip-25]; dec ecx; jnz again; syscall
          const code = [0xfe, 0x05, 1, 0, 0, 0, 0xb8, 0, 0, 0, 0, 0x88, 0x05, 0xf6, 0xff, 0xff, 0xff, 0x50, 0xff, 0x35, 0xe8, 0xff, 0xff, 0xff, 0xff, 0xc9, 0x75, 0xe4, ...SYSCALL];
          b.load(isPrivate ? [] : code).set('rcx', 3).set('rsp', DATA + PAGE);
          if (isPrivate) {
            // the first store moves the page away from under the block
            const source = file();
            source.writePage(0, Uint8Array.from(code), code.length);
            b.unmap(CODE, 3);
            b.map(CODE, 2, 7, source, false);
          }
          expect([b.run(budget).kind, b.get('rax'), all.value]).toEqual(['syscall', 3, b.retired]);
          const ways = [0, 6, 11, 17, 18, 24, 26];
          expect(begun).toEqual([...[0, 1, 2].flatMap((i) => ways.flatMap((at, k) => [at, 7 * i + k])), 28, 21]);
          const stack = (i: number): number => DATA + PAGE - CODE - 8 * i;
          expect(accesses).toEqual([0, 1, 2].flatMap((i) => [
            [0, 7, 1, false], [0, 7, 1, true], [11, 7, 1, true], [17, stack(2 * i + 1), 8, true], [18, 0, 8, false], [18, stack(2 * i + 2), 8, true],
          ]));
        }
      });
      test('callbacks and accesses of one instruction see counters that are up to date', () => {
        const { hooks, all } = counting();
        const seen: number[] = [];
        const b = bench({
          translate(block) {
            const { counters } = hooks.translate(block)!;
            const index = block.instructions.findIndex(({ address }) => address === CODE + 8);
            if (index < 0) return { counters: counters! };
            return { counters: counters!, callbacks: [{ index, call: () => seen.push(all.value) }], memory: ({ rip }) => { if (rip === CODE + 8) seen.push(-all.value); } };
          },
        }).load(LOOP).set('rdi', DATA);
        expect([b.run(33).kind, all.value]).toEqual(['syscall', LOOP_COUNT]);
        expect(seen).toEqual(Array.from({ length: 40 }, (_, i) => [2 + 5 * i, -2 - 5 * i]).flat());
      });
      test.each([0.5, -3, 2 ** 40, 0])('an amount of %d', (amount) => {
        const { hooks, all, at } = counting(amount);
        bench(hooks).load(LOOP).set('rdi', DATA).run(50);
        expect([all.value, at(5), at(19)]).toEqual([LOOP_COUNT, 40 * amount, amount]);
      });
      test('a counter that is set between runs goes on from there', () => {
        const { hooks, all, at } = counting();
        const b = bench(hooks).load(LOOP).set('rdi', DATA);
        b.engine.run(101);
        expect(all.value).toBe(101);
        all.value = 7;
        expect([b.run().kind, all.value, at(17)]).toEqual(['syscall', 7 + LOOP_COUNT - 101, 40]);
      });
      test('more counters than an engine may have room for', () => {
        const counters: InlineCounter[] = [];
        const b = bench({
          translate: ({ instructions }) => ({ counters: instructions.flatMap((_, index) => Array.from({ length: 4000 }, () => {
            const counter = { value: 0 };
            counters.push(counter);
            return { index, counter, amount: 1 };
          })) }),
        }).load(LOOP).set('rdi', DATA);
        b.run(77);
        expect(counters.reduce((sum, { value }) => sum + value, 0)).toBe(4000 * LOOP_COUNT);
      });
      test.each([1, 3, 17, 1000])('counters are exact under a budget of %d', (budget) => {
        const counter: InlineCounter = { value: 0 };
        const b = bench({ translate: ({ instructions }) => ({ counters: instructions.map((_, index) => ({ index, counter, amount: 1 })) }) }).load(LOOP).set('rdi', DATA);
        b.run(budget);
        expect([counter.value, b.retired]).toEqual([LOOP_COUNT, LOOP_COUNT]);
      });
    });
  });
}
