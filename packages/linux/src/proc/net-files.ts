import { AF, IFF, TCP_STATE } from '@tally86/abi';
import { type Endpoint, isV4, packName } from '../net/inet/address.ts';
import type { InetSocket } from '../net/inet/inet-socket.ts';
import type { PortTable } from '../net/inet/ports.ts';
import { TcpSocket } from '../net/inet/tcp-socket.ts';
import type { Socket } from '../net/socket.ts';
import type { NetStack } from '../net/stack.ts';
import type { ProcContent } from './proc-inode.ts';

const hex = (value: number, width: number): string => (value >>> 0).toString(16).toUpperCase().padStart(width, '0');
const inodeOf = ({ dentry }: Socket): number => dentry?.inode.ino ?? 0;

/** An address as words of the machine, as the kernel prints them, and the port. */
function endText(end: Endpoint, family: number): string {
  const name = packName(end, family);
  const view = new DataView(name.buffer);
  const words = family === AF.INET6 ? [8, 12, 16, 20] : [4];
  return `${words.map((at) => hex(view.getUint32(at, true), 8)).join('')}:${hex(end.port, 4)}`;
}

/** The queues of a socket: of a listener, the connections that wait. */
function queueText(socket: InetSocket): string {
  const waiting = socket instanceof TcpSocket && socket.state === TCP_STATE.LISTEN ? socket.acceptQueue.length : socket.available();
  return `${hex(socket.outgoing(), 8)}:${hex(waiting, 8)}`;
}

/** A line of /proc/net/tcp and udp (net/ipv4/tcp_ipv4.c, get_tcp4_sock): addresses, state, queues, timer, owner, inode, references. */
function inetLine(socket: InetSocket, index: number, family: number, width: number, tail: string): string {
  const nobody: Endpoint = { ip: socket.isV6 ? 0n : 0xffff_0000_0000n, port: 0 };
  const state = hex(socket.state, 2);
  const ends = `${endText(socket.local, family)} ${endText(socket.remote ?? nobody, family)}`;
  const owner = `${String(socket.owner.uid).padStart(5)} ${'0'.padStart(8)} ${inodeOf(socket)}`;
  return `${String(index).padStart(width)}: ${ends} ${state} ${queueText(socket)} 00:00000000 00000000 ${owner} ${tail}`;
}

const NO_POINTER = '0000000000000000';
const tcpTail = ({ state }: InetSocket): string => (state === TCP_STATE.LISTEN ? `1 ${NO_POINTER} 100 0 0 10 0` : `1 ${NO_POINTER} 20 4 30 10 -1`);
const udpTail = (): string => `2 ${NO_POINTER} 0`;
const HEAD4 = 'sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const HEAD6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode`;

function table(ports: PortTable, family: number, head: string, width: number, padding: number, tail: (socket: InetSocket) => string): string {
  const sockets = [...ports.sockets()].filter(({ kind }) => kind.family === family);
  const lines = sockets.map((socket, index) => inetLine(socket, index, family, width, tail(socket)).padEnd(padding));
  return `${[head.padEnd(padding), ...lines].join('\n')}\n`;
}

/** /proc/net/unix: flags are those of a listener; a NUL in a name is shown as @. */
function unixText(net: NetStack): string {
  const lines = [...net.unixNames.sockets].map((socket) => {
    const { state, kind, name } = socket;
    const flags = state === TCP_STATE.LISTEN ? 0x1_0000 : 0;
    const path = name === null ? '' : name.kind === 'path' ? ` ${name.path}` : ` @${name.name.replaceAll('\0', '@')}`;
    const connected = state === TCP_STATE.ESTABLISHED;
    return `${NO_POINTER}: ${hex(connected ? 3 : 2, 8)} 00000000 ${hex(flags, 8)} ${hex(kind.type, 4)} ${connected ? '03' : '01'} ${String(inodeOf(socket)).padStart(5)}${path}\n`;
  });
  return `Num       RefCount Protocol Flags    Type St Inode Path\n${lines.join('')}`;
}

const DEV_HEAD = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
`;
/** Widths of the counters of /proc/net/dev. Traffic is not counted: what a loopback carries is no packets. */
const DEV_WIDTHS = [7, 7, 4, 4, 4, 5, 10, 9, 8, 7, 4, 4, 4, 5, 7, 10];

function devText(net: NetStack): string {
  return DEV_HEAD + net.interfaces().map(({ name }) => `${name.padStart(6)}: ${DEV_WIDTHS.map((width) => '0'.padStart(width)).join(' ')}\n`).join('');
}

/** Address, index, prefix, scope (host or universe) and IFA_F_PERMANENT. */
function inet6Text(net: NetStack): string {
  return net.interfaces().flatMap(({ name, index, flags, addresses }) => addresses.filter(({ ip }) => !isV4(ip)).map(({ ip, prefix }) => {
    const byte = (value: number): string => value.toString(16).padStart(2, '0');
    return `${ip.toString(16).padStart(32, '0')} ${byte(index)} ${byte(prefix)} ${(flags & IFF.LOOPBACK) === 0 ? '00' : '10'} 80 ${name.padStart(8)}\n`;
  })).join('');
}

const ROUTE_HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';

/** /proc/PID/net (proc(5)). The routes of the loopback are in no table that is shown here. */
export function netContent(net: NetStack): ProcContent {
  const texts: Readonly<Record<string, () => string>> = {
    dev: () => devText(net),
    if_inet6: () => inet6Text(net),
    route: () => `${ROUTE_HEAD.padEnd(127)}\n`,
    tcp: () => table(net.tcpPorts, AF.INET, `  ${HEAD4}`, 4, 149, tcpTail),
    tcp6: () => table(net.tcpPorts, AF.INET6, HEAD6, 4, 0, tcpTail),
    udp: () => table(net.udpPorts, AF.INET, `   ${HEAD4} ref pointer drops`, 5, 127, udpTail),
    udp6: () => table(net.udpPorts, AF.INET6, `${HEAD6} ref pointer drops`, 5, 0, udpTail),
    unix: () => unixText(net),
  };
  return { entries: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, (directory) => directory.makeFile(text)])) };
}
