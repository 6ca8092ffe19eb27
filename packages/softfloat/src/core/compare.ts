import { EQUAL, GREATER, LESS, type Relation } from "../relation.ts";
import { INFINITE, type Unpacked, ZERO } from "./unpacked.ts";

/** Compares two operands that are no NaNs. */
export function compare(a: Unpacked, b: Unpacked): Relation {
  if (a.kind === ZERO) return b.kind === ZERO ? EQUAL : b.sign !== 0 ? GREATER : LESS;
  const above: Relation = a.sign !== 0 ? LESS : GREATER;
  const below: Relation = a.sign !== 0 ? GREATER : LESS;
  if (b.kind === ZERO || a.sign !== b.sign) return above;
  if (a.kind === INFINITE) return b.kind === INFINITE ? EQUAL : above;
  if (b.kind === INFINITE) return below;
  if (a.exp !== b.exp) return a.exp > b.exp ? above : below;
  if (a.hi !== b.hi) return a.hi > b.hi ? above : below;
  return a.lo === b.lo ? EQUAL : a.lo > b.lo ? above : below;
}
