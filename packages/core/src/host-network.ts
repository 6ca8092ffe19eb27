/** An address of IP: text as `127.0.0.1` or `::1`, and a port. */
export interface HostEndpoint {
  readonly address: string;
  readonly port: number;
}

/** What a connection of the host tells. Calls come from the host's event loop, never from within a call of ours. */
export interface HostConnectionEvents {
  /** The connection stands; its two ends. */
  connected(local: HostEndpoint, remote: HostEndpoint): void;
  /** Bytes that arrived; the receiver may keep them. */
  data(bytes: Uint8Array): void;
  /** The other side sends no more. */
  ended(): void;
  /** The connection failed or was reset: a positive errno. The last event. */
  failed(errno: number): void;
  /** There may be room for more to send. */
  drained(): void;
}

/** A TCP connection of the host. */
export interface HostConnection {
  /** Bytes that were sent and are not on their way yet. */
  readonly pending: number;
  send(bytes: Uint8Array): void;
  /** No more data events until resumed. */
  pause(paused: boolean): void;
  setNoDelay(on: boolean): void;
  setKeepAlive(on: boolean): void;
  /** Sends what is pending, then the end. */
  finish(): void;
  /** Nobody will read on: pending bytes and the end still go out, or a reset. */
  close(reset: boolean): void;
}

/** A socket of the host that others connect to. */
export interface HostListener {
  readonly local: HostEndpoint;
  /** Asked for each connection from now on, which is paused: who wants its events; null: it is refused, as all are before. */
  accept(onConnection: (connection: HostConnection, local: HostEndpoint, remote: HostEndpoint) => HostConnectionEvents | null): void;
  close(): void;
}

export interface HostDatagramEvents {
  message(bytes: Uint8Array, from: HostEndpoint): void;
  /** What was sent could not be delivered: a positive errno. */
  failed(errno: number): void;
}

/** A UDP socket of the host. */
export interface HostDatagram {
  readonly local: HostEndpoint;
  /** To the peer if there is one; errors come as events. */
  send(bytes: Uint8Array, to: HostEndpoint | null): void;
  setBroadcast(on: boolean): void;
  close(): void;
}

export interface HostBinding extends HostEndpoint {
  /** IPv6 sockets take no IPv4. */
  readonly v6Only: boolean;
  readonly reuseAddress: boolean;
}

/** An interface of the host, as the guest is shown it. */
export interface HostInterface {
  readonly name: string;
  readonly loopback: boolean;
  /** Six bytes. */
  readonly hardwareAddress: Uint8Array;
  readonly addresses: readonly { readonly address: string; readonly prefix: number }[];
}

/** The network of the host, as a machine uses it. Errors are positive errno numbers. */
export interface HostNetwork {
  /** What a report calls it: `host`. */
  readonly name: string;
  /** Starts to connect; what becomes of it comes as an event. */
  connect(to: HostEndpoint, from: HostEndpoint | null, events: HostConnectionEvents): HostConnection;
  interfaces(): readonly HostInterface[];
  listen(at: HostBinding): Promise<HostListener | number>;
  /** A UDP socket at an address (port 0: any), with a fixed peer or without. */
  datagram(at: HostBinding, peer: HostEndpoint | null, events: HostDatagramEvents): Promise<HostDatagram | number>;
  /** Lets the host's events come: settles after one turn of its event loop. */
  turn(): Promise<void>;
}
