//! Which parameters a node is asked for.

use std::collections::BTreeSet;

use super::queries::{Questions, Stage};
use crate::command_class::CommandClass as C;

/// Those that it told by itself, and those that are known of its model. A node that sleeps is not asked for the latter:
/// they can be a hundred, and each question costs it battery; it is asked when somebody wants to know or sets one.
pub(super) fn ask(questions: &mut Questions<'_>) {
    let known = questions.known;
    for (number, endpoint) in &known.node.endpoints {
        let of_model = endpoint.model.iter().filter(|_| known.protocol.listening && endpoint.has(C::CONFIGURATION));
        let of_model = of_model.flat_map(|model| &model.parameters);
        let of_model = of_model.filter(|parameter| !parameter.write_only && !parameter.hidden);
        let parameters: BTreeSet<u16> =
            endpoint.parameters.keys().copied().chain(of_model.map(|parameter| parameter.number)).collect();
        // Only bulk commands reach beyond 255.
        for parameter in parameters.into_iter().filter_map(|parameter| u8::try_from(parameter).ok()) {
            questions.ask(Stage::Values, *number, C::CONFIGURATION, &[0x05, parameter], &[0x06, parameter]);
        }
    }
}
