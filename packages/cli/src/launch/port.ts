/** What the launcher does for the program: the two are bundles of their own. */
export interface LauncherPort {
  /** Loads the decoder's library with kept byte code; absent: it is to be found as any other. */
  loadDecoder?(): unknown;
  /** Most of the guest was translated by an earlier run: this one is as most are. */
  found(): void;
  /** The program's modules are loaded: what it does from now on leaves garbage. */
  loaded(): void;
}

const KEY = Symbol.for('tally86.launcher');
const place = globalThis as { [KEY]?: LauncherPort };

export function offerPort(port: LauncherPort): void {
  place[KEY] = port;
}
/** Undefined where the program was started without its launcher. */
export function launcherPort(): LauncherPort | undefined {
  return place[KEY];
}
