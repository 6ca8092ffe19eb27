import { O, S } from '@tally86/abi';
import { createMemoryFileSystem } from '@tally86/vfs';
import { createDefaultSyscalls, createMachineFiles, type MachineFiles } from '../src/index.ts';
import { createGuest, DATA, type Guest, tinyProgram } from './guest.ts';
import { createWildCalls } from './wild-calls.ts';

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
  const wild = createWildCalls(seed, DATA, [], { maxNumber });
  let machines = 0;
  const fresh = (): Guest => {
    machines += 1;
    const guest = createGuest({ budgetBytes: 1 << 20, syscalls: createDefaultSyscalls(), world: memoryWorld(), strace: machines % 2 === 0 ? () => {} : null });
    guest.call('mmap', 0x1000_0000, 0x2000, 3, 0x32, -1, 0);
    // Names that exist, for path arguments.
    guest.poke(0x1000_0000, new TextEncoder().encode('/tiny\0/dev/zero\0/proc/self/maps\0/dir\0'));
    return guest;
  };
  let guest = fresh();
  for (let round = 0; round < rounds; round += 1) {
    const { number, args } = wild.next();
    if (wild.below(8) === 0) {
      const junk = new Uint8Array(64);
      wild.fill(junk);
      guest.poke(DATA + wild.below(60) * 64, junk);
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
