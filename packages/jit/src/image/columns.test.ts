import { describe, expect, it } from 'vitest';
import { columnsOf, decodeSections, joined, sectionPieces, type Section } from './columns.ts';

const SECTIONS = {
  one: { head: { name: 'a' }, columns: { floats: Float64Array.of(1.5, -2), words: Int32Array.of(-1), bytes: Uint8Array.of(1, 2, 3) } },
  two: { head: [1], columns: { halves: Uint16Array.of(65_535, 7, 9), none: new Float64Array() } },
} satisfies Record<string, Section>;
const bytes = (): Uint8Array => joined(sectionPieces({ ...SECTIONS, large: { head: null, columns: { zeros: new Uint8Array(1000) } } }));

describe('sections', () => {
  it('are the same when they are read, wherever they lie', () => {
    const image = joined(sectionPieces(SECTIONS));
    expect(decodeSections(image)).toEqual(SECTIONS);
    const shifted = new Uint8Array(image.length + 1);
    shifted.set(image, 1);
    expect(decodeSections(shifted.subarray(1))).toEqual(SECTIONS);
    expect(decodeSections(joined(sectionPieces({})))).toEqual({});
  });
  it('come in pieces, none of which is large, whatever their parts are', () => {
    const parts = [3, 70_000, 0, 1, 65_532, 200_001].map((length, k) => new Uint8Array(length).fill(k + 1));
    for (const more of [0, 1, 7, 8, 9]) {
      const all = { head: null, columns: { first: new Uint8Array(more).fill(9), parts, last: Float64Array.of(0.5) } };
      const pieces = sectionPieces({ all });
      const lengths: number[] = [];
      const whole = new Uint8Array(pieces.length);
      for (const piece of pieces) {
        whole.set(piece, lengths.reduce((a, b) => a + b, 0));
        lengths.push(piece.length);
      }
      expect(lengths.reduce((a, b) => a + b, 0)).toBe(pieces.length);
      expect(Math.max(...lengths)).toBeLessThanOrEqual(65_536);
      // toEqual is slow with so many
      expect(Buffer.compare(whole, joined(sectionPieces({ all })))).toBe(0);
      const read = decodeSections(whole)!.all!.columns;
      expect(Buffer.compare(Buffer.concat(parts), read.parts as Uint8Array)).toBe(0);
      expect([read.first, read.last]).toEqual([all.columns.first, all.columns.last]);
    }
  });
  it.each<readonly [string, (image: Uint8Array) => Uint8Array]>([
    ['nothing', () => new Uint8Array()], ['its half', (image) => image.slice(0, (image.length >> 4) << 3)], ['its start', (image) => image.slice(0, 20)],
    ['something else', (image) => new Uint8Array(image.length)], ['one with a bit that fell', (image) => (image[image.length - 100]! ^= 4, image)],
    ['one of a long header', (image) => (new DataView(image.buffer).setUint32(8, image.length, true), image)],
    ['one with damaged lengths', (image) => image.map((byte, i) => (i > 15 && i < 300 && byte >= 0x30 && byte <= 0x39 ? 0x39 : byte))],
    ['one without JSON', (image) => image.fill(0x7b, 16, 40)],
  ])('of which there is %s left are none', (_name, damage) => {
    expect(decodeSections(damage(bytes()))).toBeNull();
  });
  it.each<readonly [string, string]>([
    ['no list', '{}      '], ['no columns', '[{"name":"a"}]  '], ['a column of no type', '[{"name":"a","columns":[["b","toString",0]]}]   '], ['a column of no length', '[{"name":"a","columns":[["b","u8",0.5]]}]       '],
    ['a column longer than all', '[{"name":"a","columns":[["b","u8",99]]}]        '], ['a column of less than nothing', '[{"name":"a","columns":[["b","u8",-1]]}]        '],
  ])('with %s are none, even with a checksum', (_name, json) => {
    const out = new Uint8Array(16 + json.length + 8);
    out.set(new TextEncoder().encode(json), 16);
    const words = new Uint32Array(out.buffer);
    // an empty image tells the magic number; the sum is FNV-1a over words
    words.set([new Uint32Array(joined(sectionPieces({})).buffer)[0]!, out.length, json.length]);
    words[words.length - 2] = words.subarray(0, -2).reduce((h, w) => Math.imul(h ^ w, 0x01000193), 0x811c9dc5) >>> 0;
    expect(decodeSections(out)).toBeNull();
  });
});

it('columns are what they should be, or none', () => {
  expect(columnsOf(SECTIONS.one, { floats: 'f64', words: 'i32' })?.words).toEqual(Int32Array.of(-1));
  expect(columnsOf(SECTIONS.one, { words: 'f64' })).toBeNull();
  expect(columnsOf(SECTIONS.one, { absent: 'u8' })).toBeNull();
});
