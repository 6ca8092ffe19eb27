/** The parts of an encoded instruction. */
export interface Layout {
  /** In bytes. 0: none that is told, and nothing else either. */
  length: number;
  /** A displacement from the next instruction or from registers: where it begins, and its bytes, 1 or 4; 0: there is none. */
  at: number;
  size: number;
  /** Bytes at its end that are a number which its operations take as it is. */
  immediate: number;
}

/** What follows an opcode: a ModRM byte, and so many bytes of immediate operand; Z: 4, or 2 with an operand-size prefix; V: 8 with REX.W. */
const MODRM = 16, Z = 5, V = 6, BRANCH = 32, GROUP3 = 64, UNTOLD = 128;

const ONE = new Uint8Array(256).fill(UNTOLD);
const TWO = new Uint8Array(256).fill(MODRM);
function set(map: Uint8Array, from: number, to: number, value: number): void {
  map.fill(value, from, to + 1);
}
for (let i = 0; i < 0x40; i += 8) {
  set(ONE, i, i + 3, MODRM);
  ONE[i + 4] = 1;
  ONE[i + 5] = Z;
}
set(ONE, 0x50, 0x5f, 0);
ONE[0x63] = MODRM;
ONE[0x68] = Z;
ONE[0x69] = MODRM | Z;
ONE[0x6a] = 1;
ONE[0x6b] = MODRM | 1;
set(ONE, 0x70, 0x7f, BRANCH | 1);
ONE[0x80] = ONE[0x83] = MODRM | 1;
ONE[0x81] = MODRM | Z;
set(ONE, 0x84, 0x8e, MODRM);
set(ONE, 0x90, 0x99, 0);
set(ONE, 0x9c, 0x9f, 0);
ONE[0xa8] = 1;
ONE[0xa9] = Z;
set(ONE, 0xb0, 0xb7, 1);
set(ONE, 0xb8, 0xbf, V);
ONE[0xc0] = ONE[0xc1] = MODRM | 1;
ONE[0xc2] = 2;
ONE[0xc3] = ONE[0xc9] = 0;
ONE[0xc6] = MODRM | 1;
ONE[0xc7] = MODRM | Z;
set(ONE, 0xd0, 0xd3, MODRM);
set(ONE, 0xd8, 0xdf, MODRM);
set(ONE, 0xe0, 0xe3, BRANCH | 1);
ONE[0xe8] = ONE[0xe9] = BRANCH | 4;
ONE[0xeb] = BRANCH | 1;
/** Opcodes whose immediate operand is but a number: moves, pushes, and arithmetic other than shifts and multiplications. */
const PLAIN = new Uint8Array(256);
for (let i = 0; i < 0x40; i += 8) PLAIN[i + 4] = PLAIN[i + 5] = 1;
for (const opcode of [0x68, 0x6a, 0x80, 0x81, 0x83, 0xa8, 0xa9, 0xc6, 0xc7, 0xf6, 0xf7]) PLAIN[opcode] = 1;
PLAIN.fill(1, 0xb0, 0xc0);
ONE[0xf6] = MODRM | GROUP3 | 1;
ONE[0xf7] = MODRM | GROUP3 | Z;
ONE[0xfe] = ONE[0xff] = MODRM;
for (const opcode of [0xf8, 0xf9, 0xfc, 0xfd]) ONE[opcode] = 0;

set(TWO, 0x04, 0x0c, UNTOLD);
set(TWO, 0x0e, 0x0f, UNTOLD);
set(TWO, 0x20, 0x27, UNTOLD);
set(TWO, 0x30, 0x3f, UNTOLD);
TWO[0x31] = TWO[0xa2] = 0;
set(TWO, 0x70, 0x73, MODRM | 1);
set(TWO, 0x77, 0x79, UNTOLD);
set(TWO, 0x80, 0x8f, BRANCH | 4);
set(TWO, 0xa0, 0xa1, UNTOLD);
set(TWO, 0xa8, 0xaa, UNTOLD);
for (const opcode of [0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6]) TWO[opcode] = MODRM | 1;
set(TWO, 0xc8, 0xcf, 0);

/**
 * Tells the parts of the instruction at `at`, where `bytes` may be read up to `end`. It knows the common ones only, and knows no better than to
 * guess: whether there is such an instruction, and whether these are its parts, is what the decoder finds.
 */
export function measure(bytes: Uint8Array, at: number, end: number, into: Layout): void {
  into.length = into.at = into.size = into.immediate = 0;
  let i = at;
  let byte = bytes[i++]!;
  let narrow = false;
  let address32 = false;
  while (byte === 0x66 || byte === 0xf3 || byte === 0xf2 || byte === 0xf0 || byte === 0x67 || byte === 0x2e || byte === 0x3e || byte === 0x64 || byte === 0x65) {
    if (byte === 0x66) narrow = true;
    else if (byte === 0x67) address32 = true;
    if (i >= end) return;
    byte = bytes[i++]!;
  }
  let wide = false;
  if ((byte & 0xf0) === 0x40) {
    wide = (byte & 8) !== 0;
    if (i >= end) return;
    byte = bytes[i++]!;
  }
  let form: number;
  let plain = 0;
  if (byte === 0xc4 || byte === 0xc5) {
    // VEX: two bytes or three, and a map of opcodes
    if (i + 2 >= end) return;
    const map = byte === 0xc5 ? 1 : bytes[i]! & 31;
    i += byte === 0xc5 ? 1 : 2;
    const opcode = bytes[i++]!;
    if (map === 2) form = MODRM;
    else if (map === 3) form = MODRM | 1;
    else if (map === 1) form = opcode === 0x77 ? 0 : TWO[opcode]! & (MODRM | 7 | UNTOLD);
    else return;
  } else if (byte !== 0x0f) {
    form = ONE[byte]!;
    plain = PLAIN[byte]!;
  } else {
    if (i >= end) return;
    byte = bytes[i++]!;
    if (byte === 0x38 || byte === 0x3a) {
      form = byte === 0x38 ? MODRM : MODRM | 1;
      i++;
    } else form = TWO[byte]!;
  }
  if ((form & UNTOLD) !== 0) return;
  let immediate = form & 7;
  if (immediate === Z) immediate = narrow && !wide ? 2 : 4;
  else if (immediate === V) immediate = wide ? 8 : narrow ? 2 : 4;
  let where = 0;
  let size = 0;
  if ((form & MODRM) !== 0) {
    if (i >= end) return;
    const modrm = bytes[i++]!;
    if ((form & GROUP3) !== 0 && (modrm & 0x30) !== 0) immediate = 0;
    const mod = modrm >> 6;
    if (mod !== 3) {
      size = mod === 1 ? 1 : mod === 2 || (modrm & 7) === 5 ? 4 : 0;
      let skip = 0;
      if ((modrm & 7) === 4) {
        if (i >= end) return;
        // no base: an absolute address
        if (mod === 0 && (bytes[i]! & 7) === 5) skip = 4;
        i++;
      }
      where = i - at;
      i += size + skip;
      if (address32) size = 0;
    }
  } else if ((form & BRANCH) !== 0) {
    if (narrow) return;
    where = i - at;
    size = immediate;
  }
  i += immediate;
  if (i > end || i - at > 15) return;
  into.length = i - at;
  into.at = where;
  into.size = size;
  if (plain !== 0) into.immediate = immediate;
}
