//! What people prefer: a JSON object of each person's own, which their apps understand and the hub only keeps.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use hub_core::CoreHandle;
use hub_model::AccountId;
use hub_model::household::Preferences as Kept;
use hub_model::record::{Change, Record};
use serde_json::{Map, Value};

use crate::problem::Problem;

/// How long the text of one object may be.
pub(crate) const LONGEST: usize = 64 * 1024;
/// How deep it may be nested.
const DEEPEST: usize = 32;

/// The preferences of everybody.
#[derive(Debug, Default)]
pub(crate) struct AllPreferences {
    documents: RwLock<HashMap<AccountId, Arc<Map<String, Value>>>>,
}

impl AllPreferences {
    /// As they were kept.
    pub(crate) fn new(kept: Vec<Kept>) -> Self {
        let read = |kept: Kept| match serde_json::from_str(&kept.document) {
            Ok(Value::Object(document)) => Some((kept.account, Arc::new(document))),
            _ => {
                tracing::warn!(account = %kept.account, "Preferences that could not be read are left out.");
                None
            }
        };
        Self { documents: RwLock::new(kept.into_iter().filter_map(read).collect()) }
    }

    /// Somebody's; empty if they never said anything.
    pub(crate) fn of(&self, account: &AccountId) -> Arc<Map<String, Value>> {
        self.documents.read().unwrap_or_else(PoisonError::into_inner).get(account).cloned().unwrap_or_default()
    }

    /// Somebody has no account any more.
    pub(crate) fn forget(&self, account: &AccountId) {
        self.documents.write().unwrap_or_else(PoisonError::into_inner).remove(account);
    }

    /// Keeps others of somebody. Run to its end: memory and disk must not be left unlike each other.
    pub(crate) async fn put(
        &self,
        core: &CoreHandle,
        account: &AccountId,
        document: Map<String, Value>,
    ) -> Result<Arc<Map<String, Value>>, Problem> {
        let text = check(&document)?;
        let kept = Kept { account: account.clone(), document: text.into() };
        core.keep(vec![Change::Put(Record::Preferences(kept))]).await?;
        let document = Arc::new(document);
        let mut documents = self.documents.write().unwrap_or_else(PoisonError::into_inner);
        documents.insert(account.clone(), Arc::clone(&document));
        Ok(document)
    }
}

/// The text of an object that may be kept.
fn check(document: &Map<String, Value>) -> Result<String, Problem> {
    let text = serde_json::to_string(document).unwrap_or_default();
    if text.len() > LONGEST {
        let detail = format!("The preferences would have {} bytes.", text.len());
        let hint = format!("Keep at most {LONGEST} bytes of JSON; leave out what can be made anew.");
        return Err(Problem::invalid("too_large", detail, hint));
    }
    if document.values().any(|value| depth(value) >= DEEPEST) {
        let hint = format!("Nest objects and lists at most {DEEPEST} deep.");
        return Err(Problem::invalid("too_deep", "The preferences are nested too deeply.", hint));
    }
    Ok(text)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A merge patch by RFC 7396: what is null is taken out, objects are merged, everything else takes the place of what was
/// there.
pub(crate) fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(&name);
            }
            Value::Object(inner) => {
                let mut merged = match target.remove(&name) {
                    Some(Value::Object(known)) => known,
                    _ => Map::new(),
                };
                merge(&mut merged, inner);
                target.insert(name, Value::Object(merged));
            }
            other => {
                target.insert(name, other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The examples of RFC 7396, appendix A, whose target and patch are objects.
    #[test]
    fn patches_are_merged_as_the_standard_says() {
        for (target, patch, wanted) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (json!({"a": {"b": "c"}}), json!({"a": {"b": "d", "c": null}}), json!({"a": {"b": "d"}})),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let (Value::Object(mut merged), Value::Object(change)) = (target.clone(), patch.clone()) else { panic!() };
            merge(&mut merged, change);
            assert_eq!(Value::Object(merged), wanted, "{target} {patch}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let object = |value: Value| Map::from_iter([("a".to_owned(), value)]);
        let nested = |depth: usize| (0..depth).fold(Value::Null, |inner, _| json!([inner]));
        assert!(check(&object(nested(31))).is_ok());
        assert_eq!(check(&object(nested(32))).unwrap_err().code, "too_deep");
        assert_eq!(check(&object(json!("x".repeat(LONGEST)))).unwrap_err().code, "too_large");
    }
}
