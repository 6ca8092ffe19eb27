import { RLIMIT } from '@tally86/abi';
import { type ByteString, EmulatorError, PROT, USER_END } from '@tally86/core';
import { softLimit } from '../kernel/limits.ts';
import { type AddressSpace, addVma, isHole, pageDown } from '../mm/address-space.ts';

/** The stack as the kernel lays it: pointers to argv and envp, auxiliary vector, strings (fs/binfmt_elf.c, create_elf_tables). */
export interface NewStack {
  /** rsp of the new program. */
  readonly sp: number;
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  readonly auxv: Uint8Array;
}

/** What the auxiliary vector needs to know of the stack. */
export interface StackAddresses {
  readonly random: number;
  readonly execfn: number;
  readonly platform: number;
}

export interface StackContents {
  readonly argv: readonly ByteString[];
  readonly envp: readonly ByteString[];
  readonly filename: ByteString;
  readonly random: Uint8Array;
  readonly executable: boolean;
  auxv(at: StackAddresses): readonly (readonly [number, bigint])[];
}

const PLATFORM = 'x86_64';
/** setup_arg_pages: so much stack is mapped below the strings from the start. */
const STACK_EXPAND = 131_072;

/** Maps the stack at the top of user space and fills it; null: no memory. Throws E_ELF if the program is in the way. */
export function buildStack(mm: AddressSpace, contents: StackContents): NewStack | null {
  const { argv, envp } = contents;
  const strings = new StringArea(USER_END - 8);
  const execfn = strings.push(contents.filename);
  const envAddresses = pushAll(strings, envp);
  const envEnd = execfn;
  const argEnd = envAddresses[0] ?? execfn;
  const argAddresses = pushAll(strings, argv);
  const argStart = argAddresses[0] ?? argEnd;

  let at = argStart - (argStart % 16);
  const platform = (at -= PLATFORM.length + 1);
  const random = (at -= contents.random.length);
  const pairs = contents.auxv({ random, execfn, platform });
  const words = [BigInt(argv.length), ...argAddresses.map(BigInt), 0n, ...envAddresses.map(BigInt), 0n];
  const auxvWords = pairs.flatMap(([type, value]) => [BigInt(type), value]);
  let sp = at - auxvWords.length * 8 - words.length * 8;
  // The kernel takes 8-byte steps down from an unaligned address, then rounds to 16.
  sp -= sp % 16;

  if (!mapStack(mm, pageDown(argStart), sp, contents.executable)) return null;
  const auxvBytes = new Uint8Array(BigUint64Array.from(auxvWords).buffer);
  const ok =
    poke(mm, sp, new Uint8Array(BigUint64Array.from(words).buffer)) && poke(mm, sp + words.length * 8, auxvBytes) &&
    poke(mm, random, contents.random) && poke(mm, platform, bytesOf(PLATFORM)) && strings.write(mm);
  return ok ? { sp, argStart, argEnd, envStart: argEnd, envEnd, auxv: auxvBytes } : null;
}

function mapStack(mm: AddressSpace, stringsStart: number, sp: number, executable: boolean): boolean {
  const limit = pageDown(Math.min(softLimit(mm.limits, RLIMIT.STACK), USER_END / 2));
  const wanted = USER_END - stringsStart + STACK_EXPAND > limit ? USER_END - limit : stringsStart - STACK_EXPAND;
  const start = Math.min(wanted, stringsStart, pageDown(sp));
  if (!isHole(mm, start, USER_END)) throw new EmulatorError('E_ELF', 'a segment of the program lies where the stack goes');
  const prot = PROT.READ | PROT.WRITE | (executable ? PROT.EXEC : 0);
  return addVma(mm, { start, end: USER_END, prot, shared: false, source: null, offset: 0, name: '[stack]', growsDown: true, tag: 0 });
}

const bytesOf = (text: ByteString): Uint8Array => Uint8Array.from(`${text}\0`, (char) => char.charCodeAt(0));
const poke = (mm: AddressSpace, address: number, bytes: Uint8Array): boolean => mm.mmu.poke(address, bytes) === bytes.length;

/** Pushes the last string first, as copy_strings does; addresses in the order of the list. */
function pushAll(area: StringArea, list: readonly ByteString[]): number[] {
  const addresses = new Array<number>(list.length);
  for (let i = list.length - 1; i >= 0; i -= 1) addresses[i] = area.push(list[i]);
  return addresses;
}

/** Strings laid from the top downwards. */
class StringArea {
  #at: number;
  readonly #pieces: Uint8Array[] = [];

  constructor(top: number) {
    this.#at = top;
  }

  push(text: ByteString): number {
    const bytes = bytesOf(text);
    this.#pieces.push(bytes);
    return (this.#at -= bytes.length);
  }

  write(mm: AddressSpace): boolean {
    const total = this.#pieces.reduce((sum, { length }) => sum + length, 0);
    const bytes = new Uint8Array(total);
    let end = total;
    for (const piece of this.#pieces) bytes.set(piece, (end -= piece.length));
    return poke(mm, this.#at, bytes);
  }
}
