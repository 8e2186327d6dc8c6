// The emulated stick with its nodes, and what can happen to them.
"use strict";
const { setImmediate, setTimeout } = require("node:timers");
const net = require("node:net");
const { MockServer, cc, core, protocol, serial, testing } = require("./packages.js");
const { network, sayers } = require("./nodes.js");
const { Wire } = require("./wire.js");

const { CommandClasses: C, SecurityClass } = core;
// The node that does not answer until it is told to.
const DEAD = 17;

const freePort = () => new Promise((resolve) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

// The first 16 bytes of the public key in groups of five digits; the first group is the PIN.
const dskOf = (node) => core.dskToString(node.ecdhKeyPair.publicKey.slice(0, 16));

// A node hides the first two bytes of its key where a class with authentication is asked for.
const hiddenPin = {
  transformResponse(_controller, self, _received, response) {
    if (response.action !== "sendCC" || !(response.cc instanceof cc.Security2CCPublicKeyReport)) return response;
    const { securityClasses } = self.capabilities;
    if (securityClasses.has(SecurityClass.S2_Authenticated) || securityClasses.has(SecurityClass.S2_AccessControl)) {
      const key = Uint8Array.from(response.cc.publicKey);
      key[0] = key[1] = 0;
      response.cc.publicKey = key;
    }
    return response;
  },
};

const silent = {
  handleCC: (_controller, self) => (self.state.get("asleep") ? { action: "stop" } : undefined),
};

// An emulated node knows all keys of its controller; a real one only those that it was granted.
async function keepGrantedKeys(node, keys, controllerNode) {
  if (!node.securityManagers.securityManager2) return;
  const manager = await core.SecurityManager2.create();
  const granted = node.capabilities.securityClasses;
  for (const name of granted) await manager.setKey(name, keys[SecurityClass[name]]);
  node.securityManagers.securityManager2 = manager;
  const classes = [SecurityClass.S2_Unauthenticated, SecurityClass.S2_Authenticated, SecurityClass.S2_AccessControl];
  for (const name of classes) node.encodingContext.setSecurityClass(controllerNode, name, granted.has(name));
}

function canSleep(node) {
  node.fallAsleep = () => {
    node.state.set("asleep", true);
    // The acknowledgement of what sent it to sleep still goes out.
    setImmediate(() => { if (node.state.get("asleep")) node.autoAckControllerFrames = false; });
  };
  node.wakeUp = () => {
    node.state.set("asleep", false);
    node.autoAckControllerFrames = true;
  };
}

const bytesOf = (hex) => Buffer.from(hex.replaceAll(" ", ""), "hex");
const command = (bytes) => ({ ccId: bytes[0], ccCommand: bytes[1], payload: bytes.subarray(2) });

// What the stick finds when it is told to add a node. security: "none", "s0" or "s2" with keys, the classes it asks for.
function candidate({ id, security = "none", keys = [0], switchVersion = 2 }, included) {
  const secure = security !== "none";
  const v = (ccId, version, more = {}) => ({ ccId, version, ...more });
  return {
    id,
    capabilities: {
      basicDeviceClass: 4, genericDeviceClass: 0x10, specificDeviceClass: 1,
      commandClasses: [
        v(C["Z-Wave Plus Info"], 2), v(C.Version, 3), v(C["Manufacturer Specific"], 2),
        ...(security === "s2" ? [v(C["Security 2"], 1)] : []),
        ...(security === "s0" ? [v(C.Security, 1)] : []),
        v(C["Binary Switch"], switchVersion, { secure, defaultValue: false }),
      ],
      securityClasses: new Set({ s2: keys, s0: [SecurityClass.S0_Legacy] }[security]),
    },
    setup(node) {
      node.defineBehavior(hiddenPin);
      canSleep(node);
      included(dskOf(node));
    },
  };
}

class Stick {
  // `nodes`: only these. `say`: others in their place, that say these `names` and `texts`.
  static async start({ port = 0, nodes, say }) {
    const stick = new Stick();
    const config = network();
    if (say) config.nodes = sayers(say);
    if (nodes) config.nodes = config.nodes.filter(({ id }) => nodes.includes(id));
    config.onInit = (controller, nodes) => stick.#begin(controller, nodes, config.controller.securityKeys);
    const inner = await freePort();
    const server = new MockServer({ interface: "127.0.0.1", port: inner, config });
    await server.start();
    stick.wire = new Wire(inner, () => stick.controller);
    stick.port = await stick.wire.listen(port);
    return stick;
  }

  #begin(controller, nodes, keys) {
    this.controller = controller;
    controller.faults = {};
    for (const node of nodes) {
      canSleep(node);
      node.defineBehavior(silent);
      void keepGrantedKeys(node, keys, controller.ownNodeId);
      if (node.implementedCCs.has(C["Wake Up"])) node.fallAsleep();
    }
    if (controller.nodes.has(DEAD)) this.deeds.dead({ node: DEAD });
  }

  #node(id) {
    const node = this.controller.nodes.get(id);
    if (!node) throw new Error(`there is no node ${id}`);
    return node;
  }

  // A command that a node sends by itself, with security if it has its class with security.
  async #tell(id, told) {
    const node = this.#node(id);
    const isSecure = node.implementedCCs.get(told.ccId)?.secure;
    const request = (sent) => testing.createMockZWaveRequestFrame(sent, { ackRequested: false });
    if (!isSecure) return node.sendToController(request(told));
    const { securityManager, securityManager2 } = node.securityManagers;
    if (node.implementedCCs.has(C["Security 2"]) && securityManager2) {
      return node.sendToController(request(cc.Security2CC.encapsulate(told, id, node.securityManagers)));
    }
    await node.sendToController(request(new cc.SecurityCCNonceGet(this.#toController)));
    const isNonce = (frame) => frame.payload instanceof cc.SecurityCCNonceReport;
    const { payload } = await node.expectControllerFrame(isNonce, { timeout: 5000 });
    const encapsulated = cc.SecurityCC.encapsulate(id, securityManager, told);
    encapsulated.nonce = payload.nonce;
    return node.sendToController(request(encapsulated));
  }

  get #toController() {
    return { nodeId: this.controller.ownNodeId };
  }

  deeds = {
    nodes: () => [...this.controller.nodes.values()].map((node) => ({
      id: node.id, dsk: dskOf(node), asleep: Boolean(node.state.get("asleep")), classes: [...node.implementedCCs.keys()],
    })),
    // What went over the wire since it was last asked for with `clear`.
    frames: ({ clear = false }) => {
      const frames = [...this.wire.passed];
      if (clear) this.wire.passed.length = 0;
      return frames;
    },
    // What a node keeps, e.g. the state of a switch, to compare with what the hub believes.
    state: ({ node }) => Object.fromEntries([...this.#node(node).state].filter(([, value]) => typeof value !== "object")),
    // {wire: {…}, controller: {queueFull, noResponse, noCallback, txFail}}: how often each still happens. Answers with all.
    faults: ({ wire = {}, controller = {} }) => {
      Object.assign(this.wire.faults, wire);
      Object.assign(this.controller.faults, controller);
      return { ...this.wire.faults, ...this.controller.faults };
    },
    dead: ({ node, on = true }) => {
      this.#node(node).autoAckControllerFrames = !on;
      this.#node(node).state.set("asleep", on);
    },
    wake: async ({ node }) => {
      this.#node(node).wakeUp();
      await this.#tell(node, new cc.WakeUpCCWakeUpNotification(this.#toController));
    },
    sleep: ({ node }) => this.#node(node).fallAsleep(),
    // Any command from a node, in hexadecimal from its class on.
    tell: ({ node, hex }) => this.#tell(node, new cc.CommandClass({ ...this.#toController, ...command(bytesOf(hex)) })),
    notification: ({ node, type, event }) => {
      this.#node(node).state.set(`notif_${type}`, event);
      const notification = { notificationType: type, notificationEvent: event, notificationStatus: 0xff };
      return this.#tell(node, new cc.NotificationCCReport({ ...this.#toController, ...notification }));
    },
    press_switch: ({ node, value }) => {
      this.#node(node).state.set("BinarySwitch_currentValue", value);
      return this.#tell(node, new cc.BinarySwitchCCReport({ ...this.#toController, currentValue: value }));
    },
    battery: ({ node, level }) => {
      this.#node(node).state.set("battery", level);
      return this.#tell(node, new cc.BatteryCCReport({ ...this.#toController, level }));
    },
    node_information: ({ node: id }) => {
      const node = this.#node(id);
      const supportedCCs = [...node.implementedCCs.keys()].filter((name) => name !== C.Basic);
      const frame = { nodeId: id, ...node.capabilities, supportedCCs, controlledCCs: [] };
      return this.#tell(id, new protocol.ZWaveProtocolCCNodeInformationFrame(frame));
    },
    // The next time the stick adds, it finds this one.
    include: (request) => {
      this.controller.nodePendingInclusion = candidate(request, (dsk) => { this.included = { dsk, pin: dsk.slice(0, 5) }; });
    },
    included: () => this.included ?? null,
    // The next time the stick removes, it finds this one.
    exclude: ({ node }) => { this.controller.nodePendingExclusion = this.#node(node).id; },
    // The stick starts over by itself, as after its watchdog.
    restart: ({ reason = 7 }) => this.controller.sendMessageToHost(new serial.SerialAPIStartedRequest({
      wakeUpReason: reason, watchdogEnabled: false, isListening: true, genericDeviceClass: 2, specificDeviceClass: 7,
      supportedCCs: [], controlledCCs: [], supportsLongRange: false,
    })),
    // The port is gone for a moment, as when its cable is pulled.
    unplug: () => this.wire.unplug(),
    // Milliseconds over the radio, of one node or of all.
    delay: ({ node, milliseconds }) => {
      const nodes = node === undefined ? this.controller.nodes.values() : [this.#node(node)];
      for (const slow of nodes) slow.capabilities.txDelay = milliseconds;
    },
  };
}

module.exports = { Stick };
