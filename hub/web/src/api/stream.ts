/** The hub's stream of events, kept open: after a break it goes on where it was. */
import { inOrder, unpack } from "./unpack";
import type { Cursor, Message } from "./words";

/** Of a WebSocket, what the stream needs. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((message: { data: string | ArrayBuffer }) => void) | null;
  onclose: (() => void) | null;
  send(text: string): void;
  close(): void;
}

/** What the stream is given of the world. */
export interface World {
  open(): Socket;
  /** Calls after so many milliseconds, and gives back what calls it off. */
  after(milliseconds: number, then: () => void): () => void;
  /** Between 0 and 1. */
  random(): number;
  /** The text of gzip bytes. */
  unpack(gzip: ArrayBuffer): Promise<string>;
}

/** `connecting` at first, then `live`, or `lost` while it tries again. */
export type Connection = "connecting" | "live" | "lost";

/** Who is told what the stream says. */
export interface Follower {
  /** Each message in order. */
  hear(message: Message): void;
  become(connection: Connection): void;
  /** Is asked before each further try, so that nothing is taken in for somebody else; false = the stream ends. */
  mayGoOn(): Promise<boolean>;
}

/** Keeps what is said before anybody follows. */
class Memory implements Follower {
  readonly said: Message[] = [];
  connection: Connection = "connecting";

  hear(message: Message): void {
    this.said.push(message);
  }

  become(connection: Connection): void {
    this.connection = connection;
  }

  async mayGoOn(): Promise<boolean> {
    return true;
  }
}

const PING_EVERY = 20_000;
const ANSWER_WITHIN = 10_000;
/** Somebody looks, and a phone that slept does not know that its connection is gone. */
const HURRIED_WITHIN = 3_000;
const PAUSE_LEAST = 500;
const PAUSE_MOST = 15_000;

export class Stream {
  #cursor: Cursor | null = null;
  #socket: Socket | null = null;
  #isOpen = false;
  #pause = PAUSE_LEAST;
  /** Rises when what was under way is not wanted any more. */
  #generation = 0;
  #callOff: () => void = () => {};

  #follower: Follower = new Memory();

  constructor(private readonly world: World) {}

  /** Tells somebody everything that was said so far, and from now on. */
  follow(follower: Follower): void {
    const before = this.#follower;
    this.#follower = follower;
    if (!(before instanceof Memory)) return;
    follower.become(before.connection);
    for (const message of before.said) follower.hear(message);
  }

  start(): void {
    this.#follower.become("connecting");
    this.#connect();
  }

  stop(): void {
    this.#generation += 1;
    this.#callOff();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** Tries at once: the network is there again, or the page is looked at again. */
  hurry(): void {
    const socket = this.#socket;
    this.#pause = PAUSE_LEAST;
    if (!socket) void this.#again();
    else if (this.#isOpen) this.#ping(socket, HURRIED_WITHIN);
    else this.#await(socket, HURRIED_WITHIN);
  }

  /** Wants a whole picture in the place of what was missed or may be seen no longer. */
  renew(): void {
    this.#cursor = null;
    if (this.#socket && this.#isOpen) this.#subscribe(this.#socket);
  }

  #subscribe(socket: Socket): void {
    const since = this.#cursor ? { since: this.#cursor } : {};
    socket.send(JSON.stringify({ type: "subscribe", id: 1, gzip: true, ...since }));
  }

  #connect(): void {
    const socket = this.world.open();
    this.#socket = socket;
    this.#isOpen = false;
    this.#await(socket, ANSWER_WITHIN);
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#isOpen = true;
      this.#subscribe(socket);
      this.#ping(socket);
    };
    const take = inOrder(
      this.world.unpack,
      (text) => this.#heard(socket, JSON.parse(text) as Message),
      () => this.#lost(socket),
    );
    socket.onmessage = ({ data }) => take(data);
    socket.onclose = () => this.#lost(socket);
  }

  #heard(socket: Socket, message: Message): void {
    if (socket !== this.#socket) return;
    if (message.type === "snapshot") this.#cursor = message.cursor;
    else if (message.type === "resync") this.#cursor = null;
    else if ((message.type === "event" || message.type === "progress") && this.#cursor) {
      this.#cursor = { ...this.#cursor, seq: message.seq };
    }
    this.#pause = PAUSE_LEAST;
    this.#follower.become("live");
    // Anything that comes shows that the hub is there.
    this.#callOff();
    this.#callOff = this.world.after(PING_EVERY, () => this.#ping(socket));
    this.#follower.hear(message);
  }

  /** A network that swallows everything closes nothing. */
  #await(socket: Socket, within: number): void {
    this.#callOff();
    this.#callOff = this.world.after(within, () => this.#lost(socket));
  }

  #ping(socket: Socket, within = ANSWER_WITHIN): void {
    this.#await(socket, within);
    socket.send(JSON.stringify({ type: "ping" }));
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#callOff();
    socket.close();
    this.#follower.become("lost");
    // Spread, so that not all phones of a home come in the same moment.
    const pause = this.#pause * (0.5 + this.world.random());
    this.#pause = Math.min(this.#pause * 2, PAUSE_MOST);
    this.#callOff = this.world.after(pause, () => void this.#again());
  }

  async #again(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#callOff();
    // No answer at all is no end of a session, and must not be waited for without end.
    const silence = new Promise<boolean>((resolve) => {
      this.#callOff = this.world.after(ANSWER_WITHIN, () => resolve(true));
    });
    const mayGoOn = await Promise.race([this.#follower.mayGoOn().catch(() => true), silence]);
    if (generation !== this.#generation) return;
    this.#callOff();
    if (mayGoOn) this.#connect();
  }
}

/** The browser's own. */
export function browserWorld(): World {
  return {
    open() {
      const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/stream`);
      socket.binaryType = "arraybuffer";
      return socket as unknown as Socket;
    },
    after(milliseconds, then) {
      const timer = setTimeout(then, milliseconds);
      return () => clearTimeout(timer);
    },
    random: Math.random,
    unpack,
  };
}
