import { struct } from './layout.ts';

/** socket(2): address families and types (linux/socket.h, linux/net.h). */
export const AF = { UNSPEC: 0, UNIX: 1, INET: 2, INET6: 10, NETLINK: 16, PACKET: 17, MAX: 46 } as const;
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, RDM: 4, SEQPACKET: 5, DCCP: 6, PACKET: 10, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;
/** The kernel's limit of types, and the bits that hold one. */
export const SOCK_MAX = 11, SOCK_TYPE_MASK = 0xf;
export const IPPROTO = { IP: 0, ICMP: 1, TCP: 6, UDP: 17, IPV6: 41, ICMPV6: 58, UDPLITE: 136, RAW: 255, MPTCP: 262 } as const;
export const SHUT = { RD: 0, WR: 1, RDWR: 2 } as const;
export const MSG = {
  OOB: 1, PEEK: 2, DONTROUTE: 4, CTRUNC: 8, PROXY: 0x10, TRUNC: 0x20, DONTWAIT: 0x40, EOR: 0x80, WAITALL: 0x100, CONFIRM: 0x800, ERRQUEUE: 0x2000,
  NOSIGNAL: 0x4000, MORE: 0x8000, WAITFORONE: 0x1_0000, ZEROCOPY: 0x400_0000, FASTOPEN: 0x2000_0000, CMSG_CLOEXEC: 0x4000_0000,
} as const;
export const MSG_CMSG_COMPAT = 0x8000_0000;
export const SOL = { SOCKET: 1, NETLINK: 270 } as const;
/** asm-generic/socket.h */
export const SO = {
  DEBUG: 1, REUSEADDR: 2, TYPE: 3, ERROR: 4, DONTROUTE: 5, BROADCAST: 6, SNDBUF: 7, RCVBUF: 8, KEEPALIVE: 9, OOBINLINE: 10, NO_CHECK: 11, PRIORITY: 12,
  LINGER: 13, BSDCOMPAT: 14, REUSEPORT: 15, PASSCRED: 16, PEERCRED: 17, RCVLOWAT: 18, SNDLOWAT: 19, RCVTIMEO: 20, SNDTIMEO: 21, BINDTODEVICE: 25,
  ATTACH_FILTER: 26, DETACH_FILTER: 27, PEERNAME: 28, TIMESTAMP: 29, ACCEPTCONN: 30, PEERSEC: 31, SNDBUFFORCE: 32, RCVBUFFORCE: 33, PASSSEC: 34,
  TIMESTAMPNS: 35, MARK: 36, TIMESTAMPING: 37, PROTOCOL: 38, DOMAIN: 39, RXQ_OVFL: 40, WIFI_STATUS: 41, PEEK_OFF: 42, NOFCS: 43, LOCK_FILTER: 44,
  SELECT_ERR_QUEUE: 45, BUSY_POLL: 46, MAX_PACING_RATE: 47, BPF_EXTENSIONS: 48, INCOMING_CPU: 49, ATTACH_BPF: 50, ATTACH_REUSEPORT_CBPF: 51,
  ATTACH_REUSEPORT_EBPF: 52, MEMINFO: 55, INCOMING_NAPI_ID: 56, COOKIE: 57, PEERGROUPS: 59, ZEROCOPY: 60, TXTIME: 61, BINDTOIFINDEX: 62,
} as const;
export const SCM = { RIGHTS: 1, CREDENTIALS: 2 } as const;
/** File descriptors in one message (net/scm.h), and the longest address. */
export const SCM_MAX_FD = 253, SOCKADDR_STORAGE_SIZE = 128, SOMAXCONN = 4096;
/** netinet/tcp.h */
export const TCP = {
  NODELAY: 1, MAXSEG: 2, CORK: 3, KEEPIDLE: 4, KEEPINTVL: 5, KEEPCNT: 6, SYNCNT: 7, LINGER2: 8, DEFER_ACCEPT: 9, WINDOW_CLAMP: 10, INFO: 11, QUICKACK: 12,
  CONGESTION: 13, USER_TIMEOUT: 18, FASTOPEN: 23, TIMESTAMP: 24, NOTSENT_LOWAT: 25, FASTOPEN_CONNECT: 30, ULP: 31, INQ: 36,
} as const;
/** linux/in.h */
export const IP = {
  TOS: 1, TTL: 2, HDRINCL: 3, OPTIONS: 4, ROUTER_ALERT: 5, RECVOPTS: 6, RETOPTS: 7, PKTINFO: 8, MTU_DISCOVER: 10, RECVERR: 11, RECVTTL: 12, RECVTOS: 13,
  MTU: 14, FREEBIND: 15, TRANSPARENT: 19, RECVORIGDSTADDR: 20, MINTTL: 21, NODEFRAG: 22, CHECKSUM: 23, BIND_ADDRESS_NO_PORT: 24, MULTICAST_IF: 32, MULTICAST_TTL: 33,
  MULTICAST_LOOP: 34, ADD_MEMBERSHIP: 35, DROP_MEMBERSHIP: 36, MULTICAST_ALL: 49, UNICAST_IF: 50,
} as const;
/** linux/in6.h */
export const IPV6 = {
  ADDRFORM: 1, '2292PKTINFO': 2, CHECKSUM: 7, '2292HOPLIMIT': 8, UNICAST_HOPS: 16, MULTICAST_IF: 17, MULTICAST_HOPS: 18, MULTICAST_LOOP: 19, JOIN_GROUP: 20, LEAVE_GROUP: 21, MTU_DISCOVER: 23, MTU: 24,
  RECVERR: 25, V6ONLY: 26, MULTICAST_ALL: 29, RECVPKTINFO: 49, PKTINFO: 50, RECVHOPLIMIT: 51, HOPLIMIT: 52, DONTFRAG: 62, RECVTCLASS: 66, TCLASS: 67,
  AUTOFLOWLABEL: 70, RECVORIGDSTADDR: 74, FREEBIND: 78,
} as const;
/** Requests on sockets (linux/sockios.h). */
export const SIOC = {
  INQ: 0x541b, OUTQ: 0x5411, SPGRP: 0x8902, GPGRP: 0x8904, ATMARK: 0x8905, GSTAMP: 0x8906, GIFNAME: 0x8910, GIFCONF: 0x8912, GIFFLAGS: 0x8913, SIFFLAGS: 0x8914,
  GIFADDR: 0x8915, SIFADDR: 0x8916, GIFDSTADDR: 0x8917, GIFBRDADDR: 0x8919, GIFNETMASK: 0x891b, GIFMETRIC: 0x891d, GIFMTU: 0x8921, GIFHWADDR: 0x8927, GIFINDEX: 0x8933,
  GIFTXQLEN: 0x8942, GIFMAP: 0x8970,
} as const;
export const IFF = { UP: 1, BROADCAST: 2, LOOPBACK: 8, RUNNING: 0x40, LOWER_UP: 0x1_0000 } as const;
/** Connection states (net/tcp_states.h). */
export const TCP_STATE = {
  ESTABLISHED: 1, SYN_SENT: 2, SYN_RECV: 3, FIN_WAIT1: 4, FIN_WAIT2: 5, TIME_WAIT: 6, CLOSE: 7, CLOSE_WAIT: 8, LAST_ACK: 9, LISTEN: 10, CLOSING: 11,
} as const;
/** Netlink (linux/netlink.h, linux/rtnetlink.h). */
export const NETLINK = { ROUTE: 0, USERSOCK: 2, SOCK_DIAG: 4, AUDIT: 9, KOBJECT_UEVENT: 15, GENERIC: 16 } as const;
export const NLM_F = { REQUEST: 1, MULTI: 2, ACK: 4, ROOT: 0x100, MATCH: 0x200, DUMP: 0x300 } as const;
export const NLMSG = { NOOP: 1, ERROR: 2, DONE: 3 } as const;
export const RTM = { NEWLINK: 16, GETLINK: 18, NEWADDR: 20, GETADDR: 22, NEWROUTE: 24, GETROUTE: 26, MAX: 123 } as const;
export const IFLA = { ADDRESS: 1, BROADCAST: 2, IFNAME: 3, MTU: 4, QDISC: 6, TXQLEN: 13, OPERSTATE: 16, LINKMODE: 17, GROUP: 27 } as const;
export const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, CACHEINFO: 6, FLAGS: 8 } as const;
export const RTA = { DST: 1, OIF: 4, PREFSRC: 7, TABLE: 15 } as const;

export const SOCKADDR_IN = struct('sockaddr_in', { sin_family: 'u16', sin_port: 'bytes2', sin_addr: 'bytes4', sin_zero: 'bytes8' });
export const SOCKADDR_IN6 = struct('sockaddr_in6', { sin6_family: 'u16', sin6_port: 'bytes2', sin6_flowinfo: 'u32', sin6_addr: 'bytes16', sin6_scope_id: 'u32' });
/** sockaddr_un: the family, then up to 108 bytes. */
export const SOCKADDR_UN_SIZE = 110, SOCKADDR_UN_PATH = 2;
export const SOCKADDR_NL = struct('sockaddr_nl', { nl_family: 'u16', nl_pad: 'u16', nl_pid: 'u32', nl_groups: 'u32' });
export const MSGHDR = struct('msghdr', { msg_name: 'u64', msg_namelen: 'u32', msg_iov: 'u64', msg_iovlen: 'u64', msg_control: 'u64', msg_controllen: 'u64', msg_flags: 'u32' });
export const MMSGHDR_SIZE = 64;
export const CMSGHDR = struct('cmsghdr', { cmsg_len: 'u64', cmsg_level: 'i32', cmsg_type: 'i32' });
export const UCRED = struct('ucred', { pid: 'i32', uid: 'u32', gid: 'u32' });
export const LINGER = struct('linger', { l_onoff: 'i32', l_linger: 'i32' });
export const IFREQ_SIZE = 40, IFNAMSIZ = 16;
export const NLMSGHDR = struct('nlmsghdr', { nlmsg_len: 'u32', nlmsg_type: 'u16', nlmsg_flags: 'u16', nlmsg_seq: 'u32', nlmsg_pid: 'u32' });
export const IFINFOMSG = struct('ifinfomsg', { ifi_family: 'u8', pad: 'u8', ifi_type: 'u16', ifi_index: 'i32', ifi_flags: 'u32', ifi_change: 'u32' });
export const IFADDRMSG = struct('ifaddrmsg', { ifa_family: 'u8', ifa_prefixlen: 'u8', ifa_flags: 'u8', ifa_scope: 'u8', ifa_index: 'u32' });
export const RTMSG = struct('rtmsg', {
  rtm_family: 'u8', rtm_dst_len: 'u8', rtm_src_len: 'u8', rtm_tos: 'u8', rtm_table: 'u8', rtm_protocol: 'u8', rtm_scope: 'u8', rtm_type: 'u8', rtm_flags: 'u32',
});
