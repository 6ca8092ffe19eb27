import iced from 'iced-x86';
import { EXCLUDED, FEATURES } from './excluded.ts';
import { familyOf } from './families.ts';

const { Code, CodeExt, CpuidFeature, EncodingKind, FlowControl, Instruction, MemorySizeExt, Mnemonic, OpCodeOperandKind } = iced;

/** What a VEX prefix says; null: either will do. */
export interface VexPrefix {
  readonly wide: 0 | 1 | null;
  /** 0 none, 1 66, 2 F3, 3 F2 */
  readonly pp: number;
  /** 1 0F, 2 0F38, 3 0F3A */
  readonly map: number;
  readonly w: 0 | 1 | null;
  /** vvvv is an operand; else it is all ones. */
  readonly vvvv: boolean;
  /** A register in the upper half of an immediate byte. */
  readonly is4: boolean;
  /** The index of the memory operand is a vector: bytes of its lanes, and how many there are. */
  readonly vsib: readonly [size: 4 | 8, count: 2 | 4 | 8] | null;
}

/** One encoding of one instruction, as far as making bytes and state for it needs. From iced's table, so none is forgotten. */
export interface Form {
  readonly code: number;
  readonly name: string;
  readonly mnemonic: number;
  readonly mnemonicName: string;
  readonly family: string;
  /** Mandatory and size prefixes that must be there. */
  readonly prefixes: readonly number[];
  readonly rexW: boolean;
  readonly vex: VexPrefix | null;
  /** Address size 32: has a 67 prefix of its own; 64: must not have one; 0: may. */
  readonly addressSize: 0 | 32 | 64;
  readonly opcode: readonly number[];
  /** The low three bits of the last opcode byte are a register. */
  readonly plusRegister: boolean;
  /** ModRM: none, `/r` (8) or `/digit` (0–7). */
  readonly modrm: number | null;
  readonly rm: 'register' | 'memory' | 'either';
  /** Immediates in order: ib iw id io mo cb cd. */
  readonly immediates: readonly string[];
  /** iced's names of the operand kinds. */
  readonly operands: readonly string[];
  /** Of the memory operand, in bytes; 0 without. */
  readonly memorySize: number;
  readonly lock: boolean;
  readonly rep: boolean;
  readonly repne: boolean;
  readonly stack: boolean;
  readonly branch: boolean;
}

const PREFIX = /^(66|F2|F3)$/;

function parse(code: number): Form | null {
  const info = CodeExt.opCode(code);
  if (!info.isInstruction || !info.mode64 || (info.encoding !== EncodingKind.Legacy && info.encoding !== EncodingKind.VEX) || info.fwait) return null;
  const name = Code[code]!;
  const probe = new Instruction();
  probe.code = code;
  const features = Array.from(probe.cpuidFeatures(), (f) => CpuidFeature[f]!);
  const flow = probe.flowControl;
  probe.free();
  if (!features.every((f) => FEATURES.has(f)) || EXCLUDED.some((row) => row.forms.test(name))) return null;

  const prefixes: number[] = [];
  const opcode: number[] = [];
  const immediates: string[] = [];
  let rexW = false;
  let addressSize: 0 | 32 | 64 = 0;
  let plusRegister = false;
  let modrm: number | null = null;
  for (const token of info.opCodeString.split(' ')) {
    if (token === 'NP' || token === 'o32' || token === '/is4' || token.startsWith('VEX.')) continue;
    else if (token === 'o16') prefixes.push(0x66);
    else if (token === 'o64') rexW = !info.defaultOpSize64 && !info.forceOpSize64;
    else if (token === 'a32') addressSize = 32;
    else if (token === 'a64') addressSize = 64;
    else if (opcode.length === 0 && info.encoding === EncodingKind.Legacy && PREFIX.test(token)) prefixes.push(parseInt(token, 16));
    else if (/^[0-9A-F]{2}$/.test(token)) opcode.push(parseInt(token, 16));
    else if (/^[0-9A-F]{2}\+/.test(token)) { opcode.push(parseInt(token, 16)); plusRegister = true; }
    else if (token === '/r') modrm = 8;
    else if (/^\/[0-7]$/.test(token)) modrm = Number(token[1]);
    else if (/^(i[bwdo]|mo|c[bd])$/.test(token)) immediates.push(token);
    else throw new Error(`${name}: unknown token ${token} in ${info.opCodeString}`);
  }
  const operands = Array.from({ length: info.opCount }, (_, i) => OpCodeOperandKind[info.opKind(i)]!);
  const either = operands.some((kind) => kind.endsWith('_or_mem'));
  const memory = operands.includes('mem');
  const mnemonic = info.mnemonic;
  return {
    code, name, mnemonic, mnemonicName: Mnemonic[mnemonic]!, prefixes, rexW, vex: vexOf(info.opCodeString, operands), addressSize, opcode, plusRegister, modrm, immediates, operands,
    family: familyOf(name, Mnemonic[mnemonic]!, features, operands, info.isPrivileged || info.isInputOutput),
    rm: either ? 'either' : memory || operands.some((kind) => kind.startsWith('mem_vsib')) ? 'memory' : 'register',
    memorySize: MemorySizeExt.size(info.memorySize),
    lock: info.canUseLockPrefix, rep: info.canUseRepPrefix, repne: info.canUseRepnePrefix,
    stack: info.isStackInstruction,
    branch: flow !== FlowControl.Next && flow !== FlowControl.Exception,
  };
}

function vexOf(text: string, operands: readonly string[]): VexPrefix | null {
  const found = /^VEX\.(128|256|LIG|LZ|L0|L1)\.(?:(66|F3|F2)\.)?(0F|0F38|0F3A)\.(W0|W1|WIG)/.exec(text);
  if (found === null) return null;
  const [, l, pp = '', map, w] = found;
  const vsib = operands.map((kind) => /^mem_vsib(32|64)([xy])$/.exec(kind)).find((match) => match !== null);
  return {
    wide: l === 'LIG' ? null : l === '256' || l === 'L1' ? 1 : 0, pp: ['', '66', 'F3', 'F2'].indexOf(pp), map: ['', '0F', '0F38', '0F3A'].indexOf(map!),
    w: w === 'WIG' ? null : w === 'W1' ? 1 : 0, vvvv: operands.some((kind) => kind.endsWith('_vvvv')), is4: text.endsWith('/is4'),
    vsib: vsib === undefined ? null : [vsib[1] === '32' ? 4 : 8, ((vsib[2] === 'x' ? 16 : 32) / (vsib[1] === '32' ? 4 : 8)) as 2 | 4 | 8],
  };
}

let cached: readonly Form[] | null = null;

/** Every form of `x86-64-v3` (and AES, PCLMULQDQ, SHA) that user mode can execute and that is not excluded, in iced's order. */
export function allForms(): readonly Form[] {
  if (cached === null) {
    const forms: Form[] = [];
    for (let code = 1; Code[code] !== undefined; code++) {
      const form = parse(code);
      if (form !== null) forms.push(form);
    }
    cached = forms;
  }
  return cached;
}
