// The network behind the stick: 17 nodes, one of each kind that homes have. 5 and 9 to 13 as their keys, 6 and 11 sleep, 16
// is slow, 17 does not answer, 18 is older than Z-Wave Plus.
"use strict";
const { core, testing } = require("./packages.js");
const behaviours = require("./behaviours.js");
const { controllerBehaviour } = require("./controller.js");

const { CommandClasses: C, SecurityClass } = core;
const { associations, battery, centralScene, fan, notificationGet, perEndpointSwitch, sleepy } = behaviours;

// Known to the tests, so that they can speak with nodes that were included before.
const hex = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const securityKeys = {
  S0_Legacy: hex("0102030405060708090a0b0c0d0e0f10"),
  S2_Unauthenticated: hex("11111111111111111111111111111111"),
  S2_Authenticated: hex("22222222222222222222222222222222"),
  S2_AccessControl: hex("33333333333333333333333333333333"),
};

const v = (ccId, version, extra = {}) => testing.ccCaps({ ccId, version, isSupported: true, ...extra });
const base = [
  v(C["Z-Wave Plus Info"], 2),
  v(C.Version, 3),
  v(C["Manufacturer Specific"], 2),
  v(C.Association, 2),
  v(C["Association Group Information"], 3),
  v(C["Device Reset Locally"], 1),
  v(C.Powerlevel, 1),
];
const node = (id, generic, specific, commandClasses, opts = {}, behaviors = []) => ({
  id,
  capabilities: {
    basicDeviceClass: 0x04, genericDeviceClass: generic, specificDeviceClass: specific,
    manufacturerId: 0xffff, productType: 0x0001, productId: id, firmwareVersion: "1.0",
    ...opts,
    commandClasses: [...base, ...commandClasses],
  },
  behaviors: [associations, ...behaviors],
});

const S2 = (...keys) => ({ securityClasses: new Set(keys), supportsSecurity: true });
const sec = { secure: true };
let meterBegan = Date.now();

const network = () => ({
  controller: {
    ownNodeId: 1, homeId: 0x7e570001, securityKeys,
    behaviors: [controllerBehaviour],
  },
  nodes: [
    // 2: smart plug with energy meter
    node(2, 0x10, 0x01, [
      v(C["Binary Switch"], 2, { defaultValue: false }),
      v(C.Supervision, 1),
      v(C.Meter, 4, {
        meterType: 1, supportedScales: [0, 2], supportedRateTypes: [1], supportsReset: true,
        getValue: (scale) => scale === 0 ? Math.round((Date.now() - meterBegan) / 36) / 1e5 : 100.5,
        onReset: () => { meterBegan = Date.now(); },
      }),
    ]),
    // 3: dimmer, 3 s full travel, Supervision with Working status
    node(3, 0x11, 0x01, [
      v(C["Multilevel Switch"], 4, { defaultValue: 0, primarySwitchType: 2, travelTime: 3000 }),
      v(C.Supervision, 1),
    ]),
    // 4: mains multi-sensor: temperature, humidity, illuminance + binary contact
    node(4, 0x21, 0x01, [
      v(C["Multilevel Sensor"], 11, {
        sensors: { 1: { supportedScales: [0, 1] }, 5: { supportedScales: [0] }, 3: { supportedScales: [1] } },
        getValue: (type, scale) => type === 1 ? (scale === 1 ? 70.7 : 21.5) : type === 5 ? 48 : type === 3 ? 120 : undefined,
      }),
      v(C["Binary Sensor"], 2, { supportedSensorTypes: [0x0a], getValue: () => false }),
    ]),
    // 5: FLiRS door lock with S2 Access Control, codes, battery
    node(5, 0x40, 0x03, [
      v(C["Security 2"], 1), v(C.Supervision, 1),
      v(C["Door Lock"], 4, {
        ...sec, supportedOperationTypes: [1], supportedDoorLockModes: [0x00, 0xff],
        doorSupported: true, boltSupported: true, latchSupported: false,
      }),
      v(C["User Code"], 1, { ...sec, numUsers: 5, supportedUserIDStatuses: [0, 1, 2] }),
      v(C.Notification, 8, { ...sec, supportsV1Alarm: false, notificationTypesAndEvents: { 6: [1, 2, 5, 6, 11] } }),
      v(C.Battery, 1, sec),
    ], { isListening: false, isFrequentListening: "1000ms", ...S2(SecurityClass.S2_AccessControl) },
    [battery(90), notificationGet]),
    // 6: sleeping motion sensor with battery and temperature
    node(6, 0x07, 0x01, [
      v(C["Wake Up"], 2), v(C.Battery, 1),
      v(C.Notification, 8, { supportsV1Alarm: false, notificationTypesAndEvents: { 7: [3, 8] } }),
      v(C["Multilevel Sensor"], 5, { sensors: { 1: { supportedScales: [0] } }, getValue: () => 19.75 }),
    ], { isListening: false, isFrequentListening: false }, [battery(77), notificationGet, sleepy]),
    // 7: thermostat
    node(7, 0x08, 0x06, [
      v(C["Thermostat Mode"], 3, { supportedModes: [0, 1, 2, 3] }),
      v(C["Thermostat Setpoint"], 3, {
        setpoints: {
          1: { minValue: 5, maxValue: 30, defaultValue: 21, scale: "°C" },
          2: { minValue: 18, maxValue: 35, defaultValue: 25, scale: "°C" },
        },
      }),
      v(C["Thermostat Fan Mode"], 3), v(C["Thermostat Operating State"], 1),
      v(C["Multilevel Sensor"], 5, { sensors: { 1: { supportedScales: [0] } }, getValue: () => 20.5 }),
    ], {}, [fan]),
    // 8: double relay (Multi Channel, two endpoints)
    {
      id: 8,
      capabilities: {
        basicDeviceClass: 0x04, genericDeviceClass: 0x10, specificDeviceClass: 0x01,
        manufacturerId: 0xffff, productType: 1, productId: 8,
        commandClasses: [...base, v(C["Multi Channel"], 4), v(C["Binary Switch"], 2), v(C.Supervision, 1)],
        endpoints: [1, 2].map(() => ({
          genericDeviceClass: 0x10, specificDeviceClass: 0x01,
          commandClasses: [v(C["Z-Wave Plus Info"], 2), v(C["Binary Switch"], 2)],
        })),
      },
      behaviors: [associations, perEndpointSwitch],
    },
    // 9: RGBW bulb, S2 Authenticated
    node(9, 0x11, 0x01, [
      v(C["Security 2"], 1), v(C.Supervision, 1),
      v(C["Multilevel Switch"], 4, { ...sec, defaultValue: 50, primarySwitchType: 2 }),
      v(C["Color Switch"], 3, { ...sec, colorComponents: { 0: 0, 2: 255, 3: 0, 4: 0 } }),
    ], S2(SecurityClass.S2_Authenticated, SecurityClass.S2_Unauthenticated)),
    // 10: legacy S0 switch
    node(10, 0x10, 0x01, [
      v(C.Security, 1), v(C["Binary Switch"], 1, { ...sec, defaultValue: false }),
    ], { securityClasses: new Set([SecurityClass.S0_Legacy]), supportsSecurity: true }),
    // 11: sleeping wall remote (Central Scene)
    node(11, 0x18, 0x01, [
      v(C["Wake Up"], 2), v(C.Battery, 1), v(C["Central Scene"], 3),
    ], { isListening: false, isFrequentListening: false }, [battery(55), centralScene(4, [0, 1, 2, 3]), sleepy]),
    // 12: window covering
    node(12, 0x11, 0x06, [
      v(C["Window Covering"], 1, { supportedParameters: [13, 23], travelTime: 2000 }),
      v(C["Multilevel Switch"], 4, { defaultValue: 0, primarySwitchType: 3 }), v(C.Supervision, 1),
    ]),
    // 13: S2 Unauthenticated switch
    node(13, 0x10, 0x01, [
      v(C["Security 2"], 1), v(C["Binary Switch"], 2, { ...sec, defaultValue: false }),
    ], S2(SecurityClass.S2_Unauthenticated)),
    // 14: device with configuration parameters, indicator, node naming
    node(14, 0x10, 0x01, [
      v(C["Binary Switch"], 2, { defaultValue: false }),
      v(C.Configuration, 4, {
        bulkSupport: false,
        parameters: [
          { "#": 1, valueSize: 1, name: "LED mode", info: "How the status LED behaves", format: 1, minValue: 0, maxValue: 3, defaultValue: 1 },
          { "#": 2, valueSize: 2, name: "Auto-off delay", info: "Seconds", format: 1, minValue: 0, maxValue: 32000, defaultValue: 0 },
          { "#": 3, valueSize: 4, name: "Serial", format: 1, minValue: 0, maxValue: 2147483647, defaultValue: 42, readonly: true },
        ],
      }),
      v(C["Node Naming and Location"], 1, { name: "Hall relay", location: "Hall" }),
      v(C.Indicator, 3, { indicators: { 0x50: { properties: [3, 4, 5] } } }),
    ]),
    // 15: siren
    node(15, 0x10, 0x05, [
      v(C["Sound Switch"], 1, { defaultToneId: 1, defaultVolume: 30, tones: [{ name: "Ding", duration: 2 }, { name: "Alarm", duration: 30 }] }),
    ]),
    // 16: slow node (400 ms per hop)
    node(16, 0x10, 0x01, [v(C["Binary Switch"], 2, { defaultValue: false })], { txDelay: 400 }),
    // 17: dead node: never ACKs (control API can revive it)
    node(17, 0x10, 0x01, [v(C["Binary Switch"], 2, { defaultValue: false })]),
    // 18: barrier-free pre-Plus device: no Version, no Supervision, only Basic + Binary Switch
    { id: 18, capabilities: { genericDeviceClass: 0x10, specificDeviceClass: 0x01, commandClasses: [v(C["Binary Switch"], 1, { defaultValue: false })] } },
  ],
});

// Nodes that say given texts wherever a node says any: of so many texts one node, which takes two for each of its parameters
// (its name, and what it is for) and three for its tones. Its own name and place are of `names`, as long as a node keeps them.
const TEXTS = 50;

function sayers({ names, texts }) {
  const of = (list, number) => list[number % list.length];
  const firsts = texts.map((_, at) => at).filter((at) => at % TEXTS === 0);
  return firsts.map((first, number) => {
    const said = texts.slice(first, first + TEXTS);
    const parameters = said.filter((_, at) => at % 2 === 0).map((name, at) => ({
      "#": at + 1, valueSize: 1, format: 1, minValue: 0, maxValue: 3, defaultValue: 1,
      name, info: of(said, 2 * at + 1),
    }));
    const tones = [0, 1, 2].map((at) => ({ name: of(said, at), duration: at + 1 }));
    return node(number + 2, 0x10, 0x01, [
      v(C["Binary Switch"], 2, { defaultValue: false }),
      v(C.Configuration, 4, { bulkSupport: false, parameters }),
      v(C["Node Naming and Location"], 1, { name: of(names, 2 * number), location: of(names, 2 * number + 1) }),
      v(C["Sound Switch"], 1, { defaultToneId: 1, defaultVolume: 30, tones }),
    ]);
  });
}

module.exports = { network, sayers, securityKeys };
