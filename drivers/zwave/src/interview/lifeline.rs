//! To whom a node reports: the stick is put into the groups that are meant for it, in the way in which the node says
//! which endpoint it speaks of; and a node that sleeps is told whom to tell when it wakes.

use super::queries::{Questions, Stage};
use crate::command_class::CommandClass as C;

/// The group that the specification has for this.
const LIFELINE: u8 = 1;

pub(super) fn ask(questions: &mut Questions<'_>, own: u8) {
    for (group, by_endpoint) in groups(questions) {
        ask_group(questions, own, group, by_endpoint);
    }
    let known = questions.known;
    if known.has(C::WAKE_UP) {
        questions.ask(Stage::Lifeline, 0, C::WAKE_UP, &[0x05], &[0x06]);
        if let Some((seconds, node)) = known.lifeline.wake_up
            && node != own
        {
            let [_, high, middle, low] = seconds.to_be_bytes();
            questions.ask(Stage::Lifeline, 0, C::WAKE_UP, &[0x04, high, middle, low, own], &[]);
        }
    }
}

/// The groups that are known of the model, or the first; and whether they are told of endpoints, where that is known.
fn groups(questions: &Questions<'_>) -> Vec<(u8, Option<bool>)> {
    let of_model = questions.known.model().into_iter().flat_map(|model| &model.groups);
    let of_model = of_model.filter(|group| group.lifeline && group.endpoint == 0);
    let of_model: Vec<_> = of_model.map(|group| (group.group, group.multi_channel)).collect();
    if of_model.is_empty() { vec![(LIFELINE, None)] } else { of_model }
}

fn ask_group(questions: &mut Questions<'_>, own: u8, group: u8, by_endpoint: Option<bool>) {
    let known = questions.known;
    let has_endpoints = known.version(C::MULTI_CHANNEL_ASSOCIATION) >= 3 && known.endpoints > 0;
    let by_endpoint = known.has(C::MULTI_CHANNEL_ASSOCIATION) && by_endpoint.unwrap_or(has_endpoints);
    if by_endpoint {
        questions.ask(Stage::Lifeline, 0, C::MULTI_CHANNEL_ASSOCIATION, &[0x02, group], &[0x03, group]);
        if known.lifeline.endpoints.get(&group).is_some_and(|nodes| !nodes.contains(&own)) {
            questions.ask(Stage::Lifeline, 0, C::MULTI_CHANNEL_ASSOCIATION, &[0x04, group, own], &[]);
            questions.ask(Stage::Lifeline, 0, C::MULTI_CHANNEL_ASSOCIATION, &[0x01, group, 0, own, 0], &[]);
        }
    } else if known.has(C::ASSOCIATION) {
        questions.ask(Stage::Lifeline, 0, C::ASSOCIATION, &[0x02, group], &[0x03, group]);
        if known.lifeline.nodes.get(&group).is_some_and(|nodes| !nodes.contains(&own)) {
            questions.ask(Stage::Lifeline, 0, C::ASSOCIATION, &[0x01, group, own], &[]);
        }
    }
}
