/* AF_UNIX: every call on pairs, names, listeners and datagrams, with what goes wrong. */
#include "sockets.h"

static struct sockaddr_un un(const char *path) { struct sockaddr_un a = { AF_UNIX, "" }; strcpy(a.sun_path, path); return a; }
static void show(const char *what, struct sockaddr_un *a, socklen_t n) {
  printf("%s: %u %d ", what, n, a->sun_family);
  for (unsigned i = 2; i < n; i++) { char c = ((char *)a)[i]; if (c) putchar(c); else printf("\\0"); }
  printf("\n");
}
static void names(int fd) {
  struct sockaddr_un a;
  socklen_t n = sizeof a;
  memset(&a, 0, sizeof a);
  if (getsockname(fd, (void *)&a, &n) == 0) show("sockname", &a, n); else printf("sockname: %s\n", strerror(errno));
  n = sizeof a;
  memset(&a, 0, sizeof a);
  if (getpeername(fd, (void *)&a, &n) == 0) show("peername", &a, n); else printf("peername: %s\n", strerror(errno));
}
static void cred(int fd) {
  struct ucred c = { 7, 7, 7 };
  socklen_t n = sizeof c;
  int r = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n);
  printf("peercred %d: %s %d %d\n", r, c.pid == getpid() ? "me" : c.pid == 0 ? "nobody" : "other", (int)c.uid, (int)c.gid);
}

static long send_fds(int fd, const char *text, const int *fds, int count) {
  char control[CMSG_SPACE(sizeof(int) * 300)];
  struct iovec iov = { (void *)text, strlen(text) };
  struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(sizeof(int) * count) };
  memset(control, 0, sizeof control);
  struct cmsghdr *c = CMSG_FIRSTHDR(&m);
  c->cmsg_level = SOL_SOCKET, c->cmsg_type = SCM_RIGHTS, c->cmsg_len = CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
  return sendmsg(fd, &m, 0);
}
static void receive(int fd, int flags, size_t room, size_t length) {
  char control[1024];
  struct sockaddr_un from;
  struct iovec iov = { buf, length };
  struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room, .msg_name = &from, .msg_namelen = sizeof from };
  memset(buf, 0, 64);
  errno = 0;
  long r = recvmsg(fd, &m, flags);
  printf("recvmsg = %ld (%s) flags %x control %d name %d '%.20s'\n", r, r < 0 ? strerror(errno) : "", m.msg_flags, r < 0 ? 0 : (int)m.msg_controllen, r < 0 ? 0 : (int)m.msg_namelen, r < 0 ? "" : buf);
  if (r < 0) return;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
    printf("  cmsg level %d type %d len %d", c->cmsg_level, c->cmsg_type, (int)c->cmsg_len);
    if (c->cmsg_type == SCM_RIGHTS) {
      int count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int), fds[64];
      memcpy(fds, CMSG_DATA(c), count * sizeof(int));
      for (int i = 0; i < count; i++) { struct stat s; printf(" fd %d cloexec %d type %o", fds[i], fcntl(fds[i], F_GETFD), fstat(fds[i], &s) ? 0 : s.st_mode & S_IFMT); close(fds[i]); }
    } else {
      struct ucred u;
      memcpy(&u, CMSG_DATA(c), sizeof u);
      printf(" %s %d %d", u.pid == getpid() ? "me" : "other", (int)u.uid, (int)u.gid);
    }
    printf("\n");
  }
}

static void pairs(void) {
  int p[2];
  T(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
  names(p[0]), cred(p[0]);
  P(p[0]);
  T(write(p[0], "hello", 5)); T(send(p[0], "world", 5, 0));
  P(p[1]);
  printf("inq %d outq %d\n", number(p[1], FIONREAD), number(p[0], TIOCOUTQ));
  T(recv(p[1], buf, 3, MSG_PEEK)); T(read(p[1], buf, 4)); T(recv(p[1], buf, 100, 0));
  printf("'%.6s'\n", buf);
  T(recv(p[1], buf, 1, MSG_DONTWAIT)); T(recv(p[1], buf, 0, MSG_DONTWAIT)); T(read(p[1], buf, 0));
  T(recv(p[1], buf, 1, MSG_OOB | MSG_DONTWAIT));
  T(sendto(p[0], "x", 1, 0, (struct sockaddr *)&(struct sockaddr_un){ AF_UNIX, "/x" }, sizeof(struct sockaddr_un)));
  long filled = 0, r;
  while ((r = send(p[0], buf, 4096, MSG_DONTWAIT)) > 0) filled += r;
  printf("filled %ld of 4096\n", filled);
  P(p[0]);
  while ((r = recv(p[1], buf, 65536, MSG_DONTWAIT)) > 0) filled -= r;
  printf("left %ld\n", filled);
  T(send(p[0], buf, 200000, MSG_DONTWAIT));
  printf("outq %d\n", number(p[0], TIOCOUTQ));
  T(recv(p[1], buf, 200000, MSG_WAITALL | MSG_DONTWAIT));
  struct iovec v[3] = { { "ab", 2 }, { "", 0 }, { "cde", 3 } };
  T(writev(p[0], v, 3)); T(recv(p[1], buf, 100, MSG_TRUNC));
  T(shutdown(p[0], SHUT_WR)); P(p[0]); P(p[1]);
  T(send(p[0], "x", 1, 0)); T(send(p[0], "x", 1, MSG_NOSIGNAL)); T(write(p[0], "x", 1)); T(recv(p[1], buf, 1, 0)); T(send(p[1], "back", 4, 0));
  T(close(p[1])); P(p[0]); T(recv(p[0], buf, 9, 0)); T(recv(p[0], buf, 9, 0)); names(p[0]);
  T(shutdown(p[0], 3)); T(shutdown(p[0], SHUT_RDWR)); T(listen(p[0], 1)); T(accept(p[0], 0, 0)); T(connect(p[0], (void *)&(struct sockaddr_un){ AF_UNIX, "/x" }, sizeof(struct sockaddr_un)));
  close(p[0]);
  T(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, p));
  printf("%x %x %x\n", fcntl(p[0], F_GETFL), fcntl(p[0], F_GETFD), fcntl(p[1], F_GETFD));
  T(write(p[0], "unread", 6)); T(close(p[1])); P(p[0]); G(p[0], SOL_SOCKET, SO_ERROR); G(p[0], SOL_SOCKET, SO_ERROR); T(write(p[0], "x", 1)); T(read(p[0], buf, 1));
  close(p[0]);
  T(socketpair(AF_UNIX, SOCK_STREAM, 0, p)); T(write(p[0], "unread", 6)); T(close(p[1])); T(read(p[0], buf, 1)); T(read(p[0], buf, 1)); close(p[0]);
  T(socketpair(AF_INET, SOCK_STREAM, 0, p)); T(socketpair(AF_UNIX, SOCK_RAW, 0, p)); close(p[0]), close(p[1]);
  T(socketpair(AF_UNIX, 9, 0, p)); T(socketpair(AF_UNIX, SOCK_STREAM, 7, p)); T(socketpair(77, SOCK_STREAM, 0, p)); T(socketpair(AF_UNIX, 0x100 | SOCK_STREAM, 0, p));
  T(socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8)); T(socket(AF_UNIX, SOCK_RDM, 0)); T(socket(AF_UNIX, 44, 0)); T(socket(-1, 1, 0)); T(socket(AF_INET, 1, -1));
}

static void packets(int type) {
  int p[2];
  T(socketpair(AF_UNIX, type, 0, p));
  P(p[0]); names(p[0]); cred(p[1]);
  T(send(p[0], "one", 3, 0)); T(send(p[0], "", 0, 0)); T(send(p[0], "three", 5, 0));
  printf("inq %d\n", number(p[1], FIONREAD));
  receive(p[1], 0, 0, 64); receive(p[1], MSG_DONTWAIT, 0, 64); receive(p[1], MSG_PEEK, 0, 2); receive(p[1], MSG_TRUNC, 0, 2); receive(p[1], MSG_DONTWAIT, 0, 64);
  T(send(p[0], buf, 212000, MSG_DONTWAIT)); T(recv(p[1], buf, sizeof buf, 0)); T(send(p[0], buf, 213000, MSG_DONTWAIT));
  int count = 0;
  while (send(p[0], "x", 1, MSG_DONTWAIT) == 1) count++;
  printf("%d packets (%s)\n", count, strerror(errno));
  P(p[0]);
  while (recv(p[1], buf, 1, MSG_DONTWAIT) == 1) count--;
  printf("%d\n", count);
  T(send(p[0], "x", 1, MSG_OOB)); T(recv(p[1], buf, 1, MSG_OOB));
  T(sendto(p[0], "x", 1, 0, (struct sockaddr *)&(struct sockaddr_un){ AF_UNIX, "/nowhere" }, sizeof(struct sockaddr_un)));
  recv(p[1], buf, 1, MSG_DONTWAIT);
  T(shutdown(p[1], SHUT_RD)); P(p[0]); P(p[1]); T(send(p[0], "x", 1, 0)); T(recv(p[1], buf, 1, MSG_DONTWAIT)); T(recv(p[1], buf, 1, 0));
  T(close(p[1])); P(p[0]); T(send(p[0], "x", 1, 0)); T(write(p[0], "x", 1)); names(p[0]); T(recv(p[0], buf, 1, MSG_DONTWAIT)); G(p[0], SOL_SOCKET, SO_ERROR);
  close(p[0]);
  T(socketpair(AF_UNIX, type, 0, p)); T(send(p[0], "x", 1, 0)); T(close(p[1])); P(p[0]); T(recv(p[0], buf, 1, MSG_DONTWAIT)); T(recv(p[0], buf, 1, MSG_DONTWAIT)); close(p[0]);
}

static void files(void) {
  int p[2], q[2], r[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, p), socketpair(AF_UNIX, SOCK_DGRAM, 0, q), pipe(r);
  int three[3] = { r[0], r[1], q[0] };
  T(send(p[0], "before", 6, 0)); T(send_fds(p[0], "files", three, 3)); T(send(p[0], "after", 5, 0));
  receive(p[1], 0, 1024, 64); receive(p[1], 0, 1024, 64);
  T(send_fds(p[0], "files", three, 2)); receive(p[1], MSG_CMSG_CLOEXEC, 1024, 2); receive(p[1], 0, 1024, 10);
  T(send_fds(p[0], "files", three, 2)); receive(p[1], MSG_PEEK, 1024, 64); receive(p[1], 0, CMSG_SPACE(4) - 4, 64);
  T(send_fds(p[0], "files", three, 2)); receive(p[1], 0, 0, 64);
  T(send_fds(p[0], "files", three, 2)); T(recv(p[1], buf, 64, 0));
  T(send_fds(p[0], "", three, 1)); receive(p[1], MSG_DONTWAIT, 1024, 64);
  T(send_fds(q[0], "", three, 1)); receive(q[1], MSG_DONTWAIT, 1024, 64);
  int bad[2] = { r[0], 999 };
  T(send_fds(p[0], "bad", bad, 2)); T(send_fds(p[0], "none", three, 0)); receive(p[1], 0, 1024, 64);
  int many[300];
  for (int i = 0; i < 300; i++) many[i] = r[0];
  T(send_fds(p[0], "many", many, 253)); T(send_fds(p[0], "many", many, 254)); T(recv(p[1], buf, 64, MSG_DONTWAIT));
  /* The file lives as long as the message. */
  T(send_fds(p[0], "alive", r, 1)); close(r[0]); T(write(r[1], "data", 4));
  { char c[64]; struct iovec v = { buf, 9 }; struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = 64 }; T(recvmsg(p[1], &m, 0)); int fd; memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), 4); T(read(fd, buf, 9)); close(fd); }
  T(write(r[1], "x", 1));
  T(send_fds(p[0], "w", r + 1, 1)); close(r[1]); close(p[0]), close(p[1]);
  /* A socket in its own queue. */
  socketpair(AF_UNIX, SOCK_DGRAM, 0, p); T(send_fds(p[0], "self", p, 2)); close(p[0]), close(p[1]);
  /* Credentials. */
  socketpair(AF_UNIX, SOCK_STREAM, 0, p);
  T(setsockopt(p[1], SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  T(send(p[0], "who", 3, 0)); receive(p[1], 0, 1024, 64);
  T(send(p[0], "who", 3, 0)); receive(p[1], 0, 20, 64);
  T(send(p[0], "who", 3, 0)); receive(p[1], 0, 0, 64);
  for (int level = SOL_SOCKET; level < 3; level++) for (int type = SCM_RIGHTS; type < 4; type++) {
    char c[CMSG_SPACE(sizeof(struct ucred))];
    struct ucred u = { getpid(), getuid(), getgid() };
    struct iovec v = { "c", 1 };
    struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = sizeof c };
    memset(c, 0, sizeof c);
    struct cmsghdr *h = CMSG_FIRSTHDR(&m);
    h->cmsg_level = level, h->cmsg_type = type, h->cmsg_len = CMSG_LEN(sizeof u);
    if (type == SCM_RIGHTS) continue;
    memcpy(CMSG_DATA(h), &u, sizeof u);
    T(sendmsg(p[0], &m, 0));
    h->cmsg_len = 3; T(sendmsg(p[0], &m, 0)); h->cmsg_len = CMSG_LEN(4); T(sendmsg(p[0], &m, 0));
    u.pid = 1, memcpy(CMSG_DATA(h), &u, sizeof u), h->cmsg_len = CMSG_LEN(sizeof u); T(sendmsg(p[0], &m, 0));
    recv(p[1], buf, 64, MSG_DONTWAIT);
  }
}

static void listeners(int type) {
  struct sockaddr_un a = un("sock"), b;
  int l = socket(AF_UNIX, type, 0), c, s;
  P(l); names(l); cred(l);
  T(listen(l, 1)); T(accept(l, 0, 0)); T(send(l, "x", 1, 0)); T(recv(l, buf, 1, MSG_DONTWAIT));
  T(connect(l, (void *)&a, sizeof a));
  umask(027);
  T(bind(l, (void *)&a, sizeof a)); T(bind(l, (void *)&a, sizeof a));
  struct stat st;
  printf("%d %o\n", stat("sock", &st), st.st_mode);
  names(l); T(open("sock", O_RDWR));
  c = socket(AF_UNIX, type, 0);
  T(bind(c, (void *)&a, sizeof a)); T(connect(c, (void *)&a, sizeof a));
  T(listen(l, 1)); T(listen(l, 0)); P(l); G(l, SOL_SOCKET, SO_ACCEPTCONN); cred(l);
  fcntl(c, F_SETFL, O_NONBLOCK);
  T(connect(c, (void *)&a, sizeof a)); P(c); P(l); names(c); cred(c);
  T(connect(c, (void *)&a, sizeof a)); T(send(c, "early", 5, 0));
  int d = socket(AF_UNIX, type | SOCK_NONBLOCK, 0);
  T(connect(d, (void *)&a, sizeof a));
  printf("inq of listener %d\n", number(l, FIONREAD));
  socklen_t n = sizeof b;
  T(s = accept4(l, (void *)&b, &n, SOCK_NONBLOCK | SOCK_CLOEXEC) < 0);
  show("accepted", &b, n);
  s = fcntl(l, F_DUPFD, 0) - 1; close(s + 1);
  names(s), cred(s);
  printf("%x %x\n", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
  T(recv(s, buf, 100, 0)); P(s);
  T(connect(d, (void *)&a, sizeof a)); T(accept4(l, 0, 0, 1));
  T(close(l)); P(d); T(recv(d, buf, 1, 0)); T(recv(d, buf, 1, 0)); T(send(d, "x", 1, 0));
  int e = socket(AF_UNIX, type, 0);
  T(connect(e, (void *)&a, sizeof a)); T(bind(e, (void *)&a, sizeof a)); T(unlink("sock")); T(connect(e, (void *)&a, sizeof a));
  close(c), close(d), close(e), close(s);
  /* Other types of socket, other types of file. */
  int o = socket(AF_UNIX, type == SOCK_STREAM ? SOCK_SEQPACKET : SOCK_STREAM, 0);
  T(bind(o, (void *)&a, sizeof a)); T(listen(o, 1)); e = socket(AF_UNIX, type, 0); T(connect(e, (void *)&a, sizeof a));
  struct sockaddr_un f = un("plain");
  close(open("plain", O_CREAT | O_WRONLY, 0600)); T(connect(e, (void *)&f, sizeof f)); unlink("plain");
  f = un("no/such"); T(connect(e, (void *)&f, sizeof f)); T(bind(e, (void *)&f, sizeof f));
  T(connect(e, (void *)&f, 1)); T(connect(e, (void *)&f, 2)); T(connect(e, (void *)&f, 200)); T(connect(e, (void *)8, 20)); T(bind(e, (void *)&f, -1));
  f.sun_family = AF_INET; T(connect(e, (void *)&f, sizeof f)); T(bind(e, (void *)&f, sizeof f));
  close(o), close(e); unlink("sock");
  /* Names without a file. */
  struct sockaddr_un h = { AF_UNIX, "" };
  memcpy(h.sun_path, "\0tally-test-hidden", 18);
  l = socket(AF_UNIX, type, 0), c = socket(AF_UNIX, type, 0);
  T(connect(c, (void *)&h, 20)); T(bind(l, (void *)&h, 20)); T(bind(c, (void *)&h, 20)); T(listen(l, 5)); T(connect(c, (void *)&h, 20)); names(c), names(l);
  T(connect(c, (void *)&h, 19)); T(bind(c, (void *)&h, 19)); names(c);
  close(l), close(c);
  c = socket(AF_UNIX, type, 0); T(bind(c, (void *)&h, 2)); n = sizeof b; getsockname(c, (void *)&b, &n); printf("autobound %u\n", n); T(bind(c, (void *)&h, 2));
  memset(&b, 'z', sizeof b), n = 4; T(getsockname(c, (void *)&b, &n)); printf("%u %d\n", n, b.sun_path[2]); n = -1; T(getsockname(c, (void *)&b, &n)); T(getsockname(c, (void *)&b, 0));
  close(c);
}

static void datagrams(void) {
  struct sockaddr_un a = un("a"), b = un("b"), from;
  int s = socket(AF_UNIX, SOCK_DGRAM, 0), t = socket(AF_UNIX, SOCK_DGRAM, 0), u = socket(AF_UNIX, SOCK_DGRAM, 0);
  P(s);
  T(send(s, "x", 1, 0)); T(sendto(s, "x", 1, 0, (void *)&a, sizeof a)); T(recv(s, buf, 1, MSG_DONTWAIT));
  T(bind(s, (void *)&a, sizeof a)); T(sendto(t, "anon", 4, 0, (void *)&a, sizeof a)); receive(s, 0, 0, 64);
  T(bind(t, (void *)&b, sizeof b)); T(sendto(t, "named", 5, 0, (void *)&a, sizeof a)); receive(s, 0, 0, 64);
  T(connect(t, (void *)&a, sizeof a)); names(t); T(send(t, "conn", 4, 0)); receive(s, 0, 0, 64);
  T(connect(s, (void *)&b, sizeof b)); T(sendto(u, "x", 1, 0, (void *)&a, sizeof a)); T(connect(u, (void *)&a, sizeof a));
  T(sendto(s, "y", 1, 0, (void *)&b, sizeof b));
  struct sockaddr unspec = { AF_UNSPEC };
  T(connect(s, &unspec, sizeof unspec)); names(s);
  int count = 0;
  while (sendto(u, "x", 1, MSG_DONTWAIT, (void *)&a, sizeof a) == 1) count++;
  printf("%d to a stranger\n", count);
  T(connect(u, (void *)&a, sizeof a)); P(u); recv(s, buf, 1, 0); P(u);
  T(listen(s, 1)); T(accept(s, 0, 0)); T(close(s)); P(t); T(send(t, "gone", 4, 0)); T(send(t, "gone", 4, 0)); names(t);
  T(sendto(t, "x", 1, 0, (void *)&a, sizeof a)); unlink("a"); T(sendto(t, "x", 1, 0, (void *)&a, sizeof a));
  (void)from;
  close(t), close(u), unlink("b");
}

static void waits(void) {
  int p[2];
  struct timeval tv = { 0, 20000 };
  socketpair(AF_UNIX, SOCK_STREAM, 0, p);
  T(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv)); T(setsockopt(p[0], SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv)); G(p[0], SOL_SOCKET, SO_RCVTIMEO);
  T(recv(p[0], buf, 1, 0)); T(read(p[0], buf, 1)); T(send(p[1], "abc", 3, 0)); T(recv(p[0], buf, 10, MSG_WAITALL));
  while (send(p[0], buf, 4096, MSG_DONTWAIT) > 0);
  T(send(p[0], buf, 1, 0)); T(write(p[0], buf, 1));
  struct itimerval it = { { 0, 0 }, { 0, 10000 } };
  tv.tv_usec = 0; T(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  setitimer(ITIMER_REAL, &it, 0); T(recv(p[0], buf, 1, 0));
  tv.tv_usec = 1000000; T(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv)); T(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, 8));
  tv.tv_usec = 500000; T(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
  struct sigaction sa = { .sa_handler = on_pipe, .sa_flags = SA_RESTART };
  sigaction(SIGALRM, &sa, 0);
  setitimer(ITIMER_REAL, &it, 0); T(recv(p[0], buf, 1, 0)); pipes = 0;
}

static void mixed(void) {
  int p[2], q[2], fd = open("file", O_CREAT | O_RDWR, 0600);
  struct stat st;
  socketpair(AF_UNIX, SOCK_STREAM, 0, p), pipe(q);
  T(fstat(p[0], &st)); printf("%o %d %d\n", st.st_mode, (int)st.st_size, (int)st.st_nlink);
  T(lseek(p[0], 0, SEEK_CUR)); T(pread(p[0], buf, 1, 0)); T(ftruncate(p[0], 0)); T(fsync(p[0])); T(fcntl(p[0], F_GETPIPE_SZ)); T(ioctl(p[0], TCGETS, buf));
  T(write(fd, "0123456789", 10)); off_t at = 2; T(sendfile(p[0], fd, &at, 5)); printf("%d\n", (int)at); T(recv(p[1], buf, 99, 0)); T(sendfile(fd, p[0], 0, 5));
  T(write(q[1], "piped", 5)); T(splice(q[0], 0, p[0], 0, 5, 0)); T(splice(p[1], 0, q[1], 0, 99, 0)); T(read(q[0], buf, 99));
  struct mmsghdr mm[3]; struct iovec v[3] = { { "a", 1 }, { "bc", 2 }, { "def", 3 } };
  memset(mm, 0, sizeof mm);
  for (int i = 0; i < 3; i++) mm[i].msg_hdr.msg_iov = v + i, mm[i].msg_hdr.msg_iovlen = 1;
  int d[2];
  socketpair(AF_UNIX, SOCK_DGRAM, 0, d);
  T(sendmmsg(d[0], mm, 3, 0)); printf("%d %d %d\n", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len);
  for (int i = 0; i < 3; i++) v[i].iov_base = buf + i * 10, v[i].iov_len = 10, mm[i].msg_len = 9;
  T(recvmmsg(d[1], mm, 2, MSG_WAITFORONE, 0)); printf("%d %d %d\n", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len); T(recvmmsg(d[1], mm, 3, MSG_WAITFORONE, 0)); T(recvmmsg(d[1], mm, 3, MSG_DONTWAIT, 0)); T(recvmmsg(d[1], mm, 0, MSG_DONTWAIT, 0));
  T(sendmmsg(d[0], (void *)8, 1, 0)); T(sendmmsg(999, mm, 1, 0));
  T(send(fd, "x", 1, 0)); T(recv(999, buf, 1, 0)); T(getsockname(fd, 0, 0)); T(send(p[0], (void *)8, 4, 0)); T(recv(p[1], (void *)8, 4, MSG_DONTWAIT)); T(send(p[0], (void *)-8, 4, 0));
  T(sendmsg(p[0], (void *)8, 0));
  struct msghdr m = { .msg_iovlen = 1025 }; T(sendmsg(p[0], &m, 0)); m.msg_iovlen = 1, m.msg_iov = (void *)8; T(sendmsg(p[0], &m, 0)); m.msg_iovlen = 0; m.msg_name = buf, m.msg_namelen = -1; T(sendmsg(p[0], &m, 0));
  m.msg_name = 0, m.msg_control = (void *)8, m.msg_controllen = 64; T(sendmsg(p[0], &m, 0)); m.msg_controllen = 1UL << 40; T(sendmsg(p[0], &m, 0)); m.msg_controllen = 1 << 20; T(sendmsg(p[0], &m, 0));
  close(fd); unlink("file");
  int n = SO_PASSCRED;
  for (n = 1; n <= 62; n++) {
    if (n == 12 || n == 15 || n == 17 || n == 59 || n == 55 || n == 57 || n == 71) continue;
    char text[20]; sprintf(text, "option %d", n); option(p[0], SOL_SOCKET, n, text);
  }
  S(p[0], SOL_SOCKET, SO_SNDBUF, 1); G(p[0], SOL_SOCKET, SO_SNDBUF); S(p[0], SOL_SOCKET, SO_RCVBUF, 1); G(p[0], SOL_SOCKET, SO_RCVBUF); S(p[0], SOL_SOCKET, SO_SNDBUF, 50000); G(p[0], SOL_SOCKET, SO_SNDBUF);
  S(p[0], SOL_SOCKET, SO_TYPE, 1); S(p[0], SOL_SOCKET, SO_REUSEPORT, 1); S(p[0], SOL_SOCKET, SO_PRIORITY, 6); S(p[0], SOL_SOCKET, SO_PRIORITY, 7); S(p[0], SOL_SOCKET, SO_MARK, 7); S(p[0], SOL_SOCKET, SO_DEBUG, 1);
  S(p[0], SOL_SOCKET, SO_RCVLOWAT, 0); S(p[0], SOL_SOCKET, 999, 1); S(p[0], IPPROTO_TCP, TCP_NODELAY, 1); G(p[0], IPPROTO_TCP, TCP_NODELAY); S(p[0], SOL_SOCKET, SO_SNDBUFFORCE, 9);
  T(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &one, 2)); T(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, (void *)8, 4)); T(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &one, 4)); T(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &one, -1));
  socklen_t z = 2; T(getsockopt(p[0], SOL_SOCKET, SO_TYPE, buf, &z)); printf("%u\n", z); z = -1; T(getsockopt(p[0], SOL_SOCKET, SO_TYPE, buf, &z)); T(getsockopt(p[0], SOL_SOCKET, SO_TYPE, buf, 0)); z = 4; T(getsockopt(p[0], SOL_SOCKET, SO_TYPE, (void *)8, &z));
}

int main(void) {
  char dir[] = "/tmp/unixXXXXXX";
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  signal(SIGPIPE, on_pipe), signal(SIGALRM, SIG_IGN);
  struct sigaction sa = { .sa_handler = on_pipe };
  sigaction(SIGALRM, &sa, 0);
  if (mkdtemp(dir) == 0 || chdir(dir) < 0) return 1;
  pairs();
  packets(SOCK_DGRAM), packets(SOCK_SEQPACKET);
  files();
  listeners(SOCK_STREAM), listeners(SOCK_SEQPACKET);
  datagrams(), waits(), mixed();
  chdir("/"), rmdir(dir);
  fflush(stdout);
  return 0;
}
