/** A member of a heap of deadlines. */
export interface Deadline<T> {
  readonly item: T;
  /** Monotonic nanoseconds. */
  readonly time: number;
  /** Of equal times the one that came first is due first. */
  readonly order: number;
  /** Where it is in the heap; −1: not in it. */
  at: number;
}

/** Deadlines by time: the first is found at once, the others cost the logarithm of their number. */
export interface DeadlineHeap<T> {
  /** Infinity if there is none. */
  readonly next: number;
  add(item: T, time: number): Deadline<T>;
  remove(deadline: Deadline<T>): void;
  /** Takes the first one if it is due. */
  take(now: number): T | undefined;
}

/** An empty heap. */
export function createDeadlineHeap<T>(): DeadlineHeap<T> {
  const heap: Deadline<T>[] = [];
  let orders = 0;
  const isBefore = (a: Deadline<T>, b: Deadline<T>): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);
  const put = (deadline: Deadline<T>, at: number): void => {
    heap[at] = deadline;
    deadline.at = at;
  };
  const rise = (deadline: Deadline<T>, from: number): void => {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(deadline, heap[parent])) break;
      put(heap[parent], at);
      at = parent;
    }
    put(deadline, at);
  };
  const sink = (deadline: Deadline<T>, from: number): void => {
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
      if (!isBefore(heap[child], deadline)) break;
      put(heap[child], at);
      at = child;
    }
    put(deadline, at);
  };
  const remove = (deadline: Deadline<T>): void => {
    const { at } = deadline;
    if (at < 0) return;
    deadline.at = -1;
    const last = heap.pop()!;
    if (last === deadline) return;
    if (at > 0 && isBefore(last, heap[(at - 1) >> 1])) rise(last, at);
    else sink(last, at);
  };
  return {
    get next() {
      return heap.length === 0 ? Infinity : heap[0].time;
    },
    add(item, time) {
      const deadline: Deadline<T> = { item, time, order: (orders += 1), at: heap.length };
      rise(deadline, heap.length);
      return deadline;
    },
    remove,
    take(now) {
      if (heap.length === 0 || heap[0].time > now) return undefined;
      const [first] = heap;
      remove(first);
      return first.item;
    },
  };
}
