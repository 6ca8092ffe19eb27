import type { Engine, EnginePort } from '@tally86/core';
import type { AddressSpace } from '../mm/address-space.ts';

/** An engine and who is executed by it. Forked processes share one for as long as their code lies in the same frames. */
interface Context {
  readonly engine: Engine;
  readonly port: EnginePort;
  readonly users: Set<AddressSpace>;
  /** What it executed last: it may still know what that means. */
  program: string;
  /** When it was entered last, for the choice of one to take away. */
  entered: number;
}

/** The engines of a machine, one for each program that runs: translations of one address space mean nothing in another. */
export interface Engines {
  /** The one that executes the running task. */
  readonly current: Engine;
  /** All there are, in order of creation. */
  readonly all: readonly Engine[];
  /** The address space is executed from now on; an engine that it gets anew is preferably one that executed its program before. */
  enter(mm: AddressSpace): void;
  /** A forked child: the engine of its parent knows its code. */
  share(parent: AddressSpace, child: AddressSpace): void;
  /** The address space is given up. */
  leave(mm: AddressSpace): void;
  /** Counters of all engines, in sum. */
  stats(): Readonly<Record<string, number>>;
}

/** So many engines are kept for programs that may run again, before others get them. */
const MOST_IDLE = 6;

/** `create` makes the engine of a port. The first one is made at once. */
export function createEngines(first: EnginePort, create: (port: EnginePort) => Engine): Engines {
  const contexts: Context[] = [];
  const contextOf = new Map<AddressSpace, Context>();
  let entered: AddressSpace | null = null;
  let entries = 0;
  const add = (port: EnginePort): Context => {
    const context: Context = { engine: create(port), port, users: new Set(), program: '', entered: 0 };
    contexts.push(context);
    return context;
  };
  let current = add(first);

  /** The engine that was not entered for the longest time, preferably one that nobody needs. */
  function oldest(): Context {
    const idle = contexts.filter(({ users }) => users.size === 0);
    return (idle.length > 0 ? idle : contexts).reduce((a, b) => (b.entered < a.entered ? b : a));
  }
  function assign(mm: AddressSpace, context: Context): void {
    contextOf.set(mm, context);
    context.users.add(mm);
    mm.mmu.port = context.port;
  }
  function leave(mm: AddressSpace): void {
    const context = contextOf.get(mm);
    if (context !== undefined) {
      context.users.delete(mm);
      context.program = mm.program;
      contextOf.delete(mm);
    }
    mm.mmu.detach();
    if (entered === mm) entered = null;
  }
  /** An engine that knows nothing, or is told that nothing is mapped any more. */
  function acquire(mm: AddressSpace): Context {
    const idle = contexts.filter(({ users }) => users.size === 0);
    const known = idle.find(({ program, entered: last }) => last === 0 || program === mm.program);
    const port = known !== undefined || idle.length >= MOST_IDLE ? null : mm.mmu.createPort();
    const context = known ?? (port === null ? oldest() : add(port));
    for (const user of [...context.users]) leave(user);
    if (context.entered > 0) context.port.reset();
    assign(mm, context);
    return context;
  }

  return {
    get current() {
      return current.engine;
    },
    get all() {
      return contexts.map(({ engine }) => engine);
    },
    enter(mm) {
      if (mm === entered) return;
      mm.mmu.activate();
      let context = contextOf.get(mm) ?? acquire(mm);
      if (context.users.size > 1 && !mm.mmu.agrees()) {
        leave(mm);
        context = acquire(mm);
      }
      entries += 1;
      context.entered = entries;
      current = context;
      entered = mm;
    },
    share(parent, child) {
      const context = contextOf.get(parent);
      if (context !== undefined) assign(child, context);
    },
    leave,
    stats() {
      const sum: Record<string, number> = {};
      for (const { engine } of contexts) for (const [name, value] of Object.entries(engine.stats())) sum[name] = (sum[name] ?? 0) + value;
      return contexts.length > 1 ? { engines: contexts.length, ...sum } : sum;
    },
  };
}
