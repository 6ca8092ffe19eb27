/** poll(2) and epoll(7) (asm-generic/poll.h, linux/eventpoll.h). */
export const POLL = {
  IN: 0x001, PRI: 0x002, OUT: 0x004, ERR: 0x008, HUP: 0x010, NVAL: 0x020, RDNORM: 0x040, RDBAND: 0x080, WRNORM: 0x100, WRBAND: 0x200,
  MSG: 0x400, REMOVE: 0x1000, RDHUP: 0x2000,
} as const;
export const EPOLL = { CTL_ADD: 1, CTL_DEL: 2, CTL_MOD: 3, EXCLUSIVE: 0x1000_0000, WAKEUP: 0x2000_0000, ONESHOT: 0x4000_0000, ET: 0x8000_0000, CLOEXEC: 0o2000000 } as const;
/** struct epoll_event is packed on x86-64: the 8 bytes of the user's data follow the events at once. */
export const EPOLL_EVENT_SIZE = 12;
export const EFD = { SEMAPHORE: 1, CLOEXEC: 0o2000000, NONBLOCK: 0o4000 } as const;
/** timerfd_create(2), timerfd_settime(2) (linux/timerfd.h). */
export const TFD = { TIMER_ABSTIME: 1, TIMER_CANCEL_ON_SET: 2, CLOEXEC: 0o2000000, NONBLOCK: 0o4000 } as const;
/** signalfd4(2). */
export const SFD = { CLOEXEC: 0o2000000, NONBLOCK: 0o4000 } as const;
