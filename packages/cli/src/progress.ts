import { standardStream } from './standard-stream.ts';

/** A line on stderr about a long run: only on a terminal, from the third second on. */
export interface Progress {
  update(instructions: number): void;
  /** Wipes the line. */
  end(): void;
}

/** Milliseconds; `performance` is something that Node loads when it is first asked for. */
const now = (): number => process.uptime() * 1000;

export function createProgress(): Progress {
  const start = now();
  let last = start;
  let shown = false;
  return {
    update(instructions) {
      const time = now();
      if (time - start < 3000 || time - last < 200) return;
      last = time;
      // not looked at before: most programs end sooner than Node has made it
      const stream = standardStream('stderr');
      if (!stream.isTTY) return;
      shown = true;
      const seconds = (time - start) / 1000;
      stream.write(`\r\x1b[Ktally86: ${(instructions / 1e9).toFixed(2)} billion instructions, ${(instructions / seconds / 1e6).toFixed(0)} million a second`);
    },
    end() {
      if (shown) standardStream('stderr').write('\r\x1b[K');
    },
  };
}
