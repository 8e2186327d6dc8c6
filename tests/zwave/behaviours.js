// How nodes behave where the emulated ones of zwave-js do not.
"use strict";
const { cc, core: { CommandClasses: C } } = require("./packages.js");

const send = (c) => ({ action: "sendCC", cc: c });
// Reports that zwave-js only reads are given as bytes; its own driver, which reads them, is what proves them right.
const raw = (controller, ...bytes) => send(new cc.CommandClass({
  nodeId: controller.ownNodeId, ccId: bytes[0], ccCommand: bytes[1], payload: Buffer.from(bytes.slice(2)),
}));
const u24 = (n) => [(n >> 16) & 255, (n >> 8) & 255, n & 255];
const to = (controller, extra) => ({ nodeId: controller.ownNodeId, ...extra });

const battery = (level = 77) => ({
  handleCC(controller, self, r) {
    if (r instanceof cc.BatteryCCGet) {
      return send(new cc.BatteryCCReport(to(controller, { level: self.state.get("battery") ?? level })));
    }
  },
});

const associations = {
  handleCC(controller, self, r) {
    let groups = self.state.get("assoc");
    if (!groups) self.state.set("assoc", groups = new Map([[1, new Set()]]));
    if (r instanceof cc.AssociationCCSupportedGroupingsGet) {
      return send(new cc.AssociationCCSupportedGroupingsReport(to(controller, { groupCount: 1 })));
    }
    if (r instanceof cc.AssociationCCGet) {
      return send(new cc.AssociationCCReport(to(controller, {
        groupId: 1, maxNodes: 5, nodeIds: [...groups.get(1)], reportsToFollow: 0,
      })));
    }
    if (r instanceof cc.AssociationCCSet) {
      for (const n of r.nodeIds) groups.get(1).add(n);
      return { action: "ok" };
    }
    if (r instanceof cc.AssociationCCRemove) {
      if (r.nodeIds?.length) for (const n of r.nodeIds) groups.get(1).delete(n);
      else groups.get(1).clear();
      return { action: "ok" };
    }
    if (r instanceof cc.AssociationGroupInfoCCNameGet) {
      return send(new cc.AssociationGroupInfoCCNameReport(to(controller, { groupId: r.groupId, name: "Lifeline" })));
    }
    if (r instanceof cc.AssociationGroupInfoCCInfoGet) {
      return send(new cc.AssociationGroupInfoCCInfoReport(to(controller, {
        isListMode: !!r.listMode, hasDynamicInfo: false,
        groups: [{ groupId: 1, mode: 0, profile: 0x0001, eventCode: 0 }],
      })));
    }
    if (r instanceof cc.AssociationGroupInfoCCCommandListGet) {
      return send(new cc.AssociationGroupInfoCCCommandListReport(to(controller, {
        groupId: r.groupId,
        commands: new Map([[C["Device Reset Locally"], [0x01]]]),
      })));
    }
  },
};

// It really sleeps: no acknowledgement and no answer until it is woken.
const sleepy = {
  handleCC(controller, self, r) {
    if (self.state.get("asleep")) return { action: "stop" };
    if (r instanceof cc.WakeUpCCNoMoreInformation) {
      self.fallAsleep();
      return { action: "stop" };
    }
    if (r instanceof cc.WakeUpCCIntervalGet) {
      return raw(controller, 0x84, 0x06, ...u24(self.state.get("wui") ?? 3600), self.state.get("wun") ?? 0);
    }
    if (r instanceof cc.WakeUpCCIntervalSet) {
      self.state.set("wui", r.wakeUpInterval);
      self.state.set("wun", r.controllerNodeId);
      return { action: "ok" };
    }
    if (r instanceof cc.WakeUpCCIntervalCapabilitiesGet) {
      return raw(controller, 0x84, 0x0a, ...u24(60), ...u24(86400), ...u24(3600), ...u24(60));
    }
  },
};

const notificationGet = {
  handleCC(controller, self, r) {
    if (r instanceof cc.NotificationCCGet) {
      const st = self.state.get(`notif_${r.notificationType}`) ?? 0;
      return send(new cc.NotificationCCReport(to(controller, {
        notificationType: r.notificationType, notificationEvent: st, notificationStatus: 0xff,
      })));
    }
  },
};

const centralScene = (sceneCount, keys) => ({
  handleCC(controller, self, r) {
    if (r instanceof cc.CentralSceneCCSupportedGet) { // One byte of bits, the same for all scenes.
      return raw(controller, 0x5b, 0x02, sceneCount, 0x03, keys.reduce((a, k) => a | 1 << k, 0));
    }
    if (r instanceof cc.CentralSceneCCConfigurationGet) return raw(controller, 0x5b, 0x06, 0x00);
  },
});

const fan = {
  handleCC(controller, self, r) {
    if (r instanceof cc.ThermostatFanModeCCSupportedGet) {
      return raw(controller, 0x44, 0x05, 0b01000011);
    }
    if (r instanceof cc.ThermostatFanModeCCGet) {
      return raw(controller, 0x44, 0x03, self.state.get("fan") ?? 0);
    }
    if (r instanceof cc.ThermostatFanModeCCSet) {
      self.state.set("fan", r.mode);
      return { action: "ok" };
    }
    if (r instanceof cc.ThermostatOperatingStateCCGet) {
      return raw(controller, 0x42, 0x03, self.state.get("opstate") ?? 0);
    }
  },
};

// The emulated node has one state for all its endpoints; real relays have one for each.
const perEndpointSwitch = {
  handleCC(controller, self, r) {
    const key = `sw_${r.endpointIndex ?? 0}`;
    if (r instanceof cc.BinarySwitchCCGet) {
      return send(new cc.BinarySwitchCCReport(to(controller, { currentValue: self.state.get(key) ?? false })));
    }
    if (r instanceof cc.BinarySwitchCCSet) {
      self.state.set(key, r.targetValue);
      return { action: "ok" };
    }
  },
};

module.exports = { associations, battery, centralScene, fan, notificationGet, perEndpointSwitch, sleepy };
