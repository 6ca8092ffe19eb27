import { NLM_F, NLMSG, NLMSGHDR, packStruct } from '@tally86/abi';

const align = (length: number): number => (length + 3) & ~3;

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** struct rtattr and its payload, padded. */
export function attribute(type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(align(4 + payload.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 4 + payload.length, true);
  view.setUint16(2, type, true);
  bytes.set(payload, 4);
  return bytes;
}
export const u8 = (value: number): Uint8Array => Uint8Array.of(value);
export function u32(...values: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}
export const text = (value: string): Uint8Array => Uint8Array.from(`${value}\0`, (letter) => letter.charCodeAt(0));

/** The request that a message answers, and the port it goes to. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly port: number;
  /** All of it, header included. */
  readonly bytes: Uint8Array;
}

/** A message of netlink: header, fixed part, attributes. */
export function message({ sequence, port }: Request, type: number, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatenate(parts);
  const header = packStruct(NLMSGHDR, { nlmsg_len: NLMSGHDR.size + body.length, nlmsg_type: type, nlmsg_flags: flags, nlmsg_seq: sequence, nlmsg_pid: port });
  const padding = new Uint8Array(align(body.length) - body.length);
  return concatenate([header, body, padding]);
}

/** The end of a dump. */
export const done = (request: Request): Uint8Array => message(request, NLMSG.DONE, NLM_F.MULTI, u32(0));

/** NLMSG_ERROR: 0 acknowledges; an error quotes the request. */
export function errorMessage(request: Request, error: number): Uint8Array {
  const quoted = error === 0 ? request.bytes.subarray(0, NLMSGHDR.size) : request.bytes;
  return message(request, NLMSG.ERROR, error === 0 ? 0x100 : 0, u32(error), quoted);
}
