// How the stick behaves where the emulated one of zwave-js does not: what it is told to fail at, excluding a node, and
// including more than one.
"use strict";
const { core: { TransmitStatus }, serial: sapi } = require("./packages.js");

const controllerBehaviour = {
  async onHostMessage(controller, msg) {
    const f = controller.faults ?? {};
    const sendData = msg instanceof sapi.SendDataRequest || msg instanceof sapi.SendDataBridgeRequest;
    if (sendData) {
      const bridge = msg instanceof sapi.SendDataBridgeRequest;
      const Res = bridge ? sapi.SendDataBridgeResponse : sapi.SendDataResponse;
      const Cb = bridge ? sapi.SendDataBridgeRequestTransmitReport : sapi.SendDataRequestTransmitReport;
      const unknown = !controller.nodes.has(msg.getNodeId());
      if (f.queueFull > 0) { // wasSent=false
        f.queueFull--;
        await controller.sendMessageToHost(new Res({ wasSent: false }));
        return true;
      }
      if (f.noCallback > 0) { // response, but the transmit report never comes
        f.noCallback--;
        await controller.sendMessageToHost(new Res({ wasSent: true }));
        return true;
      }
      if (f.noResponse > 0) { f.noResponse--; return true; } // only ACK
      if (f.txFail > 0 || unknown) { // TransmitStatus.Fail = jammed; unknown node = NoAck
        if (!unknown) f.txFail--;
        await controller.sendMessageToHost(new Res({ wasSent: true }));
        await new Promise((r) => setTimeout(r, f.txFailDelay ?? 100));
        await controller.sendMessageToHost(new Cb({
          callbackId: msg.callbackId,
          transmitStatus: unknown ? TransmitStatus.NoAck : TransmitStatus.Fail,
          txReport: { txTicks: 10, routeSpeed: 0, routingAttempts: 0, ackRSSI: 0 },
        }));
        return true;
      }
      return false;
    }
    // The final Stop of an inclusion (no callback id) puts the stock mock into "adding" again; only one
    // inclusion per process would work
    if (msg instanceof sapi.AddNodeToNetworkRequest && (msg.addNodeType & 0x0f) === 5
      && controller.state.get("inclusionState") !== 1) {
      return true;
    }
    // Exclusion: the stock mock stops at "Ready"; complete it if a node is queued
    if (msg instanceof sapi.RemoveNodeFromNetworkRequest && controller.nodePendingExclusion && msg.removeNodeType !== 5) {
      const node = controller.nodes.get(controller.nodePendingExclusion);
      controller.nodePendingExclusion = undefined;
      const S = sapi.RemoveNodeStatus;
      const R = (o) => controller.sendMessageToHost(
        new sapi.RemoveNodeFromNetworkRequestStatusReport({ callbackId: msg.callbackId, ...o }),
      );
      await R({ status: S.Ready });
      await R({ status: S.NodeFound });
      await R({ status: S.RemovingSlave, nodeId: node.id });
      controller.removeNode(node);
      await R({ status: S.Done });
      return true;
    }
    return false;
  },
};

module.exports = { controllerBehaviour };
