import type { Mappable, Vma } from '@tally86/core';
import { parseElf, type ByteSource, type ElfImage } from '@tally86/elf';
import type { Machine } from '@tally86/linux';

const PAGE = 4096;

/** Names code as it is mapped when asked: `main+0x1c`, or file and offset where no symbol is known, or nothing. */
export type Symbolizer = (address: number) => string | undefined;

export function createSymbolizer(kernel: Machine): Symbolizer {
  const images = new WeakMap<Mappable, ElfImage | null>();

  function imageOf(source: Mappable): ElfImage | null {
    let image = images.get(source);
    if (image === undefined) images.set(source, (image = parse(source)));
    return image;
  }

  return (address) => {
    const vma = kernel.init.mm.vmas.find(address);
    if (vma === null || vma.source === null) return undefined;
    const offset = address - vma.start + vma.offset;
    return symbolAt(imageOf(vma.source), offset) ?? place(vma, offset);
  };
}

function symbolAt(image: ElfImage | null, offset: number): string | undefined {
  const segment = image?.segments.find((s) => s.offset <= offset && offset < s.offset + s.filesz);
  if (segment === undefined) return undefined;
  const linked = offset - segment.offset + segment.vaddr;
  const symbol = image!.symbols().find(linked);
  return symbol === null ? undefined : plus(symbol.name, linked - symbol.address);
}
const place = (vma: Vma, offset: number): string | undefined => (vma.name === '' ? undefined : plus(vma.name, offset));
const plus = (name: string, offset: number): string => (offset === 0 ? name : `${name}+0x${offset.toString(16)}`);

function parse(source: Mappable): ElfImage | null {
  try {
    return parseElf(byPages(source), { asLoader: true });
  } catch {
    // what the guest maps need not be ELF
    return null;
  }
}

/** A mapped file as something to read from. */
function byPages(source: Mappable): ByteSource {
  const page = new Uint8Array(PAGE);
  const size = source.size();
  return {
    size,
    read(offset, into) {
      const length = Math.max(0, Math.min(into.length, size - offset));
      for (let done = 0; done < length; ) {
        const within = (offset + done) % PAGE;
        source.readPage(Math.floor((offset + done) / PAGE), page);
        const part = page.subarray(within, Math.min(PAGE, within + length - done));
        into.set(part, done);
        done += part.length;
      }
      return length;
    },
  };
}
