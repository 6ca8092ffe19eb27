import type { Helper, HelperTable } from '../context.ts';
import { at32 } from './unit.ts';

/** Product in the field of AES, modulo x⁸ + x⁴ + x³ + x + 1 (FIPS 197, 4.2). */
function times(a: number, b: number): number {
  let product = 0;
  for (let x = a, y = b; y !== 0; y >>= 1) {
    if ((y & 1) !== 0) product ^= x;
    x = (x << 1) ^ (x & 0x80 ? 0x11b : 0);
  }
  return product;
}

interface Tables {
  readonly box: Uint8Array;
  readonly inverse: Uint8Array;
  /** Columns of MixColumns and its inverse, by the byte of the first row. */
  readonly mix: Int32Array;
  readonly unmix: Int32Array;
}
let tables: Tables | undefined;
/** The substitution boxes (FIPS 197, 5.1.1: the inverse in the field, then an affine map), and the products of a byte with a column. */
function aesTables(): Tables {
  if (tables !== undefined) return tables;
  const box = new Uint8Array(256);
  const inverse = new Uint8Array(256);
  const mix = new Int32Array(256);
  const unmix = new Int32Array(256);
  // 3 generates the field, f6 is its inverse
  for (let i = 0, p = 1, q = 1; i < 255; i++) {
    const turn = (n: number): number => (q << n) | (q >> (8 - n));
    box[p] = q ^ turn(1) ^ turn(2) ^ turn(3) ^ turn(4) ^ 0x63;
    p = times(p, 3);
    q = times(q, 0xf6);
  }
  box[0] = 0x63;
  for (let i = 0; i < 256; i++) {
    inverse[box[i]] = i;
    mix[i] = times(i, 2) | (i << 8) | (i << 16) | (times(i, 3) << 24);
    unmix[i] = times(i, 14) | (times(i, 9) << 8) | (times(i, 13) << 16) | (times(i, 11) << 24);
  }
  return (tables = { box, inverse, mix, unmix });
}
const turnLeft = (x: number, n: number): number => (x << n) | (x >>> (32 - n));

/** One round on a state, (d, a, key): rows shifted, bytes substituted, columns mixed, the round key added. */
const round = (forward: boolean, last: boolean): Helper => ({ cpu: { i32 } }) => {
  const { box, inverse, mix, unmix } = aesTables();
  const bytes = forward ? box : inverse;
  const columns = forward ? mix : unmix;
  return (d, a, key) => {
    const [from, k] = [at32(a), at32(key)];
    const out = [0, 0, 0, 0];
    for (let column = 0; column < 4; column++) {
      let word = 0;
      for (let row = 0; row < 4; row++) {
        const source = (forward ? column + row : column + 4 - row) & 3;
        const byte = bytes[(i32[from + source] >>> (8 * row)) & 255];
        word ^= last ? byte << (8 * row) : turnLeft(columns[byte], 8 * row);
      }
      out[column] = word ^ i32[k + column];
    }
    for (let i = 0; i < 4; i++) i32[at32(d) + i] = out[i];
  };
};
/** (d, a): the inverse of MixColumns. */
const aesimc: Helper = ({ cpu: { i32 } }) => {
  const { unmix } = aesTables();
  return (d, a) => {
    for (let i = 0; i < 4; i++) {
      const word = i32[at32(a) + i];
      let out = 0;
      for (let row = 0; row < 4; row++) out ^= turnLeft(unmix[(word >>> (8 * row)) & 255], 8 * row);
      i32[at32(d) + i] = out;
    }
  };
};
/** (d, a, 0, imm) */
const aeskeygenassist: Helper = ({ cpu: { i32 } }) => {
  const { box } = aesTables();
  const substitute = (x: number): number => box[x & 255] | (box[(x >>> 8) & 255] << 8) | (box[(x >>> 16) & 255] << 16) | (box[x >>> 24] << 24);
  return (d, a, _b, imm) => {
    const [x, y] = [substitute(i32[at32(a) + 1]), substitute(i32[at32(a) + 3])];
    const to = at32(d);
    i32[to] = x;
    i32[to + 1] = turnLeft(x, 24) ^ imm;
    i32[to + 2] = y;
    i32[to + 3] = turnLeft(y, 24) ^ imm;
  };
};

/** (d, a, b, imm): the product without carries of a 64-bit lane of each; imm bit 0 tells a's, bit 4 b's. */
const pclmulqdq: Helper = ({ cpu: { i32 } }) => (d, a, b, imm) => {
  const x = at32(a) + (imm & 1) * 2;
  const y = at32(b) + ((imm >> 4) & 1) * 2;
  let [x0, x1, x2, x3] = [i32[x], i32[x + 1], 0, 0];
  let [r0, r1, r2, r3] = [0, 0, 0, 0];
  for (let word = 0; word < 2; word++) {
    const bits = i32[y + word];
    for (let i = 0; i < 32; i++) {
      const take = -((bits >>> i) & 1);
      r0 ^= x0 & take;
      r1 ^= x1 & take;
      r2 ^= x2 & take;
      r3 ^= x3 & take;
      x3 = (x3 << 1) | (x2 >>> 31);
      x2 = (x2 << 1) | (x1 >>> 31);
      x1 = (x1 << 1) | (x0 >>> 31);
      x0 <<= 1;
    }
  }
  const to = at32(d);
  i32[to] = r0;
  i32[to + 1] = r1;
  i32[to + 2] = r2;
  i32[to + 3] = r3;
};

/** Operands of the SHA instructions as words from the low one up. */
type Sha = (a: Int32Array, b: Int32Array, out: Int32Array, imm: number, xmm0: Int32Array) => void;
/** (d, a, b, imm); the form of two rounds has a third operand in place of the immediate, xmm0. */
const sha = (f: Sha): Helper => ({ cpu: { i32 } }) => {
  const [x, y, out, z] = [new Int32Array(4), new Int32Array(4), new Int32Array(4), new Int32Array(4)];
  return (d, a, b, imm) => {
    for (let i = 0; i < 4; i++) {
      x[i] = i32[at32(a) + i];
      y[i] = i32[at32(b) + i];
      z[i] = i32[at32(0) + i];
    }
    f(x, y, out, imm, z);
    for (let i = 0; i < 4; i++) i32[at32(d) + i] = out[i];
  };
};

const SHA1_CONSTANTS = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];
/** Four rounds (SDM vol. 2, SHA1RNDS4): a, b, c, d from the top of the first operand; the second has the words of the message, e added to the first. */
const sha1rnds4: Sha = (state, message, out, imm) => {
  let [d, c, b, a] = state as unknown as [number, number, number, number];
  let e = 0;
  for (let i = 0; i < 4; i++) {
    const f = imm === 0 ? (b & c) ^ (~b & d) : imm === 2 ? (b & c) ^ (b & d) ^ (c & d) : b ^ c ^ d;
    const next = f + turnLeft(a, 5) + message[3 - i] + e + SHA1_CONSTANTS[imm];
    [a, b, c, d, e] = [next | 0, a, turnLeft(b, 30), c, d];
  }
  out.set([d, c, b, a]);
};
const sha1nexte: Sha = (a, b, out) => out.set([b[0], b[1], b[2], b[3] + turnLeft(a[3], 30)]);
const sha1msg1: Sha = (a, b, out) => out.set([b[2] ^ a[0], b[3] ^ a[1], a[0] ^ a[2], a[1] ^ a[3]]);
const sha1msg2: Sha = (a, b, out) => {
  const w16 = turnLeft(a[3] ^ b[2], 1);
  out.set([turnLeft(a[0] ^ w16, 1), turnLeft(a[1] ^ b[0], 1), turnLeft(a[2] ^ b[1], 1), w16]);
};
const turnRight = (x: number, n: number): number => (x >>> n) | (x << (32 - n));
/** Two rounds (SDM vol. 2, SHA256RNDS2): a, b, e, f in the second operand, c, d, g, h in the first, words with constants added in xmm0. */
const sha256rnds2: Sha = (first, second, out, _imm, words) => {
  let [f, e, b, a] = second as unknown as [number, number, number, number];
  let [h, g, d, c] = first as unknown as [number, number, number, number];
  for (let i = 0; i < 2; i++) {
    const t = ((e & f) ^ (~e & g)) + (turnRight(e, 6) ^ turnRight(e, 11) ^ turnRight(e, 25)) + words[i] + h;
    const s = ((a & b) ^ (a & c) ^ (b & c)) + (turnRight(a, 2) ^ turnRight(a, 13) ^ turnRight(a, 22));
    [a, b, c, d, e, f, g, h] = [(t + s) | 0, a, b, c, (t + d) | 0, e, f, g];
  }
  out.set([f, e, b, a]);
};
const sigma0 = (x: number): number => turnRight(x, 7) ^ turnRight(x, 18) ^ (x >>> 3);
const sigma1 = (x: number): number => turnRight(x, 17) ^ turnRight(x, 19) ^ (x >>> 10);
const sha256msg1: Sha = (a, b, out) => out.set([a[0] + sigma0(a[1]), a[1] + sigma0(a[2]), a[2] + sigma0(a[3]), a[3] + sigma0(b[0])]);
const sha256msg2: Sha = (a, b, out) => {
  const w16 = (a[0] + sigma1(b[2])) | 0;
  const w17 = (a[1] + sigma1(b[3])) | 0;
  out.set([w16, w17, a[2] + sigma1(w16), a[3] + sigma1(w17)]);
};

/** AES, PCLMULQDQ and SHA, named after the instructions: no exceptions. */
export const crypto: HelperTable = {
  aesenc: round(true, false), aesenclast: round(true, true), aesdec: round(false, false), aesdeclast: round(false, true),
  aesimc, aeskeygenassist, pclmulqdq,
  sha1rnds4: sha(sha1rnds4), sha1nexte: sha(sha1nexte), sha1msg1: sha(sha1msg1), sha1msg2: sha(sha1msg2),
  sha256rnds2: sha(sha256rnds2), sha256msg1: sha(sha256msg1), sha256msg2: sha(sha256msg2),
};
