// The wire between the host and the emulated stick. It hands the stick one frame at a time (it takes no two frames in one
// piece, and no half ones), answers as a real stick does where the emulated one does not, keeps what passed, and breaks
// what it is told to break.
"use strict";
const net = require("node:net");
const { setImmediate } = require("node:timers");
const { setTimeout: later } = require("node:timers/promises");

const SOF = 0x01, ACK = 0x06, NAK = 0x15, CAN = 0x18;
const RESPONSE = 1, REQUEST = 0;
const APPLICATION_COMMAND_HANDLER = 0x04, BRIDGE_APPLICATION_COMMAND_HANDLER = 0xa8;
// Functions of which the emulated stick's response lacks the byte that says «accepted».
const SENT_WITHOUT_SUCCESS = [0x14, 0xa9, 0xab];
const KEPT_FRAMES = 20000;
// Between two frames to the emulated stick, so that each arrives as a piece of its own.
const GAP_MILLISECONDS = 4;
// Between the pieces of what is split.
const SPLIT_MILLISECONDS = 30;

const checksum = (bytes) => bytes.reduce((sum, byte) => sum ^ byte, 0xff);
const isWhole = (frame) => checksum(frame.subarray(1)) === 0;

function frame(kind, ...payload) {
  const body = Buffer.from([payload.length + 2, kind, ...payload]);
  return Buffer.from([SOF, ...body, checksum(body)]);
}

// Calls back with each frame or single byte of a stream; what is neither is skipped.
function framer(onFrame) {
  let rest = Buffer.alloc(0);
  return (piece) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length) {
      let length = 1;
      if (rest[0] === SOF) {
        length = rest[1] + 2;
        if (rest.length < 2 || rest.length < length) return;
        onFrame(rest.subarray(0, length));
      } else if ([ACK, NAK, CAN].includes(rest[0])) {
        onFrame(rest.subarray(0, 1));
      }
      rest = rest.subarray(length);
    }
  };
}

class Wire {
  // What is broken, by how often it still happens (`deaf`, `bridge`: as long as true).
  faults = { dropAck: 0, sendCan: 0, sendNak: 0, corruptOut: 0, dropOut: 0, splitOut: 0, noise: 0, deaf: false, bridge: false };
  // What passed: milliseconds, direction (-> to the stick, <- to the host, x> and <x lost), bytes in hexadecimal.
  passed = [];

  #host;
  #last;
  #resent = 0;
  #begun = Date.now();
  #waiting = Promise.resolve();
  #speaking = Promise.resolve();

  constructor(stickPort, controller) {
    this.controller = controller;
    this.stick = net.connect(stickPort, "127.0.0.1").setNoDelay(true);
    this.stick.on("data", framer((received) => this.#toHost(received)));
  }

  listen(port) {
    const server = net.createServer((socket) => this.#connected(socket));
    return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server.address().port)));
  }

  #connected(socket) {
    this.#host?.destroy();
    this.#host = socket.setNoDelay(true);
    socket.on("data", framer((sent) => this.#toStick(sent)));
    socket.on("error", () => {});
    socket.on("close", () => { if (this.#host === socket) this.#host = undefined; });
  }

  unplug() {
    this.#host?.destroy();
  }

  #keep(direction, bytes) {
    this.passed.push([Date.now() - this.#begun, direction, Buffer.from(bytes).toString("hex")]);
    if (this.passed.length > KEPT_FRAMES) this.passed.shift();
  }

  #happens(fault) {
    if (!this.faults[fault]) return false;
    this.faults[fault] -= 1;
    return true;
  }

  #toStick(sent) {
    if (this.faults.deaf) return this.#keep("x>", sent);
    this.#keep("->", sent);
    // The emulated stick ignores the one and ends by the other; a real one sends its last frame again.
    if (sent[0] === NAK || sent[0] === CAN) {
      if (this.#last && this.#resent++ < 3) this.#write(this.#last);
      return;
    }
    if (sent.length > 1 && !isWhole(sent)) return this.#write(Buffer.from([NAK]));
    const piece = Buffer.from(sent);
    this.#waiting = this.#waiting.then(() => new Promise((resolve) => {
      // However late the timer is on a busy machine, what was written is read before the next is.
      this.stick.write(piece, () => setTimeout(() => setImmediate(resolve), GAP_MILLISECONDS));
    }));
  }

  #toHost(received) {
    if (received.length === 1) return this.#acknowledge(received);
    let told = Buffer.from(received);
    if (told[1] === 3 && told[2] === RESPONSE && SENT_WITHOUT_SUCCESS.includes(told[3])) told = frame(RESPONSE, told[3], 1);
    if (this.faults.bridge && told[2] === REQUEST && told[3] === APPLICATION_COMMAND_HANDLER) told = this.#bridged(told);
    this.#last = told;
    this.#resent = 0;
    if (this.#happens("dropOut")) return this.#keep("<x", told);
    if (this.#happens("corruptOut")) {
      told = Buffer.from(told);
      told[told.length - 1] ^= 0x5a;
    }
    this.#write(told);
  }

  #acknowledge(byte) {
    if (byte[0] === ACK && this.#happens("dropAck")) return this.#keep("<x", byte);
    if (byte[0] === ACK && this.#happens("sendCan")) return this.#write(Buffer.from([CAN]));
    if (byte[0] === ACK && this.#happens("sendNak")) return this.#write(Buffer.from([NAK]));
    this.#write(byte);
  }

  // As the firmware of a bridge controller tells it: status, destination, source, length, command, no multicast, RSSI.
  #bridged(told) {
    const [status, source, length] = told.subarray(4, 7);
    const command = told.subarray(7, 7 + length);
    return frame(REQUEST, BRIDGE_APPLICATION_COMMAND_HANDLER, status, this.controller().ownNodeId, source, length, ...command, 0, 0xb5);
  }

  #write(bytes) {
    this.#keep("<-", bytes);
    const host = this.#host;
    if (!host) return;
    const noise = this.#happens("noise") ? [Buffer.from([0x00, 0xfe, 0x37])] : [];
    const pieces = bytes.length > 3 && this.#happens("splitOut") ? [bytes.subarray(0, 2), bytes.subarray(2)] : [bytes];
    // One after another: what is split is not mixed with what follows.
    this.#speaking = this.#speaking.then(async () => {
      for (const [number, piece] of [...noise, ...pieces].entries()) {
        if (number > 0) await later(SPLIT_MILLISECONDS);
        if (!host.destroyed) host.write(piece);
      }
    });
  }
}

module.exports = { Wire };
