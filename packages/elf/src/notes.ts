import { PT } from '@tally86/abi';
import type { ProgramHeader } from './program-headers.ts';
import { type ByteSource, readView } from './source.ts';

export interface ElfNote {
  readonly name: string;
  readonly type: number;
  readonly description: Uint8Array;
}

/** Notes are small; a segment beyond this is not looked at. */
const MAX_NOTES = 65_536;
const NT_GNU_BUILD_ID = 3;

/** The notes of all PT_NOTE segments; a damaged one ends its segment's list, it never throws. */
export function parseNotes(source: ByteSource, headers: readonly ProgramHeader[]): readonly ElfNote[] {
  const notes: ElfNote[] = [];
  for (const header of headers) {
    if (header.type !== PT.NOTE || header.filesz > MAX_NOTES) continue;
    const view = readView(source, header.offset, header.filesz);
    if (view === null) continue;
    const align = header.align === 8 ? 8 : 4;
    const up = (n: number): number => Math.ceil(n / align) * align;
    for (let at = 0; at + 12 <= view.byteLength; ) {
      const nameSize = view.getUint32(at, true);
      const descriptionSize = view.getUint32(at + 4, true);
      const nameAt = at + 12;
      const descriptionAt = up(nameAt + nameSize);
      const end = descriptionAt + descriptionSize;
      if (end > view.byteLength) break;
      const name = String.fromCharCode(...new Uint8Array(view.buffer, nameAt, Math.min(Math.max(nameSize - 1, 0), 64)));
      notes.push({ name, type: view.getUint32(at + 8, true), description: new Uint8Array(view.buffer.slice(descriptionAt, end)) });
      at = up(end);
    }
  }
  return notes;
}

/** The GNU build id in hex, or null. */
export function buildId(notes: readonly ElfNote[]): string | null {
  const note = notes.find(({ name, type }) => name === 'GNU' && type === NT_GNU_BUILD_ID);
  return note === undefined ? null : Array.from(note.description, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
