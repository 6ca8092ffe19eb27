/* epoll on sockets; every line must be the same under the real kernel. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static char text[1024];
#define SAY(...) write(1, text, snprintf(text, sizeof text, __VA_ARGS__))
static long result(long value) { return value < 0 ? -errno : value; }
#define R(call) result(call)

static int ep;
static void show(const char *what) {
  struct epoll_event events[8];
  long n = R(epoll_wait(ep, events, 8, 0));
  int used = snprintf(text, sizeof text, "%s %ld", what, n);
  for (int i = 0; i < n; i++) used += snprintf(text + used, sizeof text - used, " %d:%x", events[i].data.fd, events[i].events);
  used += snprintf(text + used, sizeof text - used, "\n");
  write(1, text, used);
}
static void add(int fd, unsigned events, int name) {
  struct epoll_event e = {events, {.fd = name}};
  long n = R(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
  if (n != 0) SAY("add %ld\n", n);
}

static void pair(int type, unsigned how) {
  int s[2];
  char buffer[70000];
  ep = epoll_create1(0);
  socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, s);
  SAY("type %d how %x\n", type, how);
  add(s[0], EPOLLIN | EPOLLOUT | EPOLLRDHUP | how, 1);
  add(s[1], EPOLLIN | EPOLLRDHUP | how, 2);
  show("new");
  show("again");
  write(s[0], "hello", 5);
  show("written");
  show("again");
  read(s[1], buffer, 2);
  if (type == SOCK_STREAM) show("partly read");
  read(s[1], buffer, 10);
  show("read");
  read(s[1], buffer, 10);
  write(s[1], "x", 1);
  show("answered");
  read(s[0], buffer, 10);
  shutdown(s[1], SHUT_WR);
  show("shut down");
  close(s[1]);
  show("closed");
  close(s[0]);
  show("both");
  close(ep);
}

static void tcp(unsigned how) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  char buffer[100];
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  ep = epoll_create1(0);
  SAY("tcp how %x\n", how);
  add(client, EPOLLIN | EPOLLOUT | EPOLLRDHUP | how, 1);
  show("unconnected");
  bind(listener, (void *)&address, sizeof address);
  listen(listener, 5);
  getsockname(listener, (void *)&address, &size);
  add(listener, EPOLLIN | how, 3);
  show("listening");
  long n = R(connect(client, (void *)&address, sizeof address));
  SAY("connect %d\n", n == 0 || n == -EINPROGRESS);
  usleep(20000);
  show("connected");
  show("again");
  int server = accept4(listener, 0, 0, SOCK_NONBLOCK);
  add(server, EPOLLIN | EPOLLRDHUP | how, 2);
  show("accepted");
  write(client, "hello", 5);
  usleep(20000);
  show("written");
  read(server, buffer, 100);
  show("read");
  shutdown(client, SHUT_WR);
  usleep(20000);
  show("shut down");
  SAY("end %ld\n", R(read(server, buffer, 100)));
  write(server, "bye", 3);
  usleep(20000);
  show("answered");
  close(server);
  usleep(20000);
  show("closed");
  SAY("read %ld %ld\n", R(read(client, buffer, 100)), R(read(client, buffer, 100)));
  close(client);
  close(listener);
  show("all closed");
  close(ep);
}

static volatile int count, code;
static void handler(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  count++;
  code = info->si_code;
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  pair(SOCK_STREAM, 0);
  pair(SOCK_STREAM, EPOLLET);
  pair(SOCK_DGRAM, 0);
  pair(SOCK_SEQPACKET, 0);
  tcp(0);
  tcp(EPOLLET);
  int s[2];
  char c;
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &action, 0);
  socketpair(AF_UNIX, SOCK_STREAM, 0, s);
  fcntl(s[0], F_SETOWN, getpid());
  fcntl(s[0], F_SETSIG, SIGRTMIN);
  fcntl(s[0], F_SETFL, O_ASYNC);
  write(s[1], "x", 1);
  SAY("signals %d code %d\n", count > 0, code);
  read(s[0], &c, 1);
  return 0;
}
