//! Nonces of Security 2 that both sides have lost: who is asked for new ones, and what is sent again.

use hub_model::Monotonic;

use super::Network;
use super::outgoing::key_id;
use super::task::{Failure, Queued, Waiting};
use crate::security::s2::frame::{NONCE_GET, NONCE_REPORT};
use crate::serial_api::NodeId;

/// How often the same is sent again to a node that cannot read it.
const MOST_REPETITIONS: u32 = 2;

impl Network {
    /// Nonce Get, Nonce Report. Says whether it was one of them.
    pub(super) fn handle_s2_nonce(&mut self, now: Monotonic, source: NodeId, bytes: &[u8]) -> bool {
        match bytes.get(1) {
            Some(&NONCE_GET) => {
                let Some(node) = self.nodes.get_mut(&source) else { return true };
                if node.s2.handle_nonce_get(bytes).is_ok() {
                    self.give_s2_nonce(now, source);
                }
            }
            Some(&NONCE_REPORT) => self.handle_s2_nonce_report(now, source, bytes),
            _ => return false,
        }
        true
    }

    fn handle_s2_nonce_report(&mut self, now: Monotonic, source: NodeId, bytes: &[u8]) {
        let Some(node) = self.nodes.get_mut(&source) else { return };
        let was_asked = node.nonce.is_some();
        if let Ok(report) = node.s2.handle_nonce_report(bytes)
            && report.entropy.is_some()
        {
            node.handle_nonce();
            if !was_asked {
                self.repeat_unreadable(now, source);
            }
        }
    }

    /// The node could not read what it was sent with Security 2, and said what it needs. It says so once, however much it
    /// could not read: everything that it has not answered is sent again, in its order.
    fn repeat_unreadable(&mut self, now: Monotonic, id: NodeId) {
        let is_secure = |queued: &Queued| key_id(queued.task.protection).is_some();
        if let Some(on_air) = self.on_air.as_mut().filter(|on_air| on_air.node == id)
            && let Some(queued) = on_air.queued.as_mut().filter(|queued| is_secure(queued))
        {
            // Its fate is known when the stick has done its part.
            queued.is_unreadable = true;
        }
        let Some(node) = self.nodes.get_mut(&id) else { return };
        let (unread, waiting): (Vec<Waiting>, _) = std::mem::take(&mut node.waiting)
            .into_iter()
            .partition(|waiting| is_secure(&waiting.queued) && !waiting.queued.is_working);
        node.waiting = waiting;
        for Waiting { queued, .. } in unread.into_iter().rev() {
            self.send_again(now, id, queued);
        }
    }

    pub(super) fn send_again(&mut self, now: Monotonic, id: NodeId, mut queued: Queued) {
        queued.unreadable += 1;
        match self.nodes.get_mut(&id) {
            Some(node) if queued.unreadable <= MOST_REPETITIONS => {
                queued.not_before = now;
                node.put_back(queued);
            }
            _ => self.end(&queued, Err(Failure::Unreadable)),
        }
    }
}
