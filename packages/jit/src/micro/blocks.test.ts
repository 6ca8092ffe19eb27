import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MicroBlocks, NONE, type MicroBlock, type NewBlock } from './blocks.ts';

const FRAMES = 8;
const memory = Uint8Array.from({ length: FRAMES * 4096 }, (_, i) => (i * 7 + (i >>> 12) * 31) & 255);

/** A block as an object: what the columns must say of it. */
interface Model {
  block: MicroBlock;
  readonly made: NewBlock;
  readonly bytes: readonly number[];
  frames: readonly [number, number];
  valid: boolean;
  found: boolean;
}
const bytesIn = ({ address, end }: NewBlock, [frame, next]: readonly [number, number]): number[] =>
  Array.from({ length: end - address }, (_, i) => (address % 4096) + i).map((at) => memory[at < 4096 ? frame * 4096 + at : next * 4096 + at - 4096]!);
const isInTwo = ({ address, end }: NewBlock): boolean => Math.floor(address / 4096) !== Math.floor((end - 1) / 4096);
const numbers = (models: readonly Model[]): MicroBlock[] => models.map(({ block }) => block).sort((a, b) => a - b);
const sorted = (blocks: readonly MicroBlock[]): MicroBlock[] => [...blocks].sort((a, b) => a - b);

/** Few addresses, so that blocks meet: pages next to each other, high ones among them, starts in the middle and at the end. */
const address = fc.tuple(fc.constantFrom(0x40_0000, 0x40_1000, 0x7fff_f7d1_0000, 0x7fff_f7d1_1000), fc.constantFrom(0, 0x10, 0x7f0, 0xff0, 0xfff)).map(([page, at]) => page + at);
const frame = fc.integer({ min: 0, max: FRAMES - 1 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), address, length: fc.integer({ min: 1, max: 40 }), frame, next: frame, calls: fc.boolean(), isLasting: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), address }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('revive' as const), address, frame, next: frame }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('clear' as const, 'reload' as const), address }) },
);

describe('blocks in columns', () => {
  it('are found, dropped and there again as objects would be', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let blocks = new MicroBlocks();
        let models: Model[] = [];
        const at = (wanted: number): Model | undefined => models.find(({ found, made }) => found && made.address === wanted);
        steps.forEach((doing, i) => {
          const known = at(doing.address);
          if (doing.do === 'clear') {
            blocks.clear();
            models = [];
          } else if (doing.do === 'reload') {
            // as a later engine has them: numbered anew, none is there yet, plugins are unknown
            const image = blocks.save();
            blocks = new MicroBlocks();
            blocks.load({ code: 0, model: '', helpers: [], records: new Uint8Array(), functions: new Float64Array(), ...image });
            models = models.filter(({ found, made }) => found && made.isLasting).map((model, block) => ({ ...model, block, made: { ...model.made, counts: [], isWatched: false }, valid: false }));
          } else if (doing.do === 'add') {
            // the engine asks for what is there first
            if (known?.valid === true) return;
            const { length, calls, isLasting } = doing;
            const made: NewBlock = {
              address: doing.address, end: doing.address + length, place: 16 * i, count: length & 63, calls, isLasting, counts: i % 3 === 0 ? [{ index: 1, counter: { value: 0 }, cell: i, amount: 2 }] : [], isWatched: i % 5 === 0,
              instructions: [{ address: doing.address }, { address: doing.address + (length >> 1) }],
            };
            const frames = [doing.frame, isInTwo(made) ? doing.next : -1] as const;
            if (known !== undefined) known.found = false;
            const block = blocks.add(made, memory, ...frames);
            models.push({ block, made, bytes: bytesIn(made, frames), frames, valid: true, found: true });
          } else if (doing.do === 'remove') {
            if (known?.valid !== true) return;
            blocks.remove(known.block);
            known.valid = false;
            known.found = known.made.isLasting;
          } else if (doing.do === 'revive' && known?.valid === false) {
            const frames = [doing.frame, isInTwo(known.made) ? doing.next : -1] as const;
            const same = bytesIn(known.made, frames).every((byte, k) => byte === known.bytes[k]);
            expect(blocks.isMadeOf(known.block, memory, ...frames)).toBe(same);
            if (!same) return;
            blocks.revive(known.block, ...frames);
            known.frames = frames;
            known.valid = true;
          }
        });

        expect(blocks.size).toBe(models.length);
        const valid = models.filter((model) => model.valid);
        expect(blocks.valid()).toEqual(numbers(valid));
        for (const { block, made, valid: isValid, found } of models) {
          // of dropped ones too: one that overwrites itself is taken back by instruction
          expect(blocks.counts(block)).toEqual(made.counts);
          expect([blocks.address(block), blocks.end(block), blocks.place(block), blocks.count(block)]).toEqual([made.address, made.end, made.place, made.count]);
          expect([blocks.isCall(block), blocks.isWatched(block), blocks.isValid(block)]).toEqual([made.calls, made.isWatched, isValid]);
          expect(blocks.instruction(block, 1)).toBe(made.instructions[1]!.address);
          expect(blocks.around(made.place + 15)).toBe(block);
          if (!found) continue;
          expect([blocks.get(made.address), blocks.parked(made.address)]).toEqual(isValid ? [block, NONE] : [NONE, block]);
        }
        for (let f = 0; f < FRAMES; f++) {
          const here = valid.filter(({ frames }) => frames.includes(f));
          expect(blocks.holds(f)).toBe(here.length > 0);
          for (const [from, to] of [[0, 4096], [0, 1], [0x10, 0x11], [4095, 4096], [20, 0x7f0]] as const) {
            const touched = here.filter(({ made, frames }) => {
              const start = made.address % 4096;
              const end = start + made.end - made.address;
              return (frames[0] === f && start < to && from < end) || (frames[1] === f && from < end - 4096);
            });
            expect(sorted(blocks.inFrame(f, from, to))).toEqual(numbers(touched));
          }
        }
        for (const [start, end] of [[0, 2 ** 47], [0x40_0fff, 0x40_1001], [0x7fff_f7d1_0010, 0x7fff_f7d1_0011]] as const) {
          expect(sorted(blocks.inRange(start, end))).toEqual(numbers(valid.filter(({ made }) => made.address < end && start < made.end)));
        }
        for (const page of [0x40_0000, 0x7fff_f7d1_1000]) {
          const parked = models.filter(({ made, valid: isValid, found }) => found && !isValid && !isInTwo(made) && made.address - (made.address % 4096) === page);
          expect(sorted(blocks.parkedIn(page / 4096))).toEqual(numbers(parked));
        }

        const image = blocks.save();
        const lasting = models.filter(({ found, made }) => found && made.isLasting);
        expect([...image.addresses]).toEqual(numbers(lasting).map((block) => blocks.address(block)));
        const later = new MicroBlocks();
        later.load({ code: 0, model: '', helpers: [], records: new Uint8Array(), functions: new Float64Array(), ...image });
        expect(later.size).toBe(lasting.length);
        for (const { made, frames } of lasting) {
          const block = later.parked(made.address);
          expect([later.address(block), later.end(block), later.place(block), later.isCall(block)]).toEqual([made.address, made.end, made.place, made.calls]);
          expect(later.instruction(block, 1)).toBe(made.instructions[1]!.address);
          expect(later.isMadeOf(block, memory, ...frames)).toBe(true);
        }

        blocks.clear();
        expect([blocks.size, blocks.valid().length, ...models.map(({ made }) => blocks.get(made.address))]).toEqual([0, 0, ...models.map(() => NONE)]);
      }),
    );
  });

  it('find room for more than there was', () => {
    const blocks = new MicroBlocks();
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      const start = 0x7fff_0000_0000 + 24 * i;
      const made = { address: start, end: start + 20, place: 16 * i, count: 3, calls: false, isLasting: true, counts: [], isWatched: false };
      blocks.add({ ...made, instructions: [{ address: start }, { address: start + 9 }, { address: start + 15 }] }, memory, i % FRAMES, (i + 1) % FRAMES);
    }
    for (const i of [0, 1, 4095, 4096, 8192, count - 1]) {
      const block = blocks.get(0x7fff_0000_0000 + 24 * i);
      expect([block, blocks.place(block), blocks.instruction(block, 2)]).toEqual([i, 16 * i, 0x7fff_0000_0000 + 24 * i + 15]);
      expect(blocks.isMadeOf(block, memory, i % FRAMES, (i + 1) % FRAMES)).toBe(true);
      expect(blocks.isMadeOf(block, memory, (i + 2) % FRAMES, (i + 2) % FRAMES)).toBe(false);
    }
    expect(blocks.get(0x7fff_0000_0001)).toBe(NONE);
  });
});
