import { O, S, SYS } from '@tally86/abi';
import { createMemoryFileSystem } from '@tally86/vfs';
import { createDefaultSyscalls, createMachineFiles, createSeededEntropy, type MachineFiles } from '../src/index.ts';
import { createGuest, DATA, type Guest, tinyProgram } from './guest.ts';

const NEVER: ReadonlySet<number> = new Set([SYS.exit, SYS.exit_group]);
const EDGES: readonly bigint[] = [
  0n, 1n, 2n, 3n, 7n, 8n, 16n, 4095n, 4096n, -1n, -2n, -4096n, -100n, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn, 0x1_0000_0000n,
  1n << 46n, (1n << 47n) - 4096n, (1n << 47n) - 1n, 1n << 47n, 1n << 53n, (1n << 53n) + 1n, 1n << 62n, -(1n << 63n), (1n << 63n) - 1n,
  0x1000_0000n, 0x1000_0006n, 0x1000_0010n, 0x1000_0020n, BigInt(DATA), BigInt(DATA) + 8n, BigInt(DATA) + 0xff8n, BigInt(DATA) + 0xfffn, 0x400000n, 0x1000_0000n, 0x1000_1000n, 0x10n, 0x7fff_ffff_e000n,
  0x22n, 0x32n, 0x31n, 0x11n, 0x2000n, 0x10_0000n,
];

/** A tree in memory with the program in it. */
function memoryWorld(): MachineFiles {
  const root = createMemoryFileSystem({ now: () => 0n, maxBytes: 1 << 20 });
  const file = root.root.create('tiny', { mode: S.IFREG | 0o755, uid: 0, gid: 0 });
  const open = typeof file === 'number' ? file : file.open(O.RDWR);
  if (typeof open === 'number') throw new Error(`no program: ${open}`);
  open.write(0, tinyProgram());
  open.close();
  return createMachineFiles({ root, credentials: { fsuid: 1000, fsgid: 1000, groups: [] } });
}

/** Calls random system calls with wild arguments; an exception of ours ends it, naming the call. */
export function fuzzSyscalls(seed: bigint, rounds: number, maxNumber = 470): { calls: number; machines: number } {
  const entropy = createSeededEntropy(seed);
  const word = new Uint32Array(1);
  const random = (n: number): number => {
    entropy.fill(new Uint8Array(word.buffer));
    return word[0] % n;
  };
  let machines = 0;
  const fresh = (): Guest => {
    machines += 1;
    const guest = createGuest({ budgetBytes: 1 << 20, syscalls: createDefaultSyscalls(), world: memoryWorld(), strace: machines % 2 === 0 ? () => {} : null });
    guest.call('mmap', 0x1000_0000, 0x2000, 3, 0x32, -1, 0);
    // Names that exist, for path arguments.
    guest.poke(0x1000_0000, new TextEncoder().encode('/tiny\0/dev/zero\0/proc/self/maps\0/dir\0'));
    return guest;
  };
  const argument = (): bigint => {
    const kind = random(10);
    if (kind < 7) return EDGES[random(EDGES.length)];
    if (kind === 7) return BigInt(random(256));
    if (kind === 8) return BigInt(DATA + random(4096));
    return (BigInt(random(2 ** 32)) << 32n) | BigInt(random(2 ** 32));
  };
  let guest = fresh();
  for (let round = 0; round < rounds; round += 1) {
    const number = random(20) === 0 ? random(2 ** 32) : random(maxNumber);
    if (NEVER.has(number)) continue;
    const args = Array.from({ length: 6 }, argument);
    if (random(8) === 0) {
      const junk = new Uint8Array(64);
      entropy.fill(junk);
      guest.poke(DATA + random(60) * 64, junk);
    }
    try {
      const result = guest.call(number, ...args);
      if (!Number.isInteger(result)) throw new Error(`the result is ${result}`);
    } catch (cause) {
      throw new Error(`system call ${number}(${args.map((arg) => `0x${BigInt.asUintN(64, arg).toString(16)}`).join(', ')}) in round ${round} of seed ${seed}`, { cause });
    }
    if (guest.machine.exit !== null || round % 1000 === 999) guest = fresh();
  }
  return { calls: rounds, machines };
}
