/** Random bytes for the guest: seeded and the same on every host, or the host's. */
export interface Entropy {
  fill(into: Uint8Array): void;
}

const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;

/** One ChaCha20 block (RFC 8439, 2.3) of the state into `out`, 16 words. */
export function chachaBlock(state: Uint32Array, out: Uint32Array): void {
  out.set(state);
  const quarter = (a: number, b: number, c: number, d: number): void => {
    const turn = (to: number, from: number, by: number, bits: number): void => {
      out[from] += out[by];
      const x = out[to] ^ out[from];
      out[to] = (x << bits) | (x >>> (32 - bits));
    };
    turn(d, a, b, 16);
    turn(b, c, d, 12);
    turn(d, a, b, 8);
    turn(b, c, d, 7);
  };
  for (let round = 0; round < 10; round += 1) {
    quarter(0, 4, 8, 12);
    quarter(1, 5, 9, 13);
    quarter(2, 6, 10, 14);
    quarter(3, 7, 11, 15);
    quarter(0, 5, 10, 15);
    quarter(1, 6, 11, 12);
    quarter(2, 7, 8, 13);
    quarter(3, 4, 9, 14);
  }
  for (let i = 0; i < 16; i += 1) out[i] += state[i];
}

/** A ChaCha20 stream keyed by `seed` (taken modulo 2^64): the same bytes for the same seed, everywhere. */
export function createSeededEntropy(seed: bigint): Entropy {
  const state = new Uint32Array(16);
  state.set(SIGMA);
  state[4] = Number(BigInt.asUintN(32, seed));
  state[5] = Number(BigInt.asUintN(32, seed >> 32n));
  const block = new Uint32Array(16);
  const bytes = new Uint8Array(64);
  const view = new DataView(bytes.buffer);
  let used = 64;
  return {
    fill(into) {
      for (let at = 0; at < into.length; ) {
        if (used === 64) {
          chachaBlock(state, block);
          block.forEach((word, i) => view.setUint32(i * 4, word, true));
          state[12] += 1;
          if (state[12] === 0) state[13] += 1;
          used = 0;
        }
        const take = Math.min(64 - used, into.length - at);
        into.set(bytes.subarray(used, used + take), at);
        used += take;
        at += take;
      }
    },
  };
}
