import { expect, it } from 'vitest';
import { createPidAllocator, PID_MAX } from './pids.ts';
import type { Process, Task } from './types.ts';

const set = (first = 1000) => {
  const tasks = new Map<number, Task>();
  const processes = new Map<number, Process>();
  return { tasks, processes, pids: createPidAllocator(first, tasks, processes) };
};

it('numbers rise, and what ended is not given again before the round is over', () => {
  const { pids } = set();
  expect([pids.next(), pids.next(), pids.next()]).toEqual([1000, 1001, 1002]);
});

it('a number in use is skipped: of a thread, a process, a group or a session, also one that was chosen', () => {
  const { pids, tasks, processes } = set(PID_MAX - 2);
  expect([pids.next(), pids.next(), pids.next(), pids.next()]).toEqual([PID_MAX - 2, PID_MAX - 1, 300, 301]);
  tasks.set(302, {} as Task);
  processes.set(303, { processGroup: 304, session: 305 } as Process);
  expect(pids.next()).toBe(306);
  expect([302, 303, 304, 305, 306].map((pid) => pids.isUsed(pid))).toEqual([true, true, true, true, false]);
});

it('a chosen number in front of the sequence is skipped while it is in use', () => {
  const { pids, tasks } = set();
  expect([pids.next(), pids.claim(1001), pids.isUsed(1001)]).toEqual([1000, 1001, false]);
  tasks.set(1001, {} as Task);
  expect([pids.isUsed(1001), pids.next()]).toEqual([true, 1002]);
});

it('only those who live count: ten thousand more take no longer each', () => {
  const { pids, processes } = set();
  let looked = 0;
  const counted = { get processGroup() { looked++; return 1; }, session: 1 } as unknown as Process;
  for (let i = 0; i < 10_000; i++) processes.set(pids.next(), counted);
  expect(looked).toBe(0);
});
