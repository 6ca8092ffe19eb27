/** What a stream shows itself as to the guest (fstat, isatty). `null`: as /dev/null. */
export type HostStreamKind = 'pipe' | 'file' | 'terminal' | 'null';

/** A terminal of the host behind a stream. */
export interface HostTerminal {
  size(): { readonly rows: number; readonly columns: number };
  /** Without line editing, echo and signals of the host's terminal. */
  setRaw(raw: boolean): void;
}

/** A file of the host behind a stream. Offsets are bytes. */
export interface HostSeekable {
  size(): number;
  /** Where the next read or write happens; −errno. */
  position(): number;
  readAt(offset: number, into: Uint8Array): number;
  writeAt(offset: number, from: Uint8Array): number;
}

/** Standard input, output or error of a guest, given by whoever embeds it. Calls do not block; errors are −errno. */
export interface HostStream {
  readonly kind: HostStreamKind;
  /** Bytes read; 0: the end; −EAGAIN: nothing there yet. */
  read(into: Uint8Array): number;
  /** Bytes taken, at least one; −EPIPE if nobody reads. */
  write(from: Uint8Array): number;
  /** True if read() would not answer −EAGAIN. */
  readable(): boolean;
  /** After −EAGAIN: settles when asking again may help. */
  wait(): Promise<unknown>;
  readonly terminal?: HostTerminal;
  readonly file?: HostSeekable;
}
