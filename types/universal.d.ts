/** Globals that Node and every browser have (WHATWG Encoding, HTML), for the packages that are built without Node's types. */
declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>;
  encodeInto(source: string, destination: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
  decode(input?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

/** HTML timers, for waiting on the host; a guest's time never comes from here. */
declare function setTimeout(callback: () => void, milliseconds?: number): object | number;
declare function clearTimeout(handle: object | number | undefined): void;

/** HTML import.meta. */
interface ImportMeta {
  url: string;
}
