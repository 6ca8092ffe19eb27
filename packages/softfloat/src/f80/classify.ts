import { DENORMAL, FINITE, INFINITE, UNSUPPORTED, Unpacked, ZERO } from "../core/unpacked.ts";
import { type F80, unpackF80 } from "./f80.ts";

/** Condition code bits of the x87 status word (SDM vol. 1, figure 8-4). */
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;

const u = new Unpacked();

/** fxam of a register that is not empty: its class in C3, C2, C0 and its sign in C1 (SDM vol. 2, FXAM). */
export function classifyF80(a: F80): number {
  unpackF80(u, a);
  const sign = u.sign !== 0 ? C1 : 0;
  switch (u.kind) {
    case UNSUPPORTED:
      return sign;
    case FINITE:
      return sign | C2;
    case INFINITE:
      return sign | C2 | C0;
    case ZERO:
      return sign | C3;
    case DENORMAL:
      return sign | C3 | C2;
    default:
      return sign | C0;
  }
}
