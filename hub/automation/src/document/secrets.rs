//! The secrets of a document: the ids of webhooks. Whoever knows one sets off the rule.

use super::node::{Content, Node};
use super::{Document, Finding, json};
use hub_model::Said;

/// How many characters the id of a webhook has at least when a rule is saved. Rules that are there already keep theirs.
pub const WEBHOOK_ID_MIN: usize = 16;
/// What stands in the place of a secret.
const HIDDEN: &str = "(hidden)";

/// A document in JSON with its secrets hidden, for those who may look but not act; none if it is no JSON.
pub fn without_secrets(document: &str) -> Option<String> {
    let mut tree = json::parse(document).ok()?;
    hide(&mut tree);
    Some(json::write(&tree))
}

fn hide(node: &mut Node) {
    match &mut node.content {
        Content::List(items) => items.iter_mut().for_each(hide),
        Content::Map(entries) => {
            for entry in entries {
                match &mut entry.value.content {
                    Content::Text(id) if entry.key == "webhook" => HIDDEN.clone_into(id),
                    Content::Map(inner) if entry.key == "webhook" => {
                        // Whatever it is: what is written wrongly may be the secret all the same.
                        inner.iter_mut().for_each(|entry| entry.value = Node::text(HIDDEN));
                    }
                    _ => hide(&mut entry.value),
                }
            }
        }
        _ => {}
    }
}

/// The webhooks whose ids are too short to be secrets. `offered` is an id that nobody can guess.
pub fn weak_webhooks(document: &Document, offered: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    for part in ["triggers", "actions"] {
        if let Some(node) = document.tree.get(part) {
            find_weak(node, part, offered, &mut findings);
        }
    }
    findings
}

fn find_weak(node: &Node, path: &str, offered: &str, findings: &mut Vec<Finding>) {
    match &node.content {
        Content::List(items) => {
            for (index, item) in items.iter().enumerate() {
                find_weak(item, &format!("{path}[{index}]"), offered, findings);
            }
        }
        Content::Map(entries) => {
            for entry in entries {
                let path = format!("{path}.{}", entry.key);
                let (id, path) = match entry.value.get("id") {
                    Some(id) if entry.key == "webhook" => (id, format!("{path}.id")),
                    _ => (&entry.value, path),
                };
                match &id.content {
                    Content::Text(text) if entry.key == "webhook" && text.chars().count() < WEBHOOK_ID_MIN => {
                        let text = format!(
                            "the id of a webhook is its only secret; give one of at least {WEBHOOK_ID_MIN} characters \
                             that nobody can guess, for example {offered}"
                        );
                        let message =
                            Said::new("webhook_id", text).with("least", WEBHOOK_ID_MIN).with("offered", offered);
                        findings.push(Finding::new("bad_value", path, id.position, message));
                    }
                    _ => find_weak(id, &path, offered, findings),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let rule = r#"{"name":"A","triggers":[{"webhook":{"id":"s1","note":"s1"}},{"webhook":"s2"},{"time":"07:30"}],"actions":[{"parallel":[[{"wait_for":{"webhook":{"id":"s3"}}}]]}],"tests":[{"when":[{"webhook":"s4"}]}]}"#;
        expect_test::expect![[r#"{"name":"A","triggers":[{"webhook":{"id":"(hidden)","note":"(hidden)"}},{"webhook":"(hidden)"},{"time":"07:30"}],"actions":[{"parallel":[[{"wait_for":{"webhook":{"id":"(hidden)"}}}]]}],"tests":[{"when":[{"webhook":"(hidden)"}]}]}"#]]
            .assert_eq(&without_secrets(rule).unwrap());
        assert_eq!(without_secrets("{"), None);
    }
}
