#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>

/* The result of a call, or its error. */
#define T(call) do { errno = 0; long r_ = (long)(call); printf("%s = %ld", #call, r_); if (r_ < 0) printf(" (%s)", strerror(errno)); printf("%s\n", pipes ? " SIGPIPE" : ""); pipes = 0; } while (0)
static int pipes;
static void on_pipe(int signal) { (void)signal; pipes = 1; }
static char buf[1 << 20];
static const int one = 1, zero = 0;

static const char *events(int fd, int asked) {
  static char text[80];
  struct pollfd p = { fd, (short)asked, 0 };
  poll(&p, 1, 0);
  sprintf(text, "%s%s%s%s%s%s", p.revents & POLLIN ? "in " : "", p.revents & POLLOUT ? "out " : "", p.revents & POLLERR ? "err " : "", p.revents & POLLHUP ? "hup " : "",
          p.revents & POLLRDHUP ? "rdhup " : "", p.revents & ~(POLLIN | POLLOUT | POLLERR | POLLHUP | POLLRDHUP) ? "more" : "");
  return text;
}
#define P(fd) printf("poll %s: %s\n", #fd, events(fd, POLLIN | POLLOUT | POLLRDHUP))
static void option(int fd, int level, int name, const char *text) {
  unsigned char v[300];
  socklen_t n = sizeof v;
  memset(v, 0x55, sizeof v);
  errno = 0;
  int r = getsockopt(fd, level, name, v, &n);
  printf("%s = %d", text, r);
  if (r < 0) printf(" (%s)", strerror(errno));
  else { printf(" %u:", n); for (unsigned i = 0; i < n && i < 24; i++) printf(" %02x", v[i]); }
  printf("\n");
}
#define G(fd, level, name) option(fd, level, name, #fd " " #name)
#define S(fd, level, name, value) do { int v_ = value; errno = 0; int r_ = setsockopt(fd, level, name, &v_, sizeof v_); printf("set %s %s %s = %d", #fd, #name, #value, r_); if (r_ < 0) printf(" (%s)", strerror(errno)); printf("\n"); } while (0)
static int number(int fd, unsigned long request) { int v = -1; if (ioctl(fd, request, &v) < 0) return -errno; return v; }
