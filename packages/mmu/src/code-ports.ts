import { PAGE_SIZE, PROT, USER_END, type EngineArea, type EnginePort, type LinearMemory, type MmuFault, type TlbLayout } from '@tally86/core';
import type { Frames } from './frames.ts';

/** What an engine was shown of the code of its address spaces. */
export interface Shown {
  /** Page and frame of each fetch that was not known before, in order; entries that frameOf does not confirm mean nothing any more. */
  readonly pages: readonly { readonly page: number; readonly frame: number }[];
  readonly frameOf: ReadonlyMap<number, number>;
  /** Frames that it holds code of: what it was shown of others means nothing. */
  readonly marked: ReadonlySet<number>;
  /** Counted up when `pages` begins anew. */
  readonly generation: number;
}

/** The engines' views on a machine's memory, and who of them holds code of which frame. */
export interface CodePorts {
  /** A view with an area of its own; null: there are no more areas. */
  create(): EnginePort | null;
  /** Bytes of a code frame change, or are about to. */
  written(frame: number, offset: number, length: number): void;
  /** Mappings of [start, end), with code in them, went away or changed, in an address space that is executed through `port`. */
  unmapped(port: EnginePort, start: number, end: number): void;
  shown(port: EnginePort): Shown;
}

export interface PortParts {
  readonly memory: LinearMemory;
  readonly buffer: ArrayBuffer;
  readonly tlb: TlbLayout & { dropWrites(frame: number): void };
  readonly fault: MmuFault;
  readonly frames: Frames;
  /** The areas of engines, in order. */
  readonly areas: readonly EngineArea[];
  /** Through the address space that is active. */
  translate(address: number, access: number): number;
  peek(address: number, into: Uint8Array): number;
}

/** What is shown is listed anew once it has so many entries more than twice those that count. */
const SLACK = 1024;

interface Port extends EnginePort {
  readonly marked: Set<number>;
  pages: { readonly page: number; readonly frame: number }[];
  readonly frameOf: Map<number, number>;
  /** Pages by frame; some may show another one now. */
  readonly pagesOf: Map<number, Set<number>>;
  generation: number;
}

export function createCodePorts(parts: PortParts): CodePorts {
  const { memory, buffer, tlb, fault, frames, areas, translate, peek } = parts;
  const { code } = frames;
  const ports: Port[] = [];

  function written(frame: number, offset: number, length: number, except?: Port): void {
    for (const port of ports) if (port !== except && port.marked.has(frame)) port.codeListener?.frameWritten(frame, offset, length);
  }
  /** The frame's content is gone. */
  frames.onCodeFreed = (frame) => {
    written(frame, 0, PAGE_SIZE);
    for (const port of ports) {
      port.clearCode(frame);
      lose(port, frame);
    }
  };

  function createPort(engineArea: EngineArea): Port {
    const marked = new Set<number>();
    const port: Port = {
      memory, buffer, tlb, engineArea, fault, peek, marked,
      codeListener: null,
      pages: [], frameOf: new Map(), pagesOf: new Map(), generation: 0,
      translate(address, access) {
        const host = translate(address, access);
        if (access === PROT.EXEC && host >= 0) show(port, Math.floor(address / PAGE_SIZE), host >>> 12);
        return host;
      },
      markCode(frame) {
        if (marked.has(frame)) return;
        marked.add(frame);
        if (code[frame]++ === 0) tlb.dropWrites(frame);
      },
      clearCode(frame) {
        if (!marked.delete(frame)) return;
        code[frame]--;
        // from now on mappings of the frame may change unnoticed
        startAnew(port);
      },
      isCodeFrame: (frame) => code[frame] !== 0,
      storing: (frame, offset, length) => written(frame, offset, length, port),
      reset() {
        port.frameOf.clear();
        port.pagesOf.clear();
        startAnew(port);
        port.codeListener?.unmapped(0, USER_END);
      },
    };
    return port;
  }

  return {
    create() {
      if (ports.length === areas.length) return null;
      const port = createPort(areas[ports.length]);
      ports.push(port);
      return port;
    },
    written,
    unmapped(port, start, end) {
      hide(port as Port, Math.floor(start / PAGE_SIZE), Math.ceil(end / PAGE_SIZE));
      port.codeListener?.unmapped(start, end);
    },
    shown: (port) => port as Port,
  };
}

function show(port: Port, page: number, frame: number): void {
  // what it holds no code of may have changed unnoticed
  if (port.frameOf.get(page) === frame && port.marked.has(frame)) return;
  port.frameOf.set(page, frame);
  const pages = port.pagesOf.get(frame);
  if (pages === undefined) port.pagesOf.set(frame, new Set([page]));
  else pages.add(page);
  if (port.pages.length > 2 * port.frameOf.size + SLACK) startAnew(port);
  else port.pages.push({ page, frame });
}

function hide({ frameOf }: Port, first: number, end: number): void {
  if (end - first > frameOf.size) {
    for (const page of frameOf.keys()) if (page >= first && page < end) frameOf.delete(page);
  } else for (let page = first; page < end; page++) frameOf.delete(page);
}

/** The frame is somebody else's from now on. */
function lose({ frameOf, pagesOf }: Port, frame: number): void {
  for (const page of pagesOf.get(frame) ?? []) if (frameOf.get(page) === frame) frameOf.delete(page);
  pagesOf.delete(frame);
}

function startAnew(port: Port): void {
  port.pages = [...port.frameOf].map(([page, frame]) => ({ page, frame }));
  port.generation++;
}
