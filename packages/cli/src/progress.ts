/** A line on stderr about a long run: only on a terminal, from the third second on. */
export interface Progress {
  update(instructions: number): void;
  /** Wipes the line. */
  end(): void;
}

const QUIET: Progress = { update() {}, end() {} };

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return QUIET;
  const start = performance.now();
  let last = start;
  let shown = false;
  return {
    update(instructions) {
      const now = performance.now();
      if (now - start < 3000 || now - last < 200) return;
      last = now;
      shown = true;
      const seconds = (now - start) / 1000;
      stream.write(`\r\x1b[Ktally86: ${(instructions / 1e9).toFixed(2)} billion instructions, ${(instructions / seconds / 1e6).toFixed(0)} million a second`);
    },
    end() {
      if (shown) stream.write('\r\x1b[K');
    },
  };
}
