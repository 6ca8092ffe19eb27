import { E } from '@tally86/abi';
import type { FileObserver, FileOperations, OpenFile } from './open-file.ts';

/** Instances in a chain, but the first, at most (fs/eventpoll.c, EP_MAX_NESTS). */
const MAX_NESTS = 4;
/** Ways on which a file may wake instances that nobody watches, by their number of steps; those of one step are free. */
const PATH_LIMITS = [Infinity, 500, 100, 50, 10];

/** What the walks need to know of an instance and its items. */
export interface Nesting extends FileOperations {
  /** Known once something is watched. */
  readonly file: OpenFile | null;
  watched(): Iterable<NestedItem>;
}
export interface NestedItem extends FileObserver {
  readonly epoll: Nesting;
  readonly file: OpenFile;
}

const isNesting = (operations: FileOperations): operations is Nesting => 'watched' in operations;
const isItem = (observer: FileObserver): observer is NestedItem => 'epoll' in observer;
const watchersOf = (file: OpenFile): NestedItem[] => [...(file.observers ?? [])].filter(isItem);

/**
 * May the instance `self` watch `file`? Without `added`, before: −ELOOP for a circle, or a chain that is too long. With the item that was
 * added: −EINVAL if an event would now spread over too many ways.
 */
export function nestingError(self: OpenFile, file: OpenFile, added?: NestedItem): number {
  if (added !== undefined) return spreadsTooFar(file) ? -E.EINVAL : 0;
  const below = depthBelow(file, self, new Map());
  return below > MAX_NESTS || below + 1 + depthAbove(self, new Map()) > MAX_NESTS ? -E.ELOOP : 0;
}

/** Instances in the longest chain below; Infinity if `self` is among them. */
function depthBelow(file: OpenFile, self: OpenFile, known: Map<OpenFile, number>): number {
  if (file === self) return Infinity;
  const before = known.get(file);
  if (before !== undefined) return before;
  let depth = 0;
  known.set(file, depth);
  if (isNesting(file.operations)) {
    for (const item of file.operations.watched()) {
      if (isNesting(item.file.operations)) depth = Math.max(depth, depthBelow(item.file, self, known) + 1);
      if (depth > MAX_NESTS) break;
    }
  }
  known.set(file, depth);
  return depth;
}

/** Instances in the longest chain of those that watch the file. */
function depthAbove(file: OpenFile, known: Map<OpenFile, number>): number {
  const before = known.get(file);
  if (before !== undefined) return before;
  let depth = 0;
  for (const { epoll: { file: above } } of watchersOf(file)) {
    if (above !== null) depth = Math.max(depth, depthAbove(above, known) + 1);
    if (depth > MAX_NESTS) break;
  }
  known.set(file, depth);
  return depth;
}

/** reverse_path_check, from every plain file below the one that was added. */
function spreadsTooFar(added: OpenFile): boolean {
  const sources = new Set<OpenFile>();
  const visit = (file: OpenFile): void => {
    if (sources.has(file)) return;
    sources.add(file);
    if (isNesting(file.operations)) for (const item of file.operations.watched()) visit(item.file);
  };
  visit(added);
  return [...sources].some((source) => {
    if (isNesting(source.operations)) return false;
    return climb(source, 0, PATH_LIMITS.map(() => 0));
  });
}

function climb(file: OpenFile, steps: number, counts: number[]): boolean {
  if (steps >= PATH_LIMITS.length) return true;
  for (const { epoll: { file: above } } of watchersOf(file)) {
    if (above !== null && watchersOf(above).length > 0) {
      if (climb(above, steps + 1, counts)) return true;
    } else if ((counts[steps]! += 1) > PATH_LIMITS[steps]!) return true;
  }
  return false;
}
