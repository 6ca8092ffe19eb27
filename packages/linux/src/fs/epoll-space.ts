/** Watches that all epoll instances of a machine together may have (/proc/sys/fs/epoll/max_user_watches). */
export const MAX_USER_WATCHES = 262_144;

/** A watched file that only the host makes ready. */
export interface HostedItem {
  readonly epoll: object;
  /** Looks; an edge is a look that finds ready what was not. */
  look(): void;
  /** False: only the guest can change something. */
  readonly waitsForHost: boolean;
  /** Settles when a look may help. */
  hostWait(): Promise<unknown>;
}

/** What all epoll instances of a machine share. */
export class EpollSpace {
  #used = 0;
  readonly #hosted = new Set<HostedItem>();

  /** False: there are too many (ENOSPC). */
  take(): boolean {
    if (this.#used >= MAX_USER_WATCHES) return false;
    this.#used += 1;
    return true;
  }
  give(item: HostedItem): void {
    this.#used -= 1;
    this.#hosted.delete(item);
  }

  addHosted(item: HostedItem): void {
    this.#hosted.add(item);
  }

  /** The host wakes no queue: its files are asked before anybody looks at a ready list. */
  lookAtHost(): void {
    for (const item of this.#hosted) item.look();
  }

  /** The hosted items of one instance; all of them for one that watches others. */
  hosted(epoll: object, all: boolean): readonly HostedItem[] {
    return [...this.#hosted].filter((item) => all || item.epoll === epoll);
  }
}
