/** A function that goes on in itself. */
const TAIL_CALL = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x12, 0, 0x0b);
let tailCalls: boolean | undefined;

/** Whether the host knows tail calls: every Node that we support does, some browsers do not. */
export const hasTailCalls = (): boolean => (tailCalls ??= WebAssembly.validate(TAIL_CALL));

/** Whether the host compiles WebAssembly now: a policy may forbid it even where the interface is there. */
export function canCompile(): boolean {
  try {
    void new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return true;
  } catch {
    return false;
  }
}
