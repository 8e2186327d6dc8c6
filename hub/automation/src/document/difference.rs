//! What differs between two documents, place by place, and their text for people. Both are taken as they are written:
//! a document that this version would refuse can be compared too.

use hub_model::Value;

use super::node::{Content, Node};
use super::{json, yaml};

/// A place where two documents differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where: `actions[1].command.set`. Empty = the document as a whole.
    pub path: String,
    /// What stood there; none = nothing did.
    pub from: Option<Value>,
    /// What stands there; none = nothing does.
    pub to: Option<Value>,
}

/// Where two documents in JSON differ, in the order of the text. Empty if one of them is none.
pub fn differences(from: &str, to: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    if let (Ok(from), Ok(to)) = (json::parse(from), json::parse(to)) {
        compare(String::new(), &from, &to, &mut found);
    }
    found
}

/// A document in JSON as people write it; none if it is no JSON.
pub fn yaml_of(document: &str) -> Option<String> {
    json::parse(document).ok().map(|tree| yaml::write(&tree))
}

fn compare(path: String, from: &Node, to: &Node, found: &mut Vec<Difference>) {
    match (&from.content, &to.content) {
        _ if from == to => {}
        (Content::Map(old), Content::Map(new)) => {
            let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            for entry in old {
                match to.get(&entry.key) {
                    Some(value) => compare(inner(&entry.key), &entry.value, value, found),
                    None => found.push(lone(inner(&entry.key), Some(&entry.value), None)),
                }
            }
            for entry in new.iter().filter(|entry| from.get(&entry.key).is_none()) {
                found.push(lone(inner(&entry.key), None, Some(&entry.value)));
            }
        }
        (Content::List(old), Content::List(new)) => compare_lists(&path, old, new, found),
        _ => found.push(lone(path, Some(from), Some(to))),
    }
}

/// What is equal at both ends is passed over, so that one item more is one difference.
fn compare_lists(path: &str, old: &[Node], new: &[Node], found: &mut Vec<Difference>) {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (old.get(..old.len() - end).unwrap_or_default(), new.get(..new.len() - end).unwrap_or_default());
    for index in 0..old.len().max(new.len()) {
        let inner = format!("{path}[{}]", start + index);
        match (old.get(index), new.get(index)) {
            (Some(old), Some(new)) => compare(inner, old, new, found),
            (old, new) => found.push(lone(inner, old, new)),
        }
    }
}

fn lone(path: String, from: Option<&Node>, to: Option<&Node>) -> Difference {
    Difference { path, from: from.map(Node::to_value), to: to.map(Node::to_value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(from: &str, to: &str) -> String {
        let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), Value::to_string);
        let told = differences(from, to);
        let lines = told.iter().map(|it| format!("{}: {} → {}\n", it.path, show(&it.from), show(&it.to)));
        lines.collect()
    }

    #[test]
    fn differences_are_named_by_their_places() {
        let from = r#"{"name": "A", "mode": "single", "triggers": [{"time": "07:30"}],
            "actions": [{"delay": "1s"}, {"command": {"device": "x:1", "set": {"on": true, "brightness": 40}}}, {"delay": "2s"}]}"#;
        let to = r#"{"name": "B", "triggers": [{"time": "07:30"}], "note": "new",
            "actions": [{"delay": "1s"}, {"command": {"device": "x:1", "set": {"on": true, "brightness": 60}}}, {"delay": "2s"}]}"#;
        expect_test::expect![[r#"
            name: A → B
            mode: single → -
            actions[1].command.set.brightness: 40 → 60
            note: - → new
        "#]]
        .assert_eq(&told(from, to));
    }

    #[test]
    fn one_item_more_is_one_difference() {
        let (from, to) = (r#"{"a": [1, 2, 3]}"#, r#"{"a": [0, 1, 2, 3]}"#);
        assert_eq!(told(from, to), "a[0]: - → 0\n");
        assert_eq!(told(to, from), "a[0]: 0 → -\n");
        assert_eq!(told(from, r#"{"a": [1, 5, 3]}"#), "a[1]: 2 → 5\n");
        assert_eq!(told(from, r#"{"a": {"b": 1}}"#).lines().count(), 1);
        assert_eq!(told(from, "no json"), "");
    }

    #[test]
    fn a_document_that_is_no_rule_has_a_text_too() {
        assert_eq!(yaml_of(r#"{"trigger": "old words"}"#).as_deref(), Some("trigger: old words\n"));
        assert_eq!(yaml_of("{"), None);
    }
}
