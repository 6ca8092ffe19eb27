import { describe, expect, it } from 'vitest';
import type { Task } from '../kernel/types.ts';
import { createScheduler } from './scheduler.ts';
import { roundRobin, seededTurns, type Turns } from './turns.ts';
import { createWaitQueue, type Wait } from './wait.ts';

const taskOf = (tid: number): Task => ({ tid, state: 'running', wait: null, wakeReason: null, process: { stopped: 0 } }) as unknown as Task;

/** Who runs for how many instructions, if none ever sleeps and the host runs `slice` instructions at a time. */
function interleaving(turns: Turns, slice: number, instructions = 10_000): string {
  const scheduler = createScheduler(turns);
  for (const tid of [1, 2, 3]) scheduler.add(taskOf(tid));
  const runs: [number, number][] = [];
  let left = 0;
  for (let done = 0; done < instructions; ) {
    if (left === 0) left = slice;
    const task = scheduler.next()!;
    const used = Math.min(left, scheduler.turn, instructions - done);
    scheduler.spend(used);
    const last = runs.at(-1);
    if (last?.[0] === task.tid) last[1] += used;
    else runs.push([task.tid, used]);
    left -= used;
    done += used;
  }
  return runs.join(' ');
}

describe('the scheduler', () => {
  it('gives every task its quantum in turn', () => {
    expect(interleaving(roundRobin(1000), 10_000, 5000)).toBe('1,1000 2,1000 3,1000 1,1000 2,1000');
  });
  it.each([[roundRobin], [(quantum: number) => seededTurns(quantum, 42n)]])('does not care how a run is cut in slices', (turns) => {
    const whole = interleaving(turns(1000), 1e9);
    for (const slice of [1, 7, 999, 1000, 1001]) expect(interleaving(turns(1000), slice)).toBe(whole);
  });
  it('has another interleaving for each seed', () => {
    const all = new Set([1n, 2n, 3n, 1n << 32n].map((seed) => interleaving(seededTurns(1000, seed), 1e9)));
    expect(all.size).toBe(4);
  });
  it('keeps stopped tasks from running, and lets them again', () => {
    const scheduler = createScheduler(roundRobin(10));
    const [a, b] = [taskOf(1), taskOf(2)];
    scheduler.add(a);
    scheduler.add(b);
    (a.process as { stopped: number }).stopped = 19;
    expect(scheduler.next()).toBe(b);
    (a.process as { stopped: number }).stopped = 0;
    scheduler.spend(10);
    expect(scheduler.next()).toBe(a);
  });
  it('wakes sleepers by event, time and signal, and forgets them then', () => {
    const scheduler = createScheduler(roundRobin(10));
    const queue = createWaitQueue();
    const sleepers = [1, 2, 3].map(taskOf);
    const wait: Wait = { kind: 'wait', what: 'a test', queues: [queue], deadline: 50, wake: () => wait };
    for (const task of sleepers) scheduler.park(task, wait);
    expect([scheduler.next(), scheduler.nextDeadline(), queue.size]).toEqual([null, 50, 3]);
    queue.wake(1);
    scheduler.wake(sleepers[2], 'signal');
    scheduler.expire(49);
    expect(sleepers.map(({ wakeReason }) => wakeReason)).toEqual(['event', null, 'signal']);
    scheduler.expire(50);
    expect(sleepers.map(({ wakeReason }) => wakeReason)).toEqual(['event', 'timeout', 'signal']);
    expect(scheduler.nextDeadline()).toBe(Infinity);
    for (const task of sleepers) scheduler.unpark(task);
    expect([queue.size, [...scheduler.sleepers()]]).toEqual([0, []]);
  });
  it.each([[900_000, false], [1_100_000, true]])('who ran %d instructions more than a sleeper that it wakes gives up its turn: %s', (instructions, gives) => {
    const scheduler = createScheduler(roundRobin(1e9));
    const [runner, sleeper] = [taskOf(1), taskOf(2)];
    const wait: Wait = { kind: 'wait', what: 'a test', queues: [], deadline: Infinity, wake: () => wait };
    scheduler.add(runner);
    scheduler.next();
    scheduler.park(sleeper, wait);
    scheduler.spend(instructions);
    scheduler.wake(sleeper, 'event');
    expect(scheduler.next()).toBe(gives ? sleeper : runner);
  });
  it('a sleeper saves up no more than a little', () => {
    const scheduler = createScheduler(roundRobin(1e12));
    const [runner, sleeper] = [taskOf(1), taskOf(2)];
    const wait: Wait = { kind: 'wait', what: 'a test', queues: [], deadline: Infinity, wake: () => wait };
    scheduler.add(runner);
    scheduler.next();
    scheduler.park(sleeper, wait);
    scheduler.spend(1e9);
    scheduler.wake(sleeper, 'event');
    expect(scheduler.next()).toBe(sleeper);
    // it went on for longer than its credit: who waited is not made to wait again for all of the sleep
    scheduler.spend(2_500_000);
    scheduler.park(sleeper, wait);
    expect(scheduler.next()).toBe(runner);
    scheduler.wake(sleeper, 'event');
    expect(scheduler.next()).toBe(runner);
  });
});
