// The parts of zwave-js, one version of each: those that its own modules have.
"use strict";
const { createRequire } = require("node:module");
const { MockServer } = require("zwave-js/Testing");

const inside = createRequire(require.resolve("zwave-js"));

module.exports = {
  MockServer,
  cc: inside("@zwave-js/cc"),
  protocol: inside("@zwave-js/cc/ZWaveProtocolCC"),
  core: inside("@zwave-js/core"),
  serial: inside("@zwave-js/serial/serialapi"),
  testing: inside("@zwave-js/testing"),
};
