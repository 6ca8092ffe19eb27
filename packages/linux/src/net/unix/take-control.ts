import { packStruct, SCM, SO, SOL, UCRED } from '@tally86/abi';
import { holdFile } from '../hold.ts';
import type { Incoming } from '../message.ts';
import { packUnixName } from './names.ts';
import type { Packet } from './packet-queue.ts';
import { receiveFiles } from './rights.ts';
import type { UnixSocket } from './unix-socket.ts';

/** Tells the receiver what came with a packet: credentials if it asked for them, files, the sender's address. */
export function takeControl(socket: UnixSocket, packet: Packet, message: Incoming, peeks: boolean): void {
  if (socket.options.isOn(SO.PASSCRED) && message.control.length === 0) {
    const { pid, uid, gid } = packet.credentials;
    message.control.push({ level: SOL.SOCKET, type: SCM.CREDENTIALS, data: packStruct(UCRED, { pid, uid, gid }) });
  }
  if (packet.from !== null) message.name = packUnixName(packet.from);
  if (packet.files.length === 0) return;
  message.files = packet.files;
  if (peeks) {
    for (const file of packet.files) holdFile(file);
    return;
  }
  receiveFiles(socket.net.unixNames, packet.files);
  packet.files = [];
}
