/** Whether the host compiles WebAssembly now: a policy may forbid it even where the interface is there. */
export function canCompile(): boolean {
  try {
    void new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    return true;
  } catch {
    return false;
  }
}
