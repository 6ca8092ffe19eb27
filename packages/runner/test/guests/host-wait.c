// Waits for output of what can only be read, where there is input: no event comes, and the time-out does.
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>

int main(void) {
  const short wanted[] = {POLLOUT, POLLPRI, POLLWRNORM | POLLRDHUP, 0};
  for (int i = 0; i < 4; i++) {
    struct pollfd fd = {.fd = 0, .events = wanted[i]};
    int count = poll(&fd, 1, 20);
    printf("poll %d %d\n", count, fd.revents);
    struct epoll_event event = {.events = (unsigned)wanted[i]};
    int epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event);
    printf("epoll %d\n", epoll_wait(epoll, &event, 1, 20));
  }
  return getchar();
}
