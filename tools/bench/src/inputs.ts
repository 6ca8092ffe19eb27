/** Input files of the real programs, made by arithmetic: the same bytes everywhere, nothing to download and nothing to commit. */

/** A generator of 31-bit numbers; returns whole numbers below its argument. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % limit;
  };
}

/** Text of `bytes` bytes that packs as prose does: words of a vocabulary, frequent ones more often, in lines. */
export function prose(bytes: number, seed = 1): Buffer {
  const random = randomFrom(seed);
  const vocabulary = Array.from({ length: 4096 }, () => Array.from({ length: 2 + random(8) }, () => 'etaoinshrdlcumwfgypb'[random(1 + random(20))]).join(''));
  const out = Buffer.alloc(bytes);
  let at = 0;
  for (let word = 1; at < bytes; word++) at += out.write(vocabulary[random(1 + random(1 + random(4096)))]! + (word % 12 === 0 ? '.\n' : ' '), at, 'latin1');
  return out;
}

/** A C file of `functions` functions that includes nothing: loops, switches, structs, tables and calls among them. */
export function cSource(functions: number, seed = 1): string {
  const random = randomFrom(seed);
  const lines = ['typedef unsigned long u64;', 'typedef struct node { struct node *next; u64 key, value; int kind; char name[16]; } node;', 'extern node *find(u64 key);', 'extern void put(const char *, u64);'];
  const expression = (depth: number): string => {
    if (depth === 0) return ['a', 'b', 'c', 'p->key', 'p->value', 't[a & 7]', String(1 + random(999))][random(7)]!;
    const [x, y] = [expression(depth - 1), expression(depth - 1)];
    return [`(${x} + ${y})`, `(${x} ^ ${y})`, `(${x} * ${y})`, `(${x} > ${y} ? ${x} : ${y})`, `(${x} >> (${y} & 31))`, `(${x} / (${y} | 1))`][random(6)]!;
  };
  for (let i = 0; i < functions; i++) {
    const callee = i === 0 ? 'b' : `f${random(i)}(p, ${expression(1)}, c)`;
    lines.push(
      `static const u64 t${i}[8] = {${Array.from({ length: 8 }, () => random(1 << 20)).join(', ')}};`,
      `u64 f${i}(node *p, u64 a, u64 b) {`, `  const u64 *t = t${i};`, '  u64 c = a ^ b;',
      `  for (u64 i = 0; i < (a & ${1 + random(255)}); i++) {`, `    c += ${expression(2)};`, `    if (${expression(1)} < ${expression(1)}) p = p->next ? p->next : find(c);`, '  }',
      '  switch (c & 7) {', ...Array.from({ length: 6 }, (_, k) => `    case ${k}: b ${'+-^|*'[random(5)]}= ${expression(2)}; break;`), `    default: a = ${callee};`, '  }',
      `  while (p && p->kind != ${random(9)}) { p->value += ${expression(2)}; put(p->name, p->value); p = p->next; }`, `  return a + ${expression(0).replace(/p->\w+/, 'c')} * b - c;`, '}');
  }
  return `${lines.join('\n')}\n`;
}
