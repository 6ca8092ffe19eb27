import { createFloatContext, F80, readF80, pendingExceptions, setControlWord } from "../src/index.ts";
import { operandF32, operandF64, operandF80 } from "./operands.ts";
import { IN_SIZE, type Oracle, OUT_SIZE } from "./oracle.ts";
import { createRandom, type Random } from "./random.ts";
import { X87_OPS, type X87State } from "./x87-model.ts";

const M32 = ["fadds", "fmuls", "fsubs", "fdivs", "fcoms", "flds"];
const M64 = ["faddl", "fmull", "fsubrl", "fdivl", "fdivrl", "fcoml", "fldl"];
const TRANSCENDENTAL = ["fsin", "fcos", "fsincos", "fptan", "fpatan", "f2xm1", "fyl2x", "fyl2xp1"];

/** Where operands of an operation are interesting: the biased exponent to stay near. */
function nearExponent(op: string, r: Random): number {
  if (op.startsWith("fist") || op.startsWith("fbst") || op === "frndint") return 0x3fff + r.below(64);
  if (op === "fsts") return 0x3fff + r.pick([-149, -126, 0, 127]);
  if (op === "fstl") return 0x3fff + r.pick([-1074, -1022, 0, 1023]);
  if (op === "fsin" || op === "fcos" || op === "fsincos" || op === "fptan") return 0x3fff + r.pick([0, 20, 50]);
  return 0x3fff;
}

function pickControl(r: Random, transcendental: boolean): number {
  const masks = r.below(4) === 0 ? r.below(64) : 63;
  const precision = r.below(2) === 0 ? 3 : r.below(4);
  return 0x40 | masks | (precision << 8) | ((transcendental && r.below(2) === 0 ? 0 : r.below(4)) << 10);
}

function putF80(view: DataView, offset: number, { se, sig }: { se: number; sig: bigint }): void {
  view.setBigUint64(offset, sig, true);
  view.setUint16(offset + 8, se, true);
}

/** A record of oracle.c with operands that suit the operation. */
export function fillVector(view: DataView, op: string, opNumber: number, r: Random): void {
  view.setUint32(0, opNumber, true);
  view.setUint32(4, pickControl(r, TRANSCENDENTAL.includes(op)), true);
  const near = nearExponent(op, r);
  putF80(view, 8, operandF80(r, near));
  let b = operandF80(r, op === "fscale" ? r.pick([0x3fff, 0x400d]) : near);
  // Equal operands and equal magnitudes are rare by chance.
  if (r.below(12) === 0) b = { se: view.getUint16(16, true) ^ (r.below(2) << 15), sig: view.getBigUint64(8, true) };
  if (M32.includes(op)) view.setUint32(24, operandF32(r), true);
  else if (M64.includes(op)) view.setBigUint64(24, operandF64(r), true);
  else if (op === "fbld") for (let i = 0; i < 10; i++) view.setUint8(24 + i, r.below(10) * 16 + r.below(10));
  else putF80(view, 24, b);
}

/** The distance of two 80-bit encodings in units of the last place. */
function ulps(a: F80, b: F80): bigint {
  const order = (x: F80): bigint => {
    const magnitude = (BigInt(x.se & 0x7fff) << 63n) + (((BigInt(x.hi) << 32n) | BigInt(x.lo)) & ((1n << 63n) - 1n));
    return (x.se & 0x8000) !== 0 ? -magnitude : magnitude;
  };
  const d = order(a) - order(b);
  return d < 0n ? -d : d;
}

const text = (x: F80): string => `${x.se.toString(16).padStart(4, "0")}:${x.hi.toString(16).padStart(8, "0")}${x.lo.toString(16).padStart(8, "0")}`;
const hex = (bytes: Uint8Array): string => [...bytes].map((x) => x.toString(16).padStart(2, "0")).join("");

/** Where CPUs may differ from the one that we follow. */
function implementationDefined(op: string, cw: number, a: F80): boolean {
  const exponent = a.se & 0x7fff;
  if (((cw >> 8) & 3) === 1) return true; // reserved precision
  if ((op === "flds" || op === "fldl") && (cw & 2) === 0) return true; // unmasked DE on a load
  if (op === "f2xm1") return exponent >= 0x3fff;
  if (op === "fyl2xp1") return exponent >= 0x3ffd;
  return false;
}

export interface Tally {
  /** Vectors that differ from the CPU, as readable rows; at most `limit`. */
  differences: string[];
  count: number;
  /** Results of transcendental functions off by one in the last place. */
  oneUlp: number;
  maxUlps: bigint;
}

/** Runs `count` random vectors of one operation here and on the CPU. */
export function checkX87(oracle: Oracle, op: string, count: number, seed: number, limit = 5): Tally {
  const run = X87_OPS[op];
  const opNumber = oracle.ops.indexOf(op);
  if (run === undefined || opNumber < 0) throw new Error(`no operation ${op}`);
  const r = createRandom(seed + opNumber * 7919);
  const input = new Uint8Array(count * IN_SIZE);
  for (let i = 0; i < count; i++) fillVector(new DataView(input.buffer, i * IN_SIZE, IN_SIZE), op, opNumber, r);
  const answers = oracle.run(input);
  const tally: Tally = { differences: [], count, oneUlp: 0, maxUlps: 0n };
  const fuzzy = TRANSCENDENTAL.includes(op);
  const ctx = createFloatContext();
  for (let i = 0; i < count; i++) {
    const vector = new DataView(input.buffer, i * IN_SIZE, IN_SIZE);
    const answer = new DataView(answers.buffer, answers.byteOffset + i * OUT_SIZE, OUT_SIZE);
    const a = new F80();
    const b = new F80();
    readF80(a, vector, 8);
    readF80(b, vector, 24);
    const cw = vector.getUint32(4, true);
    if (!oracle.modelled && implementationDefined(op, cw, a)) continue;
    setControlWord(ctx, cw);
    ctx.flags = 0;
    const fromMemory = M32.includes(op) || M64.includes(op) || /^(fild|fbld|fi[adc])/.test(op);
    const mem = new Uint8Array(16).fill(op.startsWith("fcomi") || op.startsWith("fucomi") ? 0 : 0xcc);
    const s: X87State = { st: fromMemory ? [a] : [a, b], cc: 0, mem, source: new DataView(input.buffer, i * IN_SIZE + 24, 16), ctx, eflags: 0 };
    const operands = `${text(a)} ${hex(input.subarray(i * IN_SIZE + 24, i * IN_SIZE + 34))}`;
    run(s);
    if (op === "fcomi" || op === "fucomi") mem[0] = s.eflags;
    const status = answer.getUint32(48, true);
    let cc = s.cc;
    let flags = ctx.flags;
    let wantedStatus = status & 0x473f;
    if (!oracle.modelled && op.startsWith("fprem") && (status & 0x400) !== 0) {
      // How far a partial remainder goes is the CPU's choice; that it is partial is not.
      if ((cc & 0x400) === 0) tally.differences.push(`${op} ${operands}: not partial`);
      continue;
    }
    if (!oracle.modelled && op === "fyl2x") {
      flags |= 0x20;
      wantedStatus |= 0x20;
    }
    const wrong: string[] = [];
    for (let n = 0; n < Math.min(2, s.st.length); n++) {
      const ours = s.st[n] as F80;
      const theirs = new F80();
      readF80(theirs, answer, n * 16);
      const d = ulps(ours, theirs);
      if (d === 0n) continue;
      if (fuzzy && d > tally.maxUlps) tally.maxUlps = d;
      if (fuzzy && d === 1n) {
        // The CPU's own rounding differs: C1, and UE at the edge, go with it.
        tally.oneUlp++;
        cc &= ~0x200;
        wantedStatus &= ~0x200;
      } else {
        wrong.push(`st${n} ${text(ours)}, CPU ${text(theirs)}`);
      }
    }
    if (fuzzy) {
      cc &= ~0x200;
      wantedStatus &= ~0x200;
    }
    const theirMem = new Uint8Array(answers.buffer, answers.byteOffset + i * OUT_SIZE + 32, 16);
    if (hex(mem) !== hex(theirMem)) wrong.push(`mem ${hex(mem)}, CPU ${hex(theirMem)}`);
    flags |= cc;
    if (flags !== wantedStatus) wrong.push(`status ${flags.toString(16)}, CPU ${wantedStatus.toString(16)}`);
    if ((pendingExceptions(ctx) !== 0) !== ((status & 0x80) !== 0)) wrong.push("pending");
    if (wrong.length > 0 && tally.differences.length < limit) {
      tally.differences.push(`${op} cw=${cw.toString(16)} ${operands}: ${wrong.join("; ")}`);
    }
  }
  return tally;
}
