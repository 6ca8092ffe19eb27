import { describe, expect, it } from 'vitest';
import { createDeadlineHeap, type Deadline } from './deadlines.ts';
import { seededTurns } from './turns.ts';

describe('deadlines', () => {
  it('are due by time, then in the order they came, whatever was added and removed', () => {
    const heap = createDeadlineHeap<number>();
    const random = seededTurns(2 ** 16, 7n);
    let model: Deadline<number>[] = [];
    for (let step = 0; step < 5000; step += 1) {
      const action = random.length() % 4;
      if (action < 2) model.push(heap.add(step, random.length() % 50));
      else if (action === 2 && model.length > 0) {
        const victim = random.pick(model)!;
        heap.remove(victim);
        heap.remove(victim);
        model = model.filter((other) => other !== victim);
      } else {
        model.sort((a, b) => a.time - b.time || a.order - b.order);
        expect(heap.next).toBe(model[0]?.time ?? Infinity);
        const [first] = model;
        if (first !== undefined && first.time <= 25) model.shift();
        expect(heap.take(25)).toBe(first !== undefined && first.time <= 25 ? first.item : undefined);
      }
    }
    expect(model.length).toBeGreaterThan(100);
  });
});
