import { E, S } from '@tally86/abi';
import type { ByteString, Dentry } from '@tally86/core';
import { DentryNode } from './dentry.ts';
import type { TreeObserver } from './observer.ts';
import { type AccessIdentity, inodePermission, MAY } from './permission.ts';

/** Symbolic links followed in one walk (include/linux/namei.h, MAXSYMLINKS). */
const MAX_SYMLINKS = 40;
const NAME_MAX = 255;
/** Identity of the mount at the root of the tree. */
export const ROOT_MOUNT = 1;

/** Where a walk starts, and for whom. */
export interface WalkContext {
  readonly root: Dentry;
  /** Where relative paths start. */
  readonly cwd: Dentry;
  readonly who: AccessIdentity;
  readonly observer?: TreeObserver;
}

export interface WalkOptions {
  /** The last component may be a link that is followed. Default true. */
  readonly follow?: boolean;
  /** RESOLVE_* of openat2(2). */
  readonly noSymlinks?: boolean;
  readonly noMagicLinks?: boolean;
  readonly noXdev?: boolean;
  readonly beneath?: boolean;
}

/** The last component of a path, not yet looked up. */
export interface LastComponent {
  readonly directory: DentryNode;
  /** `''`, `.` and `..` are no names: the path was `/`, or ended so. */
  readonly name: ByteString;
  /** A slash follows: it must be a directory. */
  readonly slash: boolean;
}

/** One walk along a path, as the kernel does it (fs/namei.c, link_path_walk). */
export class PathWalk {
  readonly #context: WalkContext;
  readonly #options: WalkOptions;
  readonly #start: DentryNode;
  #at: DentryNode;
  #rest: ByteString;
  #links = 0;

  constructor(context: WalkContext, path: ByteString, options: WalkOptions) {
    this.#context = context;
    this.#options = options;
    this.#rest = path;
    this.#start = this.#at = context.cwd as DentryNode;
  }

  /** The whole path. */
  toEnd(): DentryNode | number {
    const follow = this.#options.follow ?? true;
    for (;;) {
      const last = this.toLast();
      if (typeof last === 'number') return last;
      const found = this.enter(last);
      if (typeof found === 'number') return found;
      if (found.inode.type === S.IFLNK && (follow || last.slash)) {
        const jumped = this.followLink(found, last.slash);
        if (typeof jumped === 'number') {
          if (jumped < 0) return jumped;
          continue;
        }
        return last.slash && jumped.inode.type !== S.IFDIR ? -E.ENOTDIR : jumped;
      }
      return last.slash && found.inode.type !== S.IFDIR ? -E.ENOTDIR : found;
    }
  }

  /** All but the last component, following every link on the way. */
  toLast(): LastComponent | number {
    if (this.#rest === '') return -E.ENOENT;
    const error = this.#rest[0] === '/' ? this.#toRoot() : 0;
    if (error < 0) return error;
    for (;;) {
      const rest = this.#rest;
      let begin = 0;
      while (rest.charCodeAt(begin) === 0x2f) begin++;
      if (begin === rest.length) return { directory: this.#at, name: '', slash: true };
      let end = rest.indexOf('/', begin);
      if (end < 0) end = rest.length;
      let next = end;
      while (rest.charCodeAt(next) === 0x2f) next++;
      const name = rest.slice(begin, end);
      const error = this.#maySearch();
      if (error < 0) return error;
      if (name.length > NAME_MAX) return -E.ENAMETOOLONG;
      const last = { directory: this.#at, name, slash: next > end };
      if (next === rest.length) {
        this.#rest = '';
        return last;
      }
      const found = this.enter(last);
      if (typeof found === 'number') return found;
      const remaining = (this.#rest = rest.slice(next));
      if (found.inode.type !== S.IFLNK) {
        this.#at = found;
      } else {
        const jumped = this.followLink(found, false);
        if (typeof jumped !== 'number') {
          this.#at = jumped;
        } else {
          if (jumped < 0) return jumped;
          this.#rest += `/${remaining}`;
          const error = this.#rest[0] === '/' ? this.#toRoot() : 0;
          if (error < 0) return error;
        }
      }
      if (this.#at.inode.type !== S.IFDIR) return -E.ENOTDIR;
    }
  }

  /** Looks the component up: what it names, links not followed. −ENOENT. */
  enter({ directory, name }: LastComponent): DentryNode | number {
    if (name === '' || name === '.') return directory;
    if (name === '..') return this.#up(directory);
    const found = lookup(directory, name);
    if (typeof found !== 'number' && this.#options.noXdev && found.mount !== directory.mount) return -E.EXDEV;
    return found;
  }

  /** Goes where a link leads: an object (it jumps), −errno, or 0 if its text is now what remains to be walked. */
  followLink(link: DentryNode, slash: boolean): DentryNode | number {
    if (this.#options.noSymlinks || ++this.#links > MAX_SYMLINKS) return -E.ELOOP;
    if (link.inode.jump !== undefined) {
      if (this.#options.noMagicLinks || this.#options.beneath) return -E.ELOOP;
      const target = link.inode.jump();
      return target as DentryNode | number;
    }
    const text = link.inode.readlink();
    if (typeof text === 'number') return text;
    if (text === '') return -E.ENOENT;
    this.#at = link.parent ?? this.#at;
    this.#rest = slash ? `${text}/` : text;
    return 0;
  }

  /** An absolute path or link (nd_jump_root): only a link counts as a step to another mount. */
  #toRoot(): number {
    const root = this.#context.root as DentryNode;
    if (this.#options.beneath || (this.#options.noXdev && this.#links > 0 && root.mount !== this.#at.mount)) return -E.EXDEV;
    this.#at = root;
    return 0;
  }

  #maySearch(): number {
    if (this.#at.inode.type !== S.IFDIR) return -E.ENOTDIR;
    return inodePermission(this.#at.inode, MAY.EXEC, this.#context.who);
  }

  #up(directory: DentryNode): DentryNode | number {
    if (this.#options.beneath && directory === this.#start) return -E.EXDEV;
    if (directory === this.#context.root) return directory;
    const parent = directory.parent ?? directory.mount.parent ?? directory;
    return this.#options.noXdev && parent.mount !== directory.mount ? -E.EXDEV : parent;
  }
}

/** A name in a directory, with what is mounted there. */
export function lookup(directory: DentryNode, name: ByteString): DentryNode | number {
  const mount = directory.mounts?.get(name);
  if (mount !== undefined) return mount.root;
  const inode = directory.inode.lookup(name);
  if (typeof inode !== 'number') return directory.child(name, inode);
  if (inode === -E.ENOENT) directory.removed(name);
  return inode;
}

/** The path of an entry below `root`, as d_path() of the kernel shows it. */
export function pathOf(dentry: Dentry, root: Dentry): ByteString {
  // Pipes and the like are on mounts without a place, and only have a name.
  if (dentry.mount.parent === null && dentry.mount.id !== ROOT_MOUNT) return dentry.name;
  const parts: ByteString[] = [];
  let at: Dentry = dentry;
  while (at !== root) {
    const { parent, mount } = at;
    const above = parent ?? mount.parent;
    if (above === null) break;
    parts.push(parent === null ? mount.name : at.name);
    at = above;
  }
  return `${at === root ? '' : '(unreachable)'}/${parts.reverse().join('/')}${dentry.deleted ? ' (deleted)' : ''}`;
}
