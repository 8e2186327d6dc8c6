import { gunzipSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Stream, type Connection, type Socket } from "./stream";

/** Once all that was promised has been kept. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** A world in which time passes when the test says so. */
function world() {
  const sockets: (Socket & { sent: unknown[]; closed: boolean })[] = [];
  let timers: { at: number; then: () => void }[] = [];
  let now = 0;
  return {
    sockets,
    open() {
      const socket = {
        onopen: null,
        onmessage: null,
        onclose: null,
        sent: [] as unknown[],
        closed: false,
        send: (text: string) => void socket.sent.push(JSON.parse(text)),
        close: () => void (socket.closed = true),
      };
      sockets.push(socket);
      return socket;
    },
    after(milliseconds: number, then: () => void) {
      const timer = { at: now + milliseconds, then };
      timers.push(timer);
      return () => (timers = timers.filter((one) => one !== timer));
    },
    random: () => 0.5,
    unpack: async (gzip: ArrayBuffer) => gunzipSync(new Uint8Array(gzip)).toString(),
    async pass(milliseconds: number) {
      const end = now + milliseconds;
      for (;;) {
        const next = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers = timers.filter((one) => one !== next);
        now = next.at;
        next.then();
        await settled();
      }
      now = end;
    },
  };
}

function begun(mayGoOn = async () => true) {
  const around = world();
  const heard: string[] = [];
  const states: Connection[] = [];
  const stream = new Stream(around);
  stream.follow({
    hear: (message) => heard.push(message.type),
    become: (connection) => states.push(connection),
    mayGoOn,
  });
  stream.start();
  const socket = () => around.sockets.at(-1)!;
  const say = (message: object) => socket().onmessage?.({ data: JSON.stringify(message) });
  return { around, stream, heard, states, socket, say };
}

const snapshot = { type: "snapshot", id: 1, cursor: { epoch: "e1", seq: 7 } };

test("after a break it goes on where it was", async () => {
  const { around, say, socket, states } = begun();
  socket().onopen?.();
  expect(socket().sent[0]).toEqual({ type: "subscribe", id: 1, gzip: true });
  say(snapshot);
  say({ type: "event", id: 1, seq: 8, event: {} });
  say({ type: "progress", id: 1, seq: 11 });
  socket().onclose?.();
  expect(states.at(-1)).toBe("lost");
  await around.pass(1000);
  socket().onopen?.();
  expect(around.sockets).toHaveLength(2);
  expect(socket().sent[0]).toEqual({ type: "subscribe", id: 1, gzip: true, since: { epoch: "e1", seq: 11 } });
});

test("a resync forgets where it was", async () => {
  const { around, say, socket } = begun();
  socket().onopen?.();
  say(snapshot);
  say({ type: "resync", id: 1, reason: "too slow" });
  socket().onclose?.();
  await around.pass(1000);
  socket().onopen?.();
  expect(socket().sent[0]).toEqual({ type: "subscribe", id: 1, gzip: true });
});

test("a network that swallows everything is noticed", async () => {
  const { around, say, socket, states } = begun();
  socket().onopen?.();
  say(snapshot);
  expect(states.at(-1)).toBe("live");
  await around.pass(20_000);
  expect(socket().sent.at(-1)).toEqual({ type: "ping" });
  await around.pass(10_000);
  expect(states).toContain("lost");
  expect(around.sockets[0]!.closed).toBe(true);
});

test("tries grow rarer, up to a limit, and end with the session", async () => {
  let isIn = true;
  const { around, socket } = begun(async () => isIn);
  for (const [count, pause] of [500, 1000, 2000, 4000, 8000, 15_000, 15_000].entries()) {
    socket().onclose?.();
    await around.pass(pause - 1);
    expect(around.sockets).toHaveLength(count + 1);
    await around.pass(1);
    expect(around.sockets).toHaveLength(count + 2);
  }
  isIn = false;
  socket().onclose?.();
  await around.pass(60_000);
  expect(around.sockets).toHaveLength(8);
});

test("an old socket that wakes up late is not heard", async () => {
  const { around, say, heard } = begun();
  const old = around.sockets[0]!;
  old.onclose?.();
  await around.pass(1000);
  old.onmessage?.({ data: JSON.stringify(snapshot) });
  expect(heard).toEqual([]);
  say(snapshot);
  expect(heard).toEqual(["snapshot"]);
});

test("hurrying and stopping leave one connection, or none", async () => {
  let answer: (isIn: boolean) => void = () => {};
  const { around, stream, socket } = begun(() => new Promise((resolve) => (answer = resolve)));
  // Not open yet: there is nothing to say to it.
  stream.hurry();
  expect(socket().sent).toEqual([]);
  socket().onclose?.();
  await around.pass(1000);
  // While it is asked whether the session goes on, somebody is in a hurry.
  const early = answer;
  stream.hurry();
  early(true);
  await settled();
  expect(around.sockets).toHaveLength(1);
  answer(true);
  await settled();
  expect(around.sockets).toHaveLength(2);
  socket().onclose?.();
  await around.pass(1000);
  stream.stop();
  answer(true);
  await settled();
  expect(around.sockets).toHaveLength(2);
});

test("who looks again does not wait for the next try, and is asked who they are first", async () => {
  let asked = 0;
  const { around, stream, socket } = begun(async () => (asked += 1) > 0);
  for (const pause of [500, 1000, 2000, 4000]) {
    socket().onclose?.();
    await around.pass(pause);
  }
  socket().onclose?.();
  const before = around.sockets.length;
  stream.hurry();
  await settled();
  expect(around.sockets).toHaveLength(before + 1);
  expect(asked).toBe(5);
});

test("a phone that wakes up notices soon that its connection is gone", async () => {
  const { around, stream, say, socket, states } = begun();
  socket().onopen?.();
  say(snapshot);
  stream.hurry();
  await around.pass(3000);
  expect(states.at(-1)).toBe("lost");
  await around.pass(500);
  expect(around.sockets).toHaveLength(2);
});

test("a question that is never answered holds nothing up", async () => {
  const { around, socket } = begun(() => new Promise(() => {}));
  socket().onclose?.();
  await around.pass(500);
  await around.pass(10_000);
  expect(around.sockets).toHaveLength(2);
});

test("a picture that may be another is asked for anew, on the same connection", () => {
  const { stream, socket, say } = begun();
  socket().onopen?.();
  say({ type: "snapshot", cursor: { epoch: "7", seq: 4 } });
  stream.renew();
  expect(socket().sent.at(-1)).toEqual({ type: "subscribe", id: 1, gzip: true });
});

/** As it comes over the stream. */
const packed = (message: object) => new Uint8Array(gzipSync(JSON.stringify(message))).buffer;

test("what comes behind a compressed picture waits for it", async () => {
  const { around, heard, socket, say } = begun();
  socket().onopen?.();
  socket().onmessage?.({ data: packed(snapshot) });
  say({ type: "event", id: 1, seq: 8, event: {} });
  socket().onmessage?.({ data: packed({ ...snapshot, cursor: { epoch: "e1", seq: 9 } }) });
  say({ type: "event", id: 1, seq: 10, event: {} });
  expect(heard).toEqual([]);
  await settled();
  expect(heard).toEqual(["snapshot", "event", "snapshot", "event"]);
  socket().onclose?.();
  await around.pass(1000);
  socket().onopen?.();
  expect(socket().sent[0]).toMatchObject({ since: { epoch: "e1", seq: 10 } });
});

test("a picture that cannot be unpacked is a connection that is lost", async () => {
  const { heard, socket, states } = begun();
  socket().onopen?.();
  const broken = packed(snapshot).slice(0, 30);
  socket().onmessage?.({ data: broken });
  await settled();
  expect([heard, states.at(-1)]).toEqual([[], "lost"]);
});

test("who follows late hears everything, in order", () => {
  const around = world();
  const stream = new Stream(around);
  stream.start();
  const socket = around.sockets[0]!;
  socket.onopen?.();
  const say = (message: object) => socket.onmessage?.({ data: JSON.stringify(message) });
  say(snapshot);
  say({ type: "event", id: 1, seq: 8, event: {} });
  const heard: string[] = [];
  stream.follow({
    hear: ({ type }) => heard.push(type),
    become: (connection) => heard.push(connection),
    mayGoOn: async () => true,
  });
  say({ type: "progress", id: 1, seq: 9 });
  expect(heard).toEqual(["live", "snapshot", "event", "live", "progress"]);
});
