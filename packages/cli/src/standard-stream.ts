const prepared = new Set<'stdout' | 'stderr'>();

/** A standard stream of ours. Node loads its sockets to make one: not before something is written. Who reads may stop at any line, as `head` does. */
export function standardStream(name: 'stdout' | 'stderr'): NodeJS.WriteStream {
  const stream = process[name];
  if (!prepared.has(name)) stream.on('error', endOfReader);
  prepared.add(name);
  return stream;
}

function endOfReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
