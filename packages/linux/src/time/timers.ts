/** What fires at a time on the monotonic clock. */
export interface Timer {
  /** Nanoseconds; Infinity: disarmed. */
  deadline: number;
  /** Called once the deadline has passed, after it was set to Infinity; may arm again. */
  fire(now: number): void;
}

/** The armed timers of a machine, fired in order of deadline, then of arming. */
export interface TimerQueue {
  readonly next: number;
  arm(timer: Timer, deadline: number): void;
  cancel(timer: Timer): void;
  /** Fires what is due; true if anything was. */
  run(now: number): boolean;
}

export function createTimerQueue(): TimerQueue {
  const armed: Timer[] = [];
  const cancel = (timer: Timer): void => {
    const index = armed.indexOf(timer);
    if (index >= 0) armed.splice(index, 1);
    timer.deadline = Infinity;
  };
  return {
    get next() {
      return armed.length === 0 ? Infinity : armed[0].deadline;
    },
    cancel,
    arm(timer, deadline) {
      cancel(timer);
      timer.deadline = deadline;
      if (deadline === Infinity) return;
      let at = armed.length;
      while (at > 0 && armed[at - 1].deadline > deadline) at -= 1;
      armed.splice(at, 0, timer);
    },
    run(now) {
      let fired = false;
      while (armed.length > 0 && armed[0].deadline <= now) {
        const timer = armed.shift()!;
        timer.deadline = Infinity;
        fired = true;
        timer.fire(now);
      }
      return fired;
    },
  };
}
