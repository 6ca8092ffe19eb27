import { E, SIOC, TCP_STATE } from '@tally86/abi';
import type { Task } from '../kernel/types.ts';
import { interfaceIoctl } from './inet/interfaces.ts';
import type { Socket } from './socket.ts';

/** Requests that sockets of every family know, then those of the family, then those about interfaces. */
export function socketIoctl(socket: Socket, request: number, argument: number, task: Task): number {
  switch (request) {
    case SIOC.INQ:
    case SIOC.OUTQ: {
      if (socket.isStream && socket.state === TCP_STATE.LISTEN) return -E.EINVAL;
      const count = request === SIOC.INQ ? socket.available() : socket.outgoing();
      if (count < 0) return count;
      return task.user.writeU32(argument, count) ? 0 : -E.EFAULT;
    }
    case SIOC.GPGRP:
      return task.user.writeU32(argument, 0) ? 0 : -E.EFAULT;
    default: {
      const answer = socket.ioctlOfFamily(request, argument, task);
      return answer === -E.ENOTTY ? interfaceIoctl(socket.net, request, argument, task) : answer;
    }
  }
}
