/** The hub's stream of events, kept open: after a break it goes on where it was. */
import type { Cursor, Message } from "./words";

/** Of a WebSocket, what the stream needs. */
export interface Socket {
  onopen: (() => void) | null;
  onmessage: ((message: { data: string }) => void) | null;
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
}

/** `connecting` at first, then `live`, or `lost` while it tries again. */
export type Connection = "connecting" | "live" | "lost";

const PING_EVERY = 20_000;
const ANSWER_WITHIN = 10_000;
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

  constructor(
    private readonly world: World,
    /** Is told each message in order. */
    private readonly hear: (message: Message) => void,
    private readonly become: (connection: Connection) => void,
    /** Is asked before each further try; false = the session is over, and the stream ends. */
    private readonly mayGoOn: () => Promise<boolean>,
  ) {}

  start(): void {
    this.become("connecting");
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
    if (this.#socket) {
      if (this.#isOpen) this.#ping(this.#socket);
      return;
    }
    this.#generation += 1;
    this.#callOff();
    this.#pause = PAUSE_LEAST;
    this.#connect();
  }

  /** Wants a whole picture in the place of what was missed or may be seen no longer. */
  renew(): void {
    this.#cursor = null;
    if (this.#socket && this.#isOpen) this.#subscribe(this.#socket);
  }

  #subscribe(socket: Socket): void {
    socket.send(JSON.stringify({ type: "subscribe", id: 1, ...(this.#cursor ? { since: this.#cursor } : {}) }));
  }

  #connect(): void {
    const socket = this.world.open();
    this.#socket = socket;
    this.#isOpen = false;
    // A network that swallows everything closes nothing.
    this.#callOff = this.world.after(ANSWER_WITHIN, () => this.#lost(socket));
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#isOpen = true;
      this.#subscribe(socket);
      this.#ping(socket);
    };
    socket.onmessage = ({ data }) => this.#heard(socket, JSON.parse(data) as Message);
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
    this.become("live");
    this.#await(socket);
    this.hear(message);
  }

  /** Anything that comes shows that the hub is there. */
  #await(socket: Socket): void {
    this.#callOff();
    this.#callOff = this.world.after(PING_EVERY, () => this.#ping(socket));
  }

  #ping(socket: Socket): void {
    this.#callOff();
    this.#callOff = this.world.after(ANSWER_WITHIN, () => this.#lost(socket));
    socket.send(JSON.stringify({ type: "ping" }));
  }

  #lost(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#callOff();
    socket.close();
    this.become("lost");
    // Spread, so that not all phones of a home come in the same moment.
    const pause = this.#pause * (0.5 + this.world.random());
    this.#pause = Math.min(this.#pause * 2, PAUSE_MOST);
    this.#callOff = this.world.after(pause, () => void this.#again());
  }

  async #again(): Promise<void> {
    const generation = this.#generation;
    // No answer at all is no end of a session.
    const mayGoOn = await this.mayGoOn().catch(() => true);
    if (mayGoOn && generation === this.#generation) this.#connect();
  }
}

/** The browser's own. */
export function browserWorld(): World {
  return {
    open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/stream`) as unknown as Socket,
    after(milliseconds, then) {
      const timer = setTimeout(then, milliseconds);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
}
