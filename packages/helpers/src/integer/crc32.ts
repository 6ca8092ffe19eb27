import type { Helper, HelperTable } from '../context.ts';

/** CRC-32C (polynomial 0x1edc6f41, bits reflected) of each byte. */
const TABLE = new Int32Array(256);
for (let i = 0; i < 256; i++) {
  let v = i;
  for (let bit = 0; bit < 8; bit++) v = (v >>> 1) ^ ((v & 1) !== 0 ? 0x82f63b78 : 0);
  TABLE[i] = v;
}

/** crc32(destination cell, source cell, bytes) */
const crc32: Helper = ({ cpu: { i32, u8 } }) => (destination, source, bytes) => {
  let crc = i32[2 * destination]!;
  for (let i = 0; i < bytes; i++) crc = (crc >>> 8) ^ TABLE[(crc ^ u8[8 * source + i]!) & 0xff]!;
  i32[2 * destination] = crc;
  i32[2 * destination + 1] = 0;
};

export const checksums: HelperTable = { crc32 };
