/* AF_INET and AF_INET6: streams and datagrams over the loopback, options, interfaces, and what goes wrong. */
#include "sockets.h"
#include <ifaddrs.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

static struct sockaddr_in in(const char *ip, int port) { struct sockaddr_in a = { AF_INET, htons(port) }; inet_pton(AF_INET, ip, &a.sin_addr); return a; }
static struct sockaddr_in6 in6(const char *ip, int port) { struct sockaddr_in6 a = { AF_INET6, htons(port) }; inet_pton(AF_INET6, ip, &a.sin6_addr); return a; }
/* Ports that no other run has used lately: a closed connection keeps its own for a minute. */
static int base, known[16], knows;
static int label(int port) {
  if (port < 1024) return port;
  if (port >= base && port < base + 40) return port - base + 2000;
  for (int i = 0; i < knows; i++) if (known[i] == port) return -1 - i;
  known[knows++] = port;
  return -knows;
}
static void address(const char *what, void *p, socklen_t n) {
  char text[64] = "";
  struct sockaddr_in *a = p;
  struct sockaddr_in6 *b = p;
  if (n && a->sin_family == AF_INET) inet_ntop(AF_INET, &a->sin_addr, text, 64);
  else if (n) inet_ntop(AF_INET6, &b->sin6_addr, text, 64);
  printf("%s %u %s port %d\n", what, n, text, n ? label(ntohs(a->sin_port)) : 0);
}
static void names(int fd) {
  struct sockaddr_in6 a;
  socklen_t n = sizeof a;
  if (getsockname(fd, (void *)&a, &n) == 0) address("sockname", &a, n); else printf("sockname: %s\n", strerror(errno));
  n = sizeof a;
  if (getpeername(fd, (void *)&a, &n) == 0) address("peername", &a, n); else printf("peername: %s\n", strerror(errno));
}
static int port_of(int fd) { struct sockaddr_in6 a; socklen_t n = sizeof a; getsockname(fd, (void *)&a, &n); return ntohs(a.sin6_port); }
static int accepted(int l) {
  struct sockaddr_in6 a;
  socklen_t n = sizeof a;
  int s = accept(l, (void *)&a, &n);
  if (s < 0) printf("accept: %s\n", strerror(errno)); else address("accepted", &a, n);
  return s;
}
static int l, c, s;
static void connection(int family) {
  struct sockaddr_in a = in("127.0.0.1", 0);
  struct sockaddr_in6 b = in6("::1", 0);
  struct sockaddr *at = family == AF_INET ? (void *)&a : (void *)&b;
  socklen_t n = family == AF_INET ? sizeof a : sizeof b;
  l = socket(family, SOCK_STREAM, 0), c = socket(family, SOCK_STREAM, 0);
  bind(l, at, n), getsockname(l, at, &n), listen(l, 5), connect(c, at, n);
  s = accept(l, 0, 0);
}
static void closed(void) { close(l), close(c), close(s); }

static void streams(int family) {
  struct sockaddr_in a = in("127.0.0.1", (base + 1)), any = in("0.0.0.0", (base + 1)), outside = in("203.0.113.9", 80), far = in("8.8.8.8", 0);
  struct sockaddr_in6 b = in6("::1", (base + 1)), any6 = in6("::", (base + 1)), far6 = in6("2001:db8::1", 0);
  struct sockaddr *at = family == AF_INET ? (void *)&a : (void *)&b, *all = family == AF_INET ? (void *)&any : (void *)&any6, *no = family == AF_INET ? (void *)&far : (void *)&far6;
  socklen_t n = family == AF_INET ? sizeof a : sizeof b;
  l = socket(family, SOCK_STREAM, 0);
  P(l); names(l); T(accept(l, 0, 0)); T(recv(l, buf, 1, 0)); T(send(l, "x", 1, 0)); T(shutdown(l, SHUT_WR)); P(l);
  close(l), l = socket(family, SOCK_STREAM, 0);
  T(bind(l, no, n)); T(bind(l, at, 4)); T(bind(l, at, 200));
  a.sin_family = 77, b.sin6_family = 77; T(bind(l, at, n)); T(connect(l, at, n)); a.sin_family = AF_INET, b.sin6_family = AF_INET6;
  T(bind(l, at, n)); T(bind(l, at, n)); names(l);
  c = socket(family, SOCK_STREAM, 0);
  T(bind(c, at, n)); T(bind(c, all, n)); T(connect(c, at, n)); T(listen(l, 1)); T(listen(l, 2)); P(l); G(l, SOL_SOCKET, SO_ACCEPTCONN); T(connect(l, at, n)); T(recv(l, buf, 1, 0)); T(send(l, "x", 1, 0));
  T(connect(c, at, n)); names(c); P(c); P(l); T(connect(c, at, n)); T(bind(c, at, n)); T(listen(c, 1));
  s = accepted(l); names(s);
  T(send(c, "hello", 5, 0)); P(s); printf("%d\n", number(s, FIONREAD)); T(send(c, " world", 6, 0)); printf("%d\n", number(s, SIOCATMARK)); T(recv(s, buf, 3, MSG_PEEK)); T(recv(s, buf, 11, MSG_WAITALL)); printf("%.11s\n", buf);
  T(recv(s, buf, 1, MSG_DONTWAIT)); T(recv(s, buf, 1, MSG_OOB)); T(read(s, buf, 0)); T(recv(s, buf, 1, MSG_ERRQUEUE)); T(send(s, "abcdef", 6, 0)); T(recv(c, 0, 3, MSG_TRUNC)); T(recv(c, buf, 9, 0)); printf("%.3s\n", buf);
  T(sendto(c, "named", 5, 0, (void *)&outside, sizeof outside)); T(recv(s, buf, 9, 0));
  { struct sockaddr_in6 f; socklen_t fn = sizeof f; T(send(c, "x", 1, 0)); T(recvfrom(s, buf, 1, 0, (void *)&f, &fn)); printf("from %u\n", fn); }
  T(shutdown(c, SHUT_WR)); P(c); P(s); T(send(c, "x", 1, 0)); T(recv(s, buf, 1, 0)); T(send(s, "half", 4, 0)); T(recv(c, buf, 9, 0)); T(close(s)); P(c); T(recv(c, buf, 9, 0)); names(c); T(shutdown(c, SHUT_RD));
  close(c);
  /* Reset by a close with unread bytes, and by a linger time of 0. */
  c = socket(family, SOCK_STREAM, 0), connect(c, at, n), s = accept(l, 0, 0);
  T(send(c, "unread", 6, 0)); T(send(s, "kept", 4, 0)); T(close(s)); P(c); T(recv(c, buf, 9, 0)); G(c, SOL_SOCKET, SO_ERROR); T(recv(c, buf, 9, 0)); P(c); T(send(c, "x", 1, 0)); T(write(c, "x", 1)); close(c);
  c = socket(family, SOCK_STREAM, 0), connect(c, at, n), s = accept(l, 0, 0);
  struct linger lg = { 1, 0 };
  T(setsockopt(s, SOL_SOCKET, SO_LINGER, &lg, sizeof lg)); G(s, SOL_SOCKET, SO_LINGER); T(close(s)); P(c); T(recv(c, buf, 1, 0)); T(recv(c, buf, 1, 0)); close(c);
  /* Writes to who has gone. */
  c = socket(family, SOCK_STREAM, 0), connect(c, at, n), s = accept(l, 0, 0);
  T(close(s)); P(c); T(send(c, "x", 1, 0)); P(c); T(send(c, "x", 1, 0)); T(recv(c, buf, 1, 0)); close(c);
  /* A queue that is full, and a listener that goes. */
  close(l), l = socket(family, SOCK_STREAM, 0);
  T(bind(l, at, n)); S(l, SOL_SOCKET, SO_REUSEADDR, 1); T(bind(l, at, n)); T(listen(l, 0));
  int d[4];
  for (int i = 0; i < 3; i++) { d[i] = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0); T(connect(d[i], at, n)); P(d[i]); }
  T(connect(d[0], at, n)); T(connect(d[0], at, n)); T(connect(d[1], at, n)); T(send(d[1], "x", 1, 0)); names(d[1]);
  T(s = accept(l, 0, 0) < 0); T(send(d[0], "queued", 6, 0));
  for (int i = 0; i < 3; i++) close(d[i]);
  c = socket(family, SOCK_STREAM, 0); close(l);
  T(connect(c, at, n)); P(c); T(connect(c, at, n)); close(c);
  c = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0); T(connect(c, at, n)); P(c); G(c, SOL_SOCKET, SO_ERROR); G(c, SOL_SOCKET, SO_ERROR); P(c); T(connect(c, at, n)); close(c);
  c = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0); T(connect(c, at, n)); P(c); T(connect(c, at, n)); T(recv(c, buf, 1, 0)); close(c);
  struct sockaddr un = { AF_UNSPEC };
  connection(family); T(connect(c, &un, sizeof un)); names(c); P(s); T(recv(s, buf, 1, 0)); closed();
}

static void binding(void) {
  struct sockaddr_in a = in("127.0.0.1", (base + 10)), any = in("0.0.0.0", (base + 10)), two = in("127.0.0.2", (base + 10)), low = in("127.0.0.1", 80), zero_ = in("127.0.0.1", 0);
  struct sockaddr_in6 any6 = in6("::", (base + 10)), one6 = in6("::1", (base + 10)), map = in6("::ffff:127.0.0.1", (base + 10)), map2 = in6("::ffff:127.0.0.1", (base + 11));
  int x = socket(AF_INET, SOCK_STREAM, 0), y = socket(AF_INET, SOCK_STREAM, 0), z = socket(AF_INET6, SOCK_STREAM, 0), w = socket(AF_INET6, SOCK_STREAM, 0), v = socket(AF_INET6, SOCK_STREAM, 0);
  if (geteuid() != 0) T(bind(x, (void *)&low, sizeof low));
  T(bind(x, (void *)&a, sizeof a)); T(bind(y, (void *)&any, sizeof any)); T(bind(y, (void *)&two, sizeof two)); T(bind(z, (void *)&any6, sizeof any6)); G(z, IPPROTO_IPV6, IPV6_V6ONLY);
  S(z, IPPROTO_IPV6, IPV6_V6ONLY, 1); T(bind(z, (void *)&any6, sizeof any6)); S(z, IPPROTO_IPV6, IPV6_V6ONLY, 0); T(bind(w, (void *)&one6, sizeof one6)); T(bind(v, (void *)&map, sizeof map));
  T(bind(v, (void *)&map2, sizeof map2)); names(v); T(listen(v, 1)); a.sin_port = htons((base + 11));
  c = socket(AF_INET, SOCK_STREAM, 0); T(connect(c, (void *)&a, sizeof a)); s = accepted(v); names(s); close(c), close(s);
  close(x), close(y), close(z), close(w), close(v);
  x = socket(AF_INET, SOCK_STREAM, 0), y = socket(AF_INET, SOCK_STREAM, 0);
  S(x, SOL_SOCKET, SO_REUSEADDR, 1); S(y, SOL_SOCKET, SO_REUSEADDR, 1);
  a.sin_port = htons((base + 12)); T(bind(x, (void *)&a, sizeof a)); T(bind(y, (void *)&a, sizeof a)); T(listen(x, 1)); T(listen(y, 1)); close(x), close(y);
  x = socket(AF_INET, SOCK_STREAM, 0), y = socket(AF_INET, SOCK_STREAM, 0);
  S(x, SOL_SOCKET, SO_REUSEPORT, 1); S(y, SOL_SOCKET, SO_REUSEPORT, 1);
  T(bind(x, (void *)&a, sizeof a)); T(bind(y, (void *)&a, sizeof a)); T(listen(x, 1)); T(listen(y, 1)); close(x), close(y);
  /* The closer's port is kept for a while. */
  a.sin_port = htons((base + 13));
  x = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0); bind(x, (void *)&a, sizeof a), listen(x, 1), connect(c, (void *)&a, sizeof a), s = accept(x, 0, 0);
  close(s), close(c), close(x); x = socket(AF_INET, SOCK_STREAM, 0); T(bind(x, (void *)&a, sizeof a)); S(x, SOL_SOCKET, SO_REUSEADDR, 1); T(bind(x, (void *)&a, sizeof a)); close(x);
  x = socket(AF_INET6, SOCK_STREAM, 0); one6 = in6("::", (base + 14)); T(bind(x, (void *)&one6, sizeof one6)); T(listen(x, 3)); a.sin_port = htons((base + 14)); c = socket(AF_INET, SOCK_STREAM, 0); T(connect(c, (void *)&a, sizeof a)); s = accepted(x); close(s), close(c);
  a = in("0.0.0.0", (base + 14)); c = socket(AF_INET, SOCK_STREAM, 0); T(connect(c, (void *)&a, sizeof a)); names(c); close(c);
  a = in("127.1.2.3", (base + 14)); c = socket(AF_INET, SOCK_STREAM, 0); T(connect(c, (void *)&a, sizeof a)); names(c); close(c); close(x);
  x = socket(AF_INET, SOCK_STREAM, 0); T(listen(x, 1)); printf("%d\n", port_of(x) > 1023); close(x);
  x = socket(AF_INET, SOCK_STREAM, 0); T(bind(x, (void *)&zero_, sizeof zero_)); printf("%d\n", port_of(x) > 1023); close(x);
  a = in("127.0.0.1", (base + 15)); a.sin_family = AF_UNSPEC; x = socket(AF_INET, SOCK_STREAM, 0); T(bind(x, (void *)&a, sizeof a)); a = in("0.0.0.0", (base + 15)); a.sin_family = AF_UNSPEC; T(bind(x, (void *)&a, sizeof a)); close(x);
}

static void datagrams(void) {
  struct sockaddr_in a = in("127.0.0.1", (base + 20)), b = in("127.0.0.1", (base + 21)), nobody = in("127.0.0.1", (base + 22)), wide = in("127.255.255.255", (base + 20)), noport = in("127.0.0.1", 0), from;
  struct sockaddr un = { AF_UNSPEC };
  socklen_t n = sizeof from;
  knows = 0;
  int x = socket(AF_INET, SOCK_DGRAM, 0), y = socket(AF_INET, SOCK_DGRAM, 0);
  P(x); names(x); T(send(x, "x", 1, 0)); T(recv(x, buf, 1, MSG_DONTWAIT)); T(shutdown(x, SHUT_RD)); close(x); x = socket(AF_INET, SOCK_DGRAM, 0);
  T(bind(x, (void *)&a, sizeof a)); T(bind(y, (void *)&a, sizeof a)); T(listen(x, 1)); T(accept(x, 0, 0));
  T(sendto(y, "first", 5, 0, (void *)&a, sizeof a)); T(sendto(y, "", 0, 0, (void *)&a, sizeof a)); T(sendto(y, "third", 5, 0, (void *)&a, sizeof a)); P(x);
  printf("%d\n", number(x, FIONREAD)); T(recvfrom(x, buf, 99, 0, (void *)&from, &n)); address("from", &from, n); T(recv(x, buf, 9, MSG_DONTWAIT)); T(recv(x, buf, 2, MSG_TRUNC | MSG_PEEK)); T(recv(x, buf, 2, 0)); T(recv(x, buf, 2, MSG_DONTWAIT));
  names(y);
  T(connect(y, (void *)&a, sizeof a)); names(y); T(send(y, "conn", 4, 0)); T(sendto(y, "conn", 4, 0, (void *)&nobody, sizeof nobody)); T(connect(x, (void *)&b, sizeof b)); T(recv(x, buf, 9, MSG_DONTWAIT)); T(recv(x, buf, 9, MSG_DONTWAIT)); T(send(y, "lost", 4, 0)); T(recv(x, buf, 9, MSG_DONTWAIT));
  T(connect(x, &un, sizeof un)); names(x);
  T(connect(y, (void *)&nobody, sizeof nobody)); T(send(y, "x", 1, 0)); P(y); T(recv(y, buf, 1, MSG_DONTWAIT)); T(recv(y, buf, 1, MSG_DONTWAIT)); T(send(y, "x", 1, 0)); T(send(y, "x", 1, 0)); G(y, SOL_SOCKET, SO_ERROR); T(shutdown(y, SHUT_WR)); T(send(y, "x", 1, 0)); P(y);
  close(y), y = socket(AF_INET, SOCK_DGRAM, 0);
  T(sendto(y, "x", 1, 0, (void *)&nobody, sizeof nobody)); P(y); T(sendto(y, buf, 65507, 0, (void *)&a, sizeof a)); T(recv(x, buf, sizeof buf, 0)); T(sendto(y, buf, 65508, 0, (void *)&a, sizeof a)); T(sendto(y, buf, 70000, 0, (void *)&a, sizeof a));
  T(sendto(y, "x", 1, 0, (void *)&noport, sizeof noport)); T(sendto(y, "x", 1, 0, (void *)&a, 4)); T(sendto(y, "x", 1, MSG_OOB, (void *)&a, sizeof a)); T(sendto(y, "x", 1, 0, (void *)&wide, sizeof wide)); T(connect(y, (void *)&wide, sizeof wide)); S(y, SOL_SOCKET, SO_BROADCAST, 1); a.sin_family = 9; T(sendto(y, "x", 1, 0, (void *)&a, sizeof a)); a.sin_family = AF_INET;
  T(sendto(y, (void *)8, 4, 0, (void *)&a, sizeof a)); T(sendto(y, "x", 1, 0, (void *)8, sizeof a)); T(sendto(y, "x", 1, 0, (void *)&a, -1)); T(sendto(y, "x", 1, 0, (void *)&a, 1000));
  int count = 0;
  while (count < 5000 && sendto(y, "x", 1, MSG_DONTWAIT, (void *)&a, sizeof a) == 1) count++;
  printf("sent %d\n", count); count = 0;
  while (recv(x, buf, 1, MSG_DONTWAIT) == 1) count++;
  printf("%d were kept\n", count > 100 && count < 5000);
  S(x, IPPROTO_IP, IP_PKTINFO, 1); T(sendto(y, "x", 1, 0, (void *)&a, sizeof a));
  { char ctl[256]; struct iovec v = { buf, 9 }; struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = 256, .msg_name = &from, .msg_namelen = 4 }; T(recvmsg(x, &m, 0)); struct cmsghdr *h = CMSG_FIRSTHDR(&m); if (h) { struct in_pktinfo *i = (void *)CMSG_DATA(h); printf("%d %d %d %d %x %x %u\n", h->cmsg_level, h->cmsg_type, (int)h->cmsg_len, i->ipi_ifindex, i->ipi_spec_dst.s_addr, i->ipi_addr.s_addr, m.msg_namelen); } }
  close(x), close(y);
  struct sockaddr_in6 any6 = in6("::", (base + 30)), to6 = in6("::1", (base + 30)), m6 = in6("::ffff:127.0.0.1", (base + 30)), f6;
  a = in("127.0.0.1", (base + 30)); x = socket(AF_INET6, SOCK_DGRAM, 0), y = socket(AF_INET6, SOCK_DGRAM, 0), c = socket(AF_INET, SOCK_DGRAM, 0);
  T(bind(x, (void *)&any6, sizeof any6)); T(sendto(y, "six", 3, 0, (void *)&to6, sizeof to6)); n = sizeof f6; T(recvfrom(x, buf, 9, 0, (void *)&f6, &n)); address("from", &f6, n);
  T(sendto(c, "four", 4, 0, (void *)&a, sizeof a)); n = sizeof f6; T(recvfrom(x, buf, 9, 0, (void *)&f6, &n)); address("from", &f6, n); T(sendto(x, "back", 4, 0, (void *)&f6, n)); T(recv(c, buf, 9, 0));
  T(connect(y, (void *)&m6, sizeof m6)); T(send(y, "map", 3, 0)); T(recv(x, buf, 9, 0)); T(sendto(y, "four", 4, 0, (void *)&a, sizeof a)); T(sendto(c, "x", 1, 0, (void *)&to6, sizeof to6));
  close(x), close(y), close(c);
}

static void options(void) {
  int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0), x = socket(AF_INET6, SOCK_STREAM, 0);
  static const int sol[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 17, 18, 19, 20, 21, 25, 28, 29, 30, 31, 34, 35, 36, 37, 38, 39, 40, 42, 43, 44, 45, 46, 47, 48, 49, 56, 59, 60, 62 };
  static const int ip[] = { 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 32, 33, 34, 49, 50, 59 }, ip6[] = { 0, 1, 16, 17, 18, 19, 23, 24, 25, 26, 29, 49, 51, 66, 67, 70, 78, 79 };
  static const int tcp[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 18, 23, 25, 30, 31, 36, 99 };
  char text[40];
  for (unsigned i = 0; i < sizeof sol / sizeof *sol; i++) { sprintf(text, "tcp socket %d", sol[i]), option(t, SOL_SOCKET, sol[i], text), sprintf(text, "udp socket %d", sol[i]), option(u, SOL_SOCKET, sol[i], text); }
  for (unsigned i = 0; i < sizeof ip / sizeof *ip; i++) sprintf(text, "tcp ip %d", ip[i]), option(t, IPPROTO_IP, ip[i], text), sprintf(text, "udp ip %d", ip[i]), option(u, IPPROTO_IP, ip[i], text);
  for (unsigned i = 0; i < sizeof ip6 / sizeof *ip6; i++) sprintf(text, "tcp6 ip6 %d", ip6[i]), option(x, IPPROTO_IPV6, ip6[i], text);
  for (unsigned i = 0; i < sizeof tcp / sizeof *tcp; i++) sprintf(text, "tcp %d", tcp[i]), option(t, IPPROTO_TCP, tcp[i], text);
  G(u, IPPROTO_UDP, 1); G(u, IPPROTO_TCP, TCP_NODELAY); G(t, IPPROTO_IPV6, IPV6_V6ONLY); G(t, 77, 1);
  S(t, IPPROTO_TCP, TCP_NODELAY, 7); G(t, IPPROTO_TCP, TCP_NODELAY); S(t, IPPROTO_TCP, TCP_KEEPIDLE, 0); S(t, IPPROTO_TCP, TCP_KEEPIDLE, 99); G(t, IPPROTO_TCP, TCP_KEEPIDLE); S(t, IPPROTO_TCP, TCP_KEEPCNT, 128); S(t, IPPROTO_TCP, TCP_MAXSEG, 1);
  S(t, IPPROTO_TCP, TCP_USER_TIMEOUT, -1); S(t, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5); G(t, IPPROTO_TCP, TCP_DEFER_ACCEPT); S(t, IPPROTO_TCP, TCP_LINGER2, 500); G(t, IPPROTO_TCP, TCP_LINGER2); S(t, IPPROTO_TCP, 99, 1); S(t, IPPROTO_TCP, TCP_CORK, 1); G(t, IPPROTO_TCP, TCP_CORK);
  T(setsockopt(t, IPPROTO_TCP, TCP_CONGESTION, "nonsense", 8)); T(setsockopt(t, IPPROTO_TCP, TCP_NODELAY, &one, 2)); T(setsockopt(t, IPPROTO_TCP, TCP_ULP, "tls", 4));
  S(t, IPPROTO_IP, IP_TTL, 0); S(t, IPPROTO_IP, IP_TTL, 256); S(t, IPPROTO_IP, IP_TTL, 9); G(t, IPPROTO_IP, IP_TTL); S(t, IPPROTO_IP, IP_TOS, 0x10); G(t, IPPROTO_IP, IP_TOS); T(setsockopt(t, IPPROTO_IP, IP_TTL, "\x7", 1)); G(t, IPPROTO_IP, IP_TTL); S(t, IPPROTO_IP, IP_MTU_DISCOVER, 9); S(u, IPPROTO_IP, IP_MULTICAST_TTL, 300); S(u, IPPROTO_IP, IP_MULTICAST_TTL, 3); G(u, IPPROTO_IP, IP_MULTICAST_TTL); S(t, IPPROTO_IP, IP_TRANSPARENT, 1); S(t, IPPROTO_IP, 59, 1);
  S(t, SOL_SOCKET, SO_REUSEADDR, 5); G(t, SOL_SOCKET, SO_REUSEADDR); S(t, SOL_SOCKET, SO_REUSEPORT, 5); G(t, SOL_SOCKET, SO_REUSEPORT); S(t, SOL_SOCKET, SO_KEEPALIVE, 5); G(t, SOL_SOCKET, SO_KEEPALIVE); S(t, SOL_SOCKET, SO_PASSCRED, 1); S(t, SOL_SOCKET, SO_RCVLOWAT, 100); G(t, SOL_SOCKET, SO_RCVLOWAT);
  T(setsockopt(t, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3)); T(setsockopt(u, SOL_SOCKET, SO_BINDTODEVICE, "nosuch0", 8));
  connection(AF_INET); G(c, IPPROTO_TCP, TCP_NODELAY); G(c, IPPROTO_IP, IP_MTU); struct tcp_info ti; socklen_t n = sizeof ti; getsockopt(c, IPPROTO_TCP, TCP_INFO, &ti, &n); printf("state %d\n", ti.tcpi_state); n = 4; T(getsockopt(l, IPPROTO_TCP, TCP_INFO, &ti, &n)); printf("%u %d\n", n, ti.tcpi_state); close(s); n = 4; getsockopt(c, IPPROTO_TCP, TCP_INFO, &ti, &n); printf("state %d\n", ti.tcpi_state); closed();
  static const int protocols[] = { 0, 1, 6, 17, 255, 262, 263, -1 };
  for (int type = 0; type < 12; type++) for (unsigned i = 0; i < 8; i++) {
    if (type == SOCK_RAW || type == SOCK_PACKET || protocols[i] == 262 || protocols[i] == 136) continue;
    errno = 0; int fd = socket(AF_INET, type, protocols[i]), e = errno; printf("socket %d %d: %s\n", type, protocols[i], fd < 0 ? strerror(e) : "made"); if (fd >= 0) close(fd);
  }
}

static void interfaces(void) {
  int u = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq r;
  memset(&r, 0, sizeof r), strcpy(r.ifr_name, "lo");
  T(ioctl(u, SIOCGIFFLAGS, &r)); printf("%x\n", r.ifr_flags); T(ioctl(u, SIOCGIFADDR, &r)); address("lo", &r.ifr_addr, 16); T(ioctl(u, SIOCGIFNETMASK, &r)); address("lo", &r.ifr_addr, 16); T(ioctl(u, SIOCGIFMTU, &r)); printf("%d\n", r.ifr_mtu); T(ioctl(u, SIOCGIFINDEX, &r)); printf("%d\n", r.ifr_ifindex); T(ioctl(u, SIOCGIFHWADDR, &r)); printf("%d\n", r.ifr_hwaddr.sa_family); T(ioctl(u, SIOCGIFBRDADDR, &r)); address("lo", &r.ifr_addr, 16);
  r.ifr_ifindex = 1; T(ioctl(u, SIOCGIFNAME, &r)); printf("%s\n", r.ifr_name); r.ifr_ifindex = 999; T(ioctl(u, SIOCGIFNAME, &r)); strcpy(r.ifr_name, "nosuch0"); T(ioctl(u, SIOCGIFMTU, &r)); T(ioctl(u, SIOCGIFMTU, 8)); T(ioctl(u, SIOCSIFFLAGS, &r)); T(ioctl(u, 0x89fe, &r)); T(ioctl(u, TCGETS, &r));
  printf("lo is %u\n", if_nametoindex("lo"));
  struct ifaddrs *all, *i;
  T(getifaddrs(&all));
  for (i = all; i; i = i->ifa_next) if (strcmp(i->ifa_name, "lo") == 0) { printf("%s %x %d ", i->ifa_name, i->ifa_flags, i->ifa_addr ? i->ifa_addr->sa_family : 0); if (i->ifa_addr && i->ifa_addr->sa_family != 17) address("", i->ifa_addr, 16), address("mask", i->ifa_netmask, 16); else printf("\n"); }
  int nl = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  struct sockaddr_nl a = { AF_NETLINK }, b;
  socklen_t n = sizeof b;
  P(nl); T(bind(nl, (void *)&a, sizeof a)); T(getsockname(nl, (void *)&b, &n)); printf("%u %d %d\n", n, b.nl_family, b.nl_pid == getpid()); T(bind(nl, (void *)&a, 4));
  struct { struct nlmsghdr h; struct ifinfomsg i; } q = { { sizeof q, RTM_GETLINK, NLM_F_REQUEST, 7, 0 }, { 0, 0, 1, 0, 0 } };
  T(send(nl, &q, sizeof q, 0) > 0); n = sizeof b; T(recvfrom(nl, buf, sizeof buf, MSG_DONTWAIT, (void *)&b, &n) > 32); struct nlmsghdr *h = (void *)buf; printf("%d %d %d %d\n", h->nlmsg_type, h->nlmsg_seq, h->nlmsg_pid == getpid(), b.nl_pid);
  q.i.ifi_index = 999; T(send(nl, &q, sizeof q, 0) > 0); T(recv(nl, buf, sizeof buf, MSG_DONTWAIT)); printf("%d %d\n", h->nlmsg_type, *(int *)(h + 1)); q.h.nlmsg_type = 999; T(send(nl, &q, sizeof q, 0) > 0); T(recv(nl, buf, sizeof buf, MSG_DONTWAIT)); printf("%d %d\n", h->nlmsg_type, *(int *)(h + 1)); q.h.nlmsg_type = RTM_NEWLINK; T(send(nl, &q, sizeof q, 0) > 0); T(recv(nl, buf, sizeof buf, MSG_DONTWAIT)); printf("%d %d\n", h->nlmsg_type, *(int *)(h + 1));
  q.h.nlmsg_type = RTM_GETADDR, q.h.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP; T(send(nl, &q, sizeof q, 0) > 0); T(recv(nl, buf, 10, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT) > 100); T(recv(nl, buf, sizeof buf, 0) > 100); printf("%d %x\n", h->nlmsg_type, h->nlmsg_flags); T(send(nl, "", 0, 0)); T(send(nl, "abc", 3, 0)); T(sendto(nl, "abc", 3, 0, (void *)&a, 3)); T(listen(nl, 1)); T(accept(nl, 0, 0)); T(shutdown(nl, 1));
  T(socket(AF_NETLINK, SOCK_STREAM, 0)); T(socket(AF_NETLINK, SOCK_RAW, 31)); T(socket(AF_NETLINK, SOCK_RAW, 99)); T(socket(AF_PACKET, SOCK_RAW, 0)); T(socket(AF_INET, SOCK_RAW, IPPROTO_TCP)); T(socket(AF_INET, SOCK_RAW, 0));
}

int main(void) {
  struct sigaction sa = { .sa_handler = on_pipe };
  base = 20000 + getpid() % 300 * 40;
  setvbuf(stdout, 0, _IOFBF, 1 << 16);
  sigaction(SIGPIPE, &sa, 0), sigaction(SIGALRM, &sa, 0);
  streams(AF_INET), streams(AF_INET6);
  binding(), datagrams(), options(), interfaces();
  fflush(stdout);
  return 0;
}
