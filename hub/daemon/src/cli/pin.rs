//! Commands that may take a PIN: given with `--pin`, or asked for when the hub wants it and a person is there.

use serde_json::{Value, json};

use super::Terminal;
use super::failure::Failure;
use super::secret;

const QUESTION: &str = "Your PIN:";

/// `POST`s what may take a PIN. `is_given`: the person said that it comes with it.
pub(crate) async fn post(
    path: &str,
    mut body: Value,
    is_given: bool,
    terminal: &mut Terminal<'_>,
) -> Result<Value, Failure> {
    if is_given {
        body["pin"] = json!(secret::ask(QUESTION, terminal).await?);
        return terminal.client.post(path, &body).await;
    }
    let first = terminal.client.post(path, &body).await;
    if !is_wanted(&first) || terminal.yes || !terminal.is_somebody_there() {
        return first;
    }
    body["pin"] = json!(secret::ask(QUESTION, terminal).await?);
    terminal.client.post(path, &body).await
}

/// Whether a PIN is all that was lacking: of a command, or of a part of a scene.
fn is_wanted(answer: &Result<Value, Failure>) -> bool {
    match answer {
        Err(Failure::Refused(problem)) => problem.wants_pin(),
        Err(_) => false,
        Ok(outcome) => outcome["devices"].as_array().into_iter().flatten().any(|part| part["pin"] == true),
    }
}
