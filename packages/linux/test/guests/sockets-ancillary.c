/* What comes beside a datagram, what goes beside one, and what is refused. */
#include "sockets.h"

#ifndef IPV6_RECVORIGDSTADDR
#define IPV6_RECVORIGDSTADDR 74
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

static struct sockaddr_in in(const char *ip, int port) { struct sockaddr_in a = { AF_INET, htons(port) }; inet_pton(AF_INET, ip, &a.sin_addr); return a; }
static struct sockaddr_in6 in6(const char *ip, int port) { struct sockaddr_in6 a = { AF_INET6, htons(port) }; inet_pton(AF_INET6, ip, &a.sin6_addr); return a; }
static int base;

/* Control data of a message to be sent. */
static union { char bytes[512]; struct cmsghdr align; } out;
static size_t outLength;
/* Something was sent, and is on its way: a busy machine may deliver it later. */
static int comes, patience = 1000;
static void settle(int fd) { struct pollfd p = { fd, POLLIN, 0 }; if (comes) poll(&p, 1, patience); comes = 0; }
#define SENT(fd, call) do { T(comes = (call)); comes = comes >= 0; settle(fd); } while (0)
static void add(int level, int type, const void *data, size_t length) {
  struct cmsghdr *h = (void *)(out.bytes + outLength);
  h->cmsg_level = level, h->cmsg_type = type, h->cmsg_len = CMSG_LEN(length);
  memcpy(CMSG_DATA(h), data, length);
  outLength += CMSG_SPACE(length);
}
static void addInt(int level, int type, int value) { add(level, type, &value, sizeof value); }
/* Sends a byte with that control data, which is gone then. */
static long sends(int fd, void *to, socklen_t n) {
  struct iovec v = { "x", 1 };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_name = to, .msg_namelen = n, .msg_control = out.bytes, .msg_controllen = outLength };
  outLength = 0;
  long sent = sendmsg(fd, &m, 0);
  comes = sent >= 0;
  return sent;
}
/* Receives a datagram into `room` bytes of control data, and shows them. */
static void shows(int fd, size_t room, int flags) {
  static union { char bytes[512]; struct cmsghdr align; } control;
  struct sockaddr_in6 from = { 0 };
  static char data[2000];
  struct iovec v = { data, sizeof data };
  struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_name = &from, .msg_namelen = sizeof from, .msg_control = room ? control.bytes : 0, .msg_controllen = room };
  memset(control.bytes, 0x55, sizeof control.bytes);
  settle(fd);
  errno = 0;
  long got = recvmsg(fd, &m, flags | MSG_DONTWAIT);
  if (got < 0) { printf("  nothing (%s)\n", strerror(errno)); return; }
  char text[64] = "";
  inet_ntop(from.sin6_family, from.sin6_family == AF_INET ? (void *)&((struct sockaddr_in *)&from)->sin_addr : (void *)&from.sin6_addr, text, sizeof text);
  int port = ntohs(from.sin6_port) - base;
  printf("  %ld from %s", got, text);
  if (port >= 0 && port < 40) printf(" port %d", port);
  printf(" flags %x control %zu:", m.msg_flags, (size_t)m.msg_controllen);
  for (size_t at = 0; at + sizeof(struct cmsghdr) <= m.msg_controllen; ) {
    struct cmsghdr *h = (void *)(control.bytes + at);
    unsigned char *d = CMSG_DATA(h);
    printf(" [%d %d", h->cmsg_level, h->cmsg_type);
    int named = h->cmsg_type == IP_ORIGDSTADDR || h->cmsg_type == IPV6_RECVORIGDSTADDR;
    int time = h->cmsg_level == SOL_SOCKET;
    for (size_t i = 0; i < h->cmsg_len - sizeof *h; i++) {
      if (named && (i == 2 || i == 3)) printf(" %d", i == 2 ? ntohs(*(unsigned short *)(d + 2)) - base : 0);
      else printf(time ? " ." : " %02x", d[i]);
    }
    printf("]");
    if (h->cmsg_len < sizeof *h) break;
    at += CMSG_ALIGN(h->cmsg_len);
  }
  printf("\n");
}
static int bound(int family, void *at, socklen_t n) {
  int fd = socket(family, SOCK_DGRAM, 0);
  if (bind(fd, at, n) < 0) printf("bind: %s\n", strerror(errno));
  return fd;
}

/* The options that ask for something. */
static const struct { int level, name; const char *text; } ASKED[] = {
  { IPPROTO_IP, IP_PKTINFO, "IP_PKTINFO" }, { IPPROTO_IP, IP_RECVTTL, "IP_RECVTTL" }, { IPPROTO_IP, IP_RECVTOS, "IP_RECVTOS" }, { IPPROTO_IP, IP_RECVOPTS, "IP_RECVOPTS" },
  { IPPROTO_IP, IP_RETOPTS, "IP_RETOPTS" }, { IPPROTO_IP, IP_RECVORIGDSTADDR, "IP_RECVORIGDSTADDR" }, { IPPROTO_IP, IP_CHECKSUM, "IP_CHECKSUM" },
  { IPPROTO_IPV6, IPV6_RECVPKTINFO, "IPV6_RECVPKTINFO" }, { IPPROTO_IPV6, IPV6_RECVHOPLIMIT, "IPV6_RECVHOPLIMIT" }, { IPPROTO_IPV6, IPV6_RECVTCLASS, "IPV6_RECVTCLASS" },
  { IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, "IPV6_RECVORIGDSTADDR" }, { SOL_SOCKET, SO_TIMESTAMP, "SO_TIMESTAMP" }, { SOL_SOCKET, SO_TIMESTAMPNS, "SO_TIMESTAMPNS" },
};
enum { ASKS = sizeof ASKED / sizeof *ASKED };
static int ask(int fd, int index, int value) { return setsockopt(fd, ASKED[index].level, ASKED[index].name, &value, sizeof value); }
static void askAll(int fd, int value) { for (int i = 0; i < ASKS; i++) ask(fd, i, value); }

/* Each option alone, then all of them: of a receiver of one family, from senders of either. */
static void asking(const char *title, int fd, int sender, void *to, socklen_t n) {
  printf("-- %s\n", title);
  for (int i = 0; i < ASKS; i++) {
    errno = 0;
    int r = ask(fd, i, 1);
    printf("%s = %d %s\n", ASKED[i].text, r, r ? strerror(errno) : "");
    option(fd, ASKED[i].level, ASKED[i].name, "  get");
    sends(sender, to, n), shows(fd, 512, 0);
    ask(fd, i, 0);
  }
  askAll(fd, 1);
  sends(sender, to, n), shows(fd, 512, MSG_PEEK), shows(fd, 512, 0);
  /* with all of them, but no time */
  ask(fd, ASKS - 1, 0), ask(fd, ASKS - 2, 0);
  for (size_t room = 0; room < 190; room += room < 80 ? 1 : 7) sends(sender, to, n), shows(fd, room, 0);
  askAll(fd, 0);
  sends(sender, to, n), shows(fd, 512, 0);
}

/* The options of a sender that a receiver sees. */
static void marks(const char *title, int fd, int sender, void *to, socklen_t n) {
  printf("-- %s\n", title);
  askAll(fd, 1), ask(fd, ASKS - 1, 0), ask(fd, ASKS - 2, 0), ask(fd, 0, 0), ask(fd, 7, 0);
#define M(level, name, value) do { S(sender, level, name, value); G(sender, level, name); sends(sender, to, n); shows(fd, 512, 0); } while (0)
  M(IPPROTO_IP, IP_TTL, 1); M(IPPROTO_IP, IP_TTL, 255); M(IPPROTO_IP, IP_TTL, 0); M(IPPROTO_IP, IP_TTL, 256); M(IPPROTO_IP, IP_TTL, -1); M(IPPROTO_IP, IP_TTL, 7);
  M(IPPROTO_IP, IP_TOS, 0x10); M(IPPROTO_IP, IP_TOS, 0xff); M(IPPROTO_IP, IP_TOS, 0x1ab); M(IPPROTO_IP, IP_TOS, -1); M(IPPROTO_IP, IP_MULTICAST_TTL, 33);
  M(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 1); M(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 0); M(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 255); M(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 256); M(IPPROTO_IPV6, IPV6_UNICAST_HOPS, -1);
  M(IPPROTO_IPV6, IPV6_UNICAST_HOPS, 9); M(IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 44); M(IPPROTO_IPV6, IPV6_TCLASS, 0x20); M(IPPROTO_IPV6, IPV6_TCLASS, 0xff); M(IPPROTO_IPV6, IPV6_TCLASS, 256);
  M(IPPROTO_IPV6, IPV6_TCLASS, -1); M(IPPROTO_IPV6, IPV6_TCLASS, 0x5b);
}

/* What one message says for itself, over the options that marks() left. */
static void messages(const char *title, int fd, int sender, void *to, socklen_t n) {
  static const int VALUES[] = { -2, -1, 0, 1, 77, 255, 256, 1 << 24 | 5 };
  printf("-- %s\n", title);
  ask(fd, 0, 1), ask(fd, 7, 1);
  /* every type of both levels, with a byte, an int and more */
  static const struct { int level, type; } TYPES[] = {
    { IPPROTO_IP, IP_TTL }, { IPPROTO_IP, IP_TOS }, { IPPROTO_IP, IP_RECVTTL }, { IPPROTO_IP, IP_RECVTOS }, { IPPROTO_IP, 99 }, { IPPROTO_IP, 0 },
    { IPPROTO_IPV6, IPV6_HOPLIMIT }, { IPPROTO_IPV6, IPV6_TCLASS }, { IPPROTO_IPV6, IPV6_RECVHOPLIMIT }, { IPPROTO_IPV6, IPV6_RECVTCLASS }, { IPPROTO_IPV6, 1 },
    { IPPROTO_IPV6, IPV6_DONTFRAG }, { IPPROTO_IPV6, IPV6_2292HOPLIMIT }, { IPPROTO_UDP, 1 }, { IPPROTO_UDP, UDP_SEGMENT }, { IPPROTO_TCP, 1 }, { 999, 1 }, { SOL_SOCKET, 99 }, { SOL_SOCKET, SO_MARK },
  };
  for (unsigned t = 0; t < sizeof TYPES / sizeof *TYPES; t++) {
    for (unsigned v = 0; v < sizeof VALUES / sizeof *VALUES; v++) {
      if (TYPES[t].level == SOL_SOCKET && TYPES[t].type == SO_MARK && v > 0) continue;
      /* Kernels differ: newer ones look at 16 bits of a hop limit, and take a class of -1 for 255. */
      if (TYPES[t].level == IPPROTO_IPV6 && (VALUES[v] == (1 << 24 | 5) || (TYPES[t].type == IPV6_TCLASS && VALUES[v] == -1))) continue;
      addInt(TYPES[t].level, TYPES[t].type, VALUES[v]);
      printf("%d %d %d: ", TYPES[t].level, TYPES[t].type, VALUES[v]); T(sends(sender, to, n)); shows(fd, 512, 0);
    }
    for (size_t length = 0; length < 12; length += length < 5 ? 1 : 3) {
      add(TYPES[t].level, TYPES[t].type, "\5\0\0\0\0\0\0\0\0\0\0\0", length);
      printf("%d %d of %zu: ", TYPES[t].level, TYPES[t].type, length); T(sends(sender, to, n)); shows(fd, 512, 0);
    }
  }
  /* the last one counts, and one that is wrong stops all */
  addInt(IPPROTO_IP, IP_TTL, 3), addInt(IPPROTO_IP, IP_TTL, 4), addInt(IPPROTO_IP, IP_TOS, 8); T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 3), addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 4), addInt(IPPROTO_IPV6, IPV6_TCLASS, 8); T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(IPPROTO_IP, IP_TTL, 3), addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 4); T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(IPPROTO_IP, IP_TTL, 3), addInt(IPPROTO_IP, IP_TTL, 0); T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 3), addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 300); T(sends(sender, to, n)); shows(fd, 512, 0);
  /* the next message goes by the options again */
  sends(sender, to, n), shows(fd, 512, 0);
  /* headers that lie */
  addInt(IPPROTO_IP, IP_TTL, 3), out.align.cmsg_len = 15; T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(999, IP_TTL, 3), out.align.cmsg_len = 100; T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(999, IP_TTL, 3), out.align.cmsg_len = 0; T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(IPPROTO_IP, IP_TTL, 3), outLength = 15; T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(IPPROTO_IP, IP_TTL, 300), outLength = CMSG_LEN(4); T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(SOL_SOCKET, SCM_RIGHTS, 0); T(sends(sender, to, n)); shows(fd, 512, 0);
  addInt(SOL_SOCKET, SCM_CREDENTIALS, 0); T(sends(sender, to, n)); shows(fd, 512, 0);
  /* the sender's address */
  static const char *const FROM[] = { "127.0.0.1", "127.0.0.9", "0.0.0.0", "203.0.113.9", "127.255.255.255" };
  for (int i = 0; i < 5; i++) {
    struct in_pktinfo p = { 0 };
    inet_pton(AF_INET, FROM[i], &p.ipi_spec_dst);
    for (p.ipi_ifindex = 0; p.ipi_ifindex < 2; p.ipi_ifindex++) add(IPPROTO_IP, IP_PKTINFO, &p, sizeof p), printf("from %s %d: ", FROM[i], p.ipi_ifindex), printf("%ld ", sends(sender, to, n)), printf("%s\n", strerror(errno)), shows(fd, 512, 0);
  }
  { struct in_pktinfo p = { 9999 }; add(IPPROTO_IP, IP_PKTINFO, &p, sizeof p); T(sends(sender, to, n)); shows(fd, 512, 0); add(IPPROTO_IP, IP_PKTINFO, &p, 8); T(sends(sender, to, n)); shows(fd, 512, 0); add(IPPROTO_IP, IP_PKTINFO, &out, 20); T(sends(sender, to, n)); shows(fd, 512, 0); }
  static const char *const FROM6[] = { "::1", "::", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:127.0.0.9", "::ffff:203.0.113.9", "::ffff:0.0.0.0", "fe80::1" };
  for (int i = 0; i < 8; i++) {
    struct in6_pktinfo p = { 0 };
    inet_pton(AF_INET6, FROM6[i], &p.ipi6_addr);
    for (p.ipi6_ifindex = 0; p.ipi6_ifindex < 2; p.ipi6_ifindex++) { errno = 0; add(IPPROTO_IPV6, IPV6_PKTINFO, &p, sizeof p); long r = sends(sender, to, n); printf("from %s %d: %ld %s\n", FROM6[i], p.ipi6_ifindex, r, strerror(errno)), shows(fd, 512, 0); }
  }
  { struct in6_pktinfo p = { .ipi6_ifindex = 9999 }; add(IPPROTO_IPV6, IPV6_PKTINFO, &p, sizeof p); T(sends(sender, to, n)); shows(fd, 512, 0); add(IPPROTO_IPV6, IPV6_PKTINFO, &p, 16); T(sends(sender, to, n)); shows(fd, 512, 0);
    char more[24] = { 0 }; more[15] = 1; add(IPPROTO_IPV6, IPV6_PKTINFO, more, 24); T(sends(sender, to, n)); shows(fd, 512, 0); }
}

/* What is wrong beside control data: which error is told. */
static void order(int v6) {
  struct sockaddr_in a = in("127.0.0.1", base), none = in("127.0.0.1", 0), far = in("203.0.113.9", 9);
  struct sockaddr_in6 b = in6("::1", base), none6 = in6("::1", 0);
  void *to = v6 ? (void *)&b : (void *)&a, *no = v6 ? (void *)&none6 : (void *)&none;
  socklen_t n = v6 ? sizeof b : sizeof a;
  int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), level = v6 ? IPPROTO_IPV6 : IPPROTO_IP, type = v6 ? IPV6_HOPLIMIT : IP_TTL;
  printf("-- order %d\n", v6);
  addInt(level, type, 999); T(sends(fd, 0, 0));
  addInt(level, type, 999); T(sends(fd, no, n));
  addInt(level, type, 999), out.align.cmsg_len = 3; T(sends(fd, 0, 0));
  addInt(level, type, 999); T(sends(fd, to, 4));
  if (!v6) { addInt(level, type, 999); T(sends(fd, &far, n)); }
  if (v6) { struct sockaddr_in6 mapped = in6("::ffff:127.0.0.1", base); int only = socket(AF_INET6, SOCK_DGRAM, 0); S(only, IPPROTO_IPV6, IPV6_V6ONLY, 1); addInt(IPPROTO_IP, IP_TTL, 999); T(sends(only, &mapped, sizeof mapped)); close(only); }
  T(shutdown(fd, SHUT_WR)); T(connect(fd, to, n)); T(shutdown(fd, SHUT_WR)); addInt(level, type, 999); T(sends(fd, 0, 0)); T(sends(fd, 0, 0));
  close(fd);
  fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in gone = in("127.0.0.1", base + 3);
  struct sockaddr_in6 gone6 = in6("::1", base + 3);
  T(connect(fd, v6 ? (void *)&gone6 : (void *)&gone, n)); T(send(fd, "x", 1, 0)); addInt(level, type, 999); T(sends(fd, 0, 0)); addInt(level, type, 9); T(sends(fd, 0, 0));
  T(sends(fd, 0, 0)); close(fd);
}

/* Streams take no control data of IP, but look at that of sockets. */
static void streams(void) {
  struct sockaddr_in a = in("127.0.0.1", base + 4);
  int l = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0);
  printf("-- streams\n");
  S(l, SOL_SOCKET, SO_REUSEADDR, 1);
  addInt(SOL_SOCKET, 99, 1); T(sends(c, 0, 0));
  T(bind(l, (void *)&a, sizeof a)); T(listen(l, 1)); T(connect(c, (void *)&a, sizeof a));
  int s = accept(l, 0, 0);
  S(s, IPPROTO_IP, IP_RECVTTL, 1); S(s, IPPROTO_IP, IP_RECVTOS, 1); G(s, IPPROTO_IP, IP_RECVTTL); G(s, IPPROTO_IP, IP_RECVTOS);
  addInt(IPPROTO_IP, IP_TTL, 999); T(sends(c, 0, 0)); shows(s, 512, 0);
  addInt(SOL_SOCKET, 99, 1); T(sends(c, 0, 0)); shows(s, 512, 0);
  addInt(SOL_SOCKET, SCM_RIGHTS, 0); T(sends(c, 0, 0)); shows(s, 512, 0);
  addInt(IPPROTO_IP, IP_TTL, 9), out.align.cmsg_len = 3; T(sends(c, 0, 0)); shows(s, 512, 0);
  close(s), close(c), close(l);
}

/* How many datagrams were lost is told with the next one that came after. */
static void losses(void) {
  struct sockaddr_in a = in("127.0.0.1", base + 5);
  int fd = bound(AF_INET, &a, sizeof a), sender = socket(AF_INET, SOCK_DGRAM, 0);
  printf("-- losses\n");
  S(fd, SOL_SOCKET, SO_RCVBUF, 1); S(fd, SOL_SOCKET, SO_RXQ_OVFL, 1); G(fd, SOL_SOCKET, SO_RXQ_OVFL);
  sends(sender, &a, sizeof a), shows(fd, 512, 0);
  for (int i = 0; i < 30; i++) sends(sender, &a, sizeof a);
  shows(fd, 512, 0);
  while (recv(fd, buf, 1, MSG_DONTWAIT) == 1) continue;
  sends(sender, &a, sizeof a), shows(fd, 512, 0); sends(sender, &a, sizeof a), shows(fd, 512, 0);
  S(fd, IPPROTO_IP, IP_RECVTTL, 1); S(fd, SOL_SOCKET, SO_TIMESTAMP, 1); sends(sender, &a, sizeof a), shows(fd, 512, 0);
  S(fd, SOL_SOCKET, SO_RXQ_OVFL, 0); sends(sender, &a, sizeof a), shows(fd, 512, 0);
  close(fd), close(sender);
}

/* What became of datagrams that nobody took. */
static void errors(const char *title, int family, void *to, socklen_t n, int level, int name) {
  int fd = socket(family, SOCK_DGRAM, 0), v6 = family == AF_INET6;
  printf("-- %s\n", title);
  T(sendto(fd, "lost", 4, 0, to, n)); P(fd); shows(fd, 512, MSG_ERRQUEUE);
  T(setsockopt(fd, level, name, &one, sizeof one));
  SENT(fd, sendto(fd, "hello", 5, 0, to, n)); P(fd); G(fd, SOL_SOCKET, SO_ERROR); P(fd); shows(fd, 512, 0); shows(fd, 512, MSG_ERRQUEUE | MSG_PEEK); P(fd); shows(fd, 512, MSG_ERRQUEUE); P(fd);
  SENT(fd, sendto(fd, "hello", 5, 0, to, n)); SENT(fd, sendto(fd, "again", 5, 0, to, n)); SENT(fd, sendto(fd, "third", 5, 0, to, n)); shows(fd, 512, 0); P(fd); shows(fd, 512, MSG_ERRQUEUE); P(fd); shows(fd, 512, 0); shows(fd, 512, MSG_ERRQUEUE); P(fd); G(fd, SOL_SOCKET, SO_ERROR);
  /* what else was asked for, less the destination, which is not one of a message of ICMP, and its checksum, which depends on ports */
  askAll(fd, 1), ask(fd, 5, 0), ask(fd, 6, 0), ask(fd, 10, 0);
  S(fd, IPPROTO_IP, IP_TOS, 0xff);
  if (v6) S(fd, IPPROTO_IPV6, IPV6_TCLASS, 0xff);
  for (int length = 500; length < 1300; length += 228) { SENT(fd, sendto(fd, buf, length, 0, to, n)); shows(fd, 512, MSG_ERRQUEUE); }
  for (size_t room = 0; room < 200; room += 20) { SENT(fd, sendto(fd, "room", 4, 0, to, n)); shows(fd, room, MSG_ERRQUEUE); }
  SENT(fd, sendto(fd, "read", 4, 0, to, n)); T(recv(fd, buf, 2, MSG_ERRQUEUE)); T(recv(fd, buf, 2, MSG_ERRQUEUE));
  /* errors of this machine's own */
  SENT(fd, sendto(fd, buf, 65528, 0, to, n)); P(fd); shows(fd, 512, 0); shows(fd, 512, MSG_ERRQUEUE); P(fd);
  SENT(fd, sendto(fd, "icmp", 4, 0, to, n)); G(fd, SOL_SOCKET, SO_ERROR); SENT(fd, sendto(fd, buf, 65528, 0, to, n)); SENT(fd, sendto(fd, "icmp", 4, 0, to, n)); G(fd, SOL_SOCKET, SO_ERROR);
  shows(fd, 512, MSG_ERRQUEUE); shows(fd, 512, MSG_ERRQUEUE); G(fd, SOL_SOCKET, SO_ERROR); shows(fd, 512, MSG_ERRQUEUE); shows(fd, 512, MSG_ERRQUEUE);
  /* without the option they are forgotten, but not the last one */
  SENT(fd, sendto(fd, "hello", 5, 0, to, n)); T(setsockopt(fd, level, name, &zero, sizeof zero)); P(fd); shows(fd, 512, MSG_ERRQUEUE); G(fd, SOL_SOCKET, SO_ERROR); P(fd);
  T(connect(fd, to, n)); SENT(fd, send(fd, "c", 1, 0)); P(fd); shows(fd, 512, MSG_ERRQUEUE); T(recv(fd, buf, 1, MSG_DONTWAIT));
  T(setsockopt(fd, level, name, &one, sizeof one)); SENT(fd, send(fd, "c", 1, 0)); SENT(fd, send(fd, "c", 1, 0)); P(fd); shows(fd, 512, MSG_ERRQUEUE); SENT(fd, send(fd, buf, 65528, 0)); shows(fd, 512, MSG_ERRQUEUE);
  close(fd);
}

/* An error is told before the datagrams that came. */
static void before(void) {
  struct sockaddr_in a = in("127.0.0.1", base + 7), me;
  socklen_t n = sizeof me;
  int fd = socket(AF_INET, SOCK_DGRAM, 0), peer = bound(AF_INET, &a, sizeof a);
  printf("-- before\n");
  T(connect(fd, (void *)&a, sizeof a)); T(getsockname(fd, (void *)&me, &n)); SENT(fd, sendto(peer, "data", 4, 0, (void *)&me, n)); T(close(peer)); SENT(fd, send(fd, "x", 1, 0)); P(fd);
  T(recv(fd, buf, 9, MSG_DONTWAIT)); P(fd); T(recv(fd, buf, 9, MSG_DONTWAIT)); T(recv(fd, buf, 9, MSG_DONTWAIT)); close(fd);
}

int main(void) {
  base = 20000 + getpid() % 300 * 40;
  struct sigaction sa = { .sa_handler = on_pipe };
  sigaction(SIGPIPE, &sa, 0);
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  struct sockaddr_in a = in("127.0.0.1", base), a1 = in("127.0.0.1", base + 1), a2 = in("127.0.0.7", base);
  struct sockaddr_in6 b = in6("::1", base + 2), any = in6("::", base + 1), m = in6("::ffff:127.0.0.1", base), to6 = in6("::1", base + 1);
  int four = bound(AF_INET, &a, sizeof a), both = bound(AF_INET6, &any, sizeof any), six = bound(AF_INET6, &b, sizeof b);
  int s4 = socket(AF_INET, SOCK_DGRAM, 0), s6 = socket(AF_INET6, SOCK_DGRAM, 0);
#define AT(a) &a, sizeof a
  struct sockaddr_in6 m1 = m;
  m1.sin6_port = htons(base + 1);
  asking("IPv4 to IPv4", four, s4, AT(a)); asking("IPv6 mapped to IPv4", four, s6, AT(m)); asking("IPv4 to IPv6 mapped", both, s4, AT(a1)); asking("IPv6 to IPv6", both, s6, AT(to6)); asking("IPv6 to ::1", six, s6, AT(b));
  marks("marks of IPv4", four, s4, AT(a)); messages("messages of IPv4", four, s4, AT(a));
  marks("marks of IPv6", both, s6, AT(to6)); messages("messages of IPv6", both, s6, AT(to6));
  marks("marks of IPv6 mapped", both, s6, AT(m1)); messages("messages of IPv6 mapped", both, s6, AT(m1));
  /* a sender with a peer */
  T(connect(s4, AT(a))); addInt(IPPROTO_IP, IP_TTL, 21); T(sends(s4, 0, 0)); shows(four, 512, 0); T(sends(s4, 0, 0)); shows(four, 512, 0);
  T(connect(s6, AT(to6))); addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 21); T(sends(s6, 0, 0)); shows(both, 512, 0); addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, 5), addInt(IPPROTO_IPV6, IPV6_HOPLIMIT, -1); T(sends(s6, 0, 0)); shows(both, 512, 0);
  order(0), order(1), streams(), losses();
  struct sockaddr_in gone = in("127.0.0.1", base + 6);
  struct sockaddr_in6 gone6 = in6("::1", base + 6), goneMapped = in6("::ffff:127.0.0.1", base + 6);
  errors("errors of IPv4", AF_INET, AT(gone), IPPROTO_IP, IP_RECVERR); errors("errors of IPv6", AF_INET6, AT(gone6), IPPROTO_IPV6, IPV6_RECVERR);
  errors("errors of IPv6 mapped", AF_INET6, AT(goneMapped), IPPROTO_IP, IP_RECVERR);
  /* nothing comes of these */
  patience = 0; errors("errors of IPv6 mapped, asked for those of IPv6", AF_INET6, AT(goneMapped), IPPROTO_IPV6, IPV6_RECVERR); patience = 1000;
  before();
  fflush(stdout);
  return 0;
}
