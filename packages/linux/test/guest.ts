import { SYS, type SyscallName } from '@tally86/abi';
import { CELL, type CpuState, type Engine, type EngineFactory, REG, type Stop } from '@tally86/core';
import type { KernelOptions, MachineFiles, Process, Task } from '../src/index.ts';
import { cellNumber, setCell } from '../src/sched/cpu-switch.ts';
import { createTestMachine, spawn, testFiles, type TestMachine } from './harness.ts';

export type Argument = number | bigint;
const ARGUMENT_REGISTERS = [REG.rdi, REG.rsi, REG.rdx, REG.r10, REG.r8, REG.r9];

/** A process whose instructions are told by the test: system calls, stops, or idle time. */
export interface Guest extends TestMachine {
  readonly task: Task;
  readonly process: Process;
  readonly cpu: CpuState;
  /** Executes a system call to its end; the result as a signed number. */
  call(name: SyscallName | number, ...args: readonly Argument[]): number;
  /** Starts one that may sleep. */
  start(name: SyscallName | number, ...args: readonly Argument[]): void;
  /** The engine returns this stop once. */
  stop(stop: Stop): void;
  /** Runs that many instructions. */
  idle(instructions: number): void;
  peek(address: number, length: number): Uint8Array;
  poke(address: number, bytes: Uint8Array): void;
  register(index: number): bigint;
}

/** A static program of one page of code at 0x400000 and one of data at 0x401000. */
export function tinyProgram(): Uint8Array {
  const bytes = new Uint8Array(0x2000);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 62, true);
  view.setBigUint64(24, 0x400100n, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  const segments = [[5, 0, 0x400000, 0x1000, 0x1000], [6, 0x1000, 0x401000, 0x1000, 0x1000]] as const;
  segments.forEach(([flags, offset, vaddr, filesz, memsz], index) => {
    const at = 64 + index * 56;
    view.setUint32(at, 1, true);
    view.setUint32(at + 4, flags, true);
    [offset, vaddr, vaddr, filesz, memsz, 0x1000].forEach((value, i) => view.setBigUint64(at + 8 + i * 8, BigInt(value), true));
  });
  return bytes;
}

export const DATA = 0x401000;

export function createGuest(options: Partial<KernelOptions> & { budgetBytes?: number; argv?: readonly string[]; envp?: readonly string[]; files?: ReturnType<typeof testFiles>; world?: MachineFiles } = {}): Guest {
  const actions: ((cpu: CpuState) => Stop)[] = [];
  const engine: EngineFactory = {
    name: 'scripted',
    create: ({ cpu }): Engine => ({
      name: 'scripted',
      run(budget) {
        const action = actions.shift();
        setCell(cpu, CELL.retired, cellNumber(cpu, CELL.retired) + (action === undefined ? budget : 1));
        return action === undefined ? { kind: 'budget' } : action(cpu);
      },
      invalidate() {},
      stats: () => ({}),
    }),
  };
  const test = createTestMachine(engine, options);
  const program = tinyProgram();
  const { argv = ['/tiny'], envp = [], files } = options;
  // The program itself is always there, whatever files the test has.
  const own = testFiles({ '/tiny': program });
  own.bind?.(test.machine);
  files?.bind?.(test.machine);
  spawn(test, {}, { path: '/tiny', argv, envp, fs: own.fs, files: files?.files ?? own.files });
  const { machine } = test;
  const process = machine.init;
  const [task] = process.tasks;
  const { cpu } = machine;
  const enter = (name: SyscallName | number, args: readonly Argument[]): void => {
    actions.push(() => {
      cpu.u64[REG.rax] = BigInt.asUintN(64, BigInt(typeof name === 'number' ? name : SYS[name]));
      args.forEach((arg, i) => (cpu.u64[ARGUMENT_REGISTERS[i]] = BigInt.asUintN(64, BigInt(arg))));
      for (let i = args.length; i < 6; i += 1) cpu.u64[ARGUMENT_REGISTERS[i]] = 0n;
      setCell(cpu, CELL.rip, cellNumber(cpu, CELL.rip) + 2);
      return { kind: 'syscall' };
    });
    machine.step(1);
  };
  return {
    ...test, task, process, cpu,
    start: (name, ...args) => enter(name, args),
    call(name, ...args) {
      enter(name, args);
      while (task.state === 'waiting' && machine.exit === null) if (machine.step(1).kind !== 'running') break;
      return Number(cpu.i64[REG.rax]);
    },
    stop(stop) {
      actions.push(() => stop);
      machine.step(1);
      if (machine.exit === null) machine.step(1);
    },
    idle: (instructions) => void machine.step(instructions),
    peek(address, length) {
      const bytes = new Uint8Array(length);
      process.mm.mmu.peek(address, bytes);
      return bytes;
    },
    poke: (address, bytes) => void process.mm.mmu.poke(address, bytes),
    register: (index) => cpu.u64[index],
  };
}
