//! A rule of permission as people write it: names where the hub wants ids, and parts of it changed one by one.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::arguments::PermissionFields;
use super::client::Client;
use super::failure::Failure;
use super::find::{self, find};
use super::moment;

/// The words for roles.
const ROLES: [&str; 5] = ["owner", "adult", "child", "guest", "installer"];

/// What a rule may name.
pub(crate) struct Known {
    areas: Vec<Value>,
    devices: Vec<Value>,
    people: Vec<Value>,
}

impl Known {
    /// What there is in the home.
    pub(crate) async fn of(client: &Client) -> Result<Self, Failure> {
        let (areas, devices) = (client.items("/areas").await?, client.items("/devices").await?);
        Ok(Self { areas, devices, people: client.items("/people").await? })
    }

    fn area(&self, wanted: &str) -> Result<String, Failure> {
        Ok(find::id(find(&self.areas, "area", wanted)?))
    }

    fn device(&self, wanted: &str) -> Result<String, Failure> {
        Ok(find::id(find(&self.devices, "device", wanted)?))
    }

    fn person(&self, wanted: &str) -> Result<String, Failure> {
        Ok(find::id(find(&self.people, "person", wanted)?))
    }

    /// A role, or the id of a person.
    fn role_or_person(&self, wanted: &str) -> Result<String, Failure> {
        role(wanted).map_or_else(|| self.person(wanted), |role| Ok(role.to_owned()))
    }

    /// For whom a rule is.
    pub(crate) fn who(&self, wanted: &str) -> Result<Value, Failure> {
        match role(wanted) {
            Some(role) => Ok(json!({ "role": role })),
            None => Ok(json!({ "person": self.person(wanted)? })),
        }
    }

    /// Puts ids where a rule has names.
    fn with_ids(&self, mut rule: Value) -> Result<Value, Failure> {
        if let Some(person) = rule["who"]["person"].as_str() {
            rule["who"]["person"] = json!(self.person(person)?);
        }
        let what = rule.get_mut("what").filter(|what| what.is_object());
        if let Some(what) = what {
            each(what, "areas", |area| self.area(area))?;
            each(what, "devices", |device| self.device(device))?;
        }
        each(&mut rule, "only_while_home", |who| self.role_or_person(who))?;
        Ok(rule)
    }
}

fn role(word: &str) -> Option<&'static str> {
    ROLES.into_iter().find(|role| word.eq_ignore_ascii_case(role))
}

/// Has each word of a list be another.
fn each(parent: &mut Value, field: &str, becomes: impl Fn(&str) -> Result<String, Failure>) -> Result<(), Failure> {
    for word in parent.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(text) = word.as_str() {
            *word = json!(becomes(text)?);
        }
    }
    Ok(())
}

/// The rules of a file, one or a list of them, with ids.
pub(crate) fn read(file: &Path, known: &Known) -> Result<Vec<Value>, Failure> {
    let shown = file.display();
    let text =
        std::fs::read_to_string(file).map_err(|error| Failure::Usage(format!("{shown} cannot be read: {error}")))?;
    let rules = match serde_json::from_str(&text) {
        Ok(Value::Array(rules)) => rules,
        Ok(rule @ Value::Object(_)) => vec![rule],
        Ok(_) => return Err(Failure::Usage(format!("{shown} is neither a permission nor a list of them"))),
        Err(error) => return Err(Failure::Usage(format!("{shown} is not JSON: {error}"))),
    };
    rules.into_iter().map(|rule| known.with_ids(rule)).collect()
}

/// A rule with what was said of it on the command line.
pub(crate) async fn changed(
    rule: Value,
    fields: &PermissionFields,
    known: &Known,
    client: &Client,
) -> Result<Value, Failure> {
    let until = match fields.until.as_deref() {
        None => None,
        Some("") => Some(Value::Null),
        Some(until) => Some(json!(moment::until(until, client).await?.to_string())),
    };
    let Value::Object(mut rule) = rule else {
        return Err(Failure::Usage("a permission is a JSON object".to_owned()));
    };
    change(&mut rule, fields, known)?;
    if let Some(until) = until {
        rule.insert("until".to_owned(), until);
    }
    Ok(Value::Object(rule))
}

fn change(rule: &mut Map<String, Value>, fields: &PermissionFields, known: &Known) -> Result<(), Failure> {
    if let Some(who) = &fields.who {
        rule.insert("who".to_owned(), known.who(who)?);
    }
    put_list(rule, "allow", &fields.allow, |action| Ok(action.to_owned()))?;
    put_list(rule, "only_while_home", &fields.only_while_home, |who| known.role_or_person(who))?;
    within(rule, "what", |what| {
        let as_it_is = |word: &str| Ok(word.to_owned());
        put_list(what, "areas", &fields.areas, |area| known.area(area))?;
        put_list(what, "devices", &fields.devices, |device| known.device(device))?;
        put_list(what, "types", &fields.types, as_it_is)?;
        put_list(what, "capabilities", &fields.capabilities, as_it_is)?;
        put_list(what, "parts", &fields.parts, as_it_is)
    })?;
    within(rule, "when", |when| {
        if let Some(times) = &fields.between {
            let (from, to) = times.split_once('-').unwrap_or((times, ""));
            put(when, "from", (!from.is_empty()).then(|| json!(from.trim())));
            put(when, "to", (!to.is_empty()).then(|| json!(to.trim())));
        }
        put_list(when, "weekdays", &fields.weekdays, |day| Ok(day.to_lowercase()))
    })?;
    within(rule, "limits", |limits| {
        fields.limits.iter().try_for_each(|word| {
            let (attribute, limit) = limit(word)?;
            put(limits, attribute, limit);
            Ok(())
        })
    })?;
    if let Some(minutes) = fields.daily {
        put(rule, "daily", (minutes > 0).then(|| json!({ "minutes": minutes })));
    }
    for (field, said) in [("approval", fields.approval), ("pin", fields.pin)] {
        if let Some(said) = said {
            put(rule, field, said.then_some(Value::Bool(true)));
        }
    }
    if let Some(note) = &fields.note {
        put(rule, "note", (!note.is_empty()).then(|| json!(note)));
    }
    Ok(())
}

/// Puts a value, or takes it out.
fn put(object: &mut Map<String, Value>, field: &str, value: Option<Value>) {
    match value {
        Some(value) => object.insert(field.to_owned(), value),
        None => object.remove(field),
    };
}

/// Puts a list if there is one; an empty word takes it out.
fn put_list(
    object: &mut Map<String, Value>,
    field: &str,
    words: &[String],
    becomes: impl Fn(&str) -> Result<String, Failure>,
) -> Result<(), Failure> {
    if words.is_empty() {
        return Ok(());
    }
    let words = words.iter().filter(|word| !word.is_empty()).map(|word| becomes(word));
    let words = words.collect::<Result<Vec<String>, Failure>>()?;
    put(object, field, (!words.is_empty()).then(|| json!(words)));
    Ok(())
}

/// Changes an object within another; an empty one is taken out.
fn within(
    object: &mut Map<String, Value>,
    field: &str,
    change: impl FnOnce(&mut Map<String, Value>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut inner = match object.remove(field) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    change(&mut inner)?;
    put(object, field, (!inner.is_empty()).then_some(Value::Object(inner)));
    Ok(())
}

/// `heating_setpoint=18..22`, `brightness=..50`; `brightness=` is none any more.
fn limit(word: &str) -> Result<(&str, Option<Value>), Failure> {
    let wrong =
        || Failure::Usage(format!("{word:?} is no limit; write it like heating_setpoint=18..22 or brightness=..50"));
    let (attribute, limit) = word.split_once('=').ok_or_else(wrong)?;
    if limit.is_empty() {
        return Ok((attribute, None));
    }
    let (least, most) = limit.split_once("..").ok_or_else(wrong)?;
    let mut bounds = Map::new();
    for (field, bound) in [("min", least), ("max", most)] {
        if !bound.trim().is_empty() {
            let number = bound.trim().parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(wrong)?;
            bounds.insert(field.to_owned(), json!(number));
        }
    }
    if bounds.is_empty() { Err(wrong()) } else { Ok((attribute, Some(Value::Object(bounds)))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known {
            areas: vec![json!({"id": "hallway", "name": "Hallway"})],
            devices: vec![json!({"id": "demo:1", "name": "Lamp"})],
            people: vec![json!({"id": "user-2", "name": "Ben"})],
        }
    }

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    fn after(rule: Value, fields: &PermissionFields) -> Value {
        let Value::Object(mut rule) = rule else { panic!("{rule}") };
        change(&mut rule, fields, &known()).unwrap();
        Value::Object(rule)
    }

    #[test]
    fn names_become_ids() {
        let rule = json!({"who": {"person": "ben"}, "allow": ["see"], "what": {"areas": ["HALLWAY"], "devices": ["Lamp"]},
            "only_while_home": ["adult", "Ben"]});
        let with_ids = json!({"who": {"person": "user-2"}, "allow": ["see"], "what": {"areas": ["hallway"],
            "devices": ["demo:1"]}, "only_while_home": ["adult", "user-2"]});
        assert_eq!(known().with_ids(rule).unwrap(), with_ids);
        assert_eq!(known().with_ids(with_ids.clone()).unwrap(), with_ids);
        let unknown = known().with_ids(json!({"what": {"areas": ["Halway"]}})).unwrap_err();
        assert_eq!(unknown.to_string(), r#"there is no area "Halway"; did you mean "Hallway"?"#);
    }

    #[test]
    fn a_rule_is_made_of_what_is_said() {
        let fields = PermissionFields {
            who: Some("Child".to_owned()),
            allow: words(&["see", "control"]),
            areas: words(&["Hallway"]),
            types: words(&["light"]),
            between: Some("07:00-20:30".to_owned()),
            weekdays: words(&["Mon"]),
            limits: words(&["brightness=..50"]),
            only_while_home: words(&["adult", "Ben"]),
            daily: Some(60),
            pin: Some(true),
            note: Some("why".to_owned()),
            ..PermissionFields::default()
        };
        let made = json!({"who": {"role": "child"}, "allow": ["see", "control"], "what": {"areas": ["hallway"],
            "types": ["light"]}, "when": {"from": "07:00", "to": "20:30", "weekdays": ["mon"]},
            "limits": {"brightness": {"max": 50.0}}, "only_while_home": ["adult", "user-2"], "daily": {"minutes": 60},
            "pin": true, "note": "why"});
        assert_eq!(after(json!({}), &fields), made);
        // Nothing said, nothing changed.
        assert_eq!(after(made.clone(), &PermissionFields::default()), made);
        let taken_out = PermissionFields {
            who: Some("ben".to_owned()),
            areas: words(&[""]),
            between: Some(String::new()),
            weekdays: words(&[""]),
            limits: words(&["brightness="]),
            only_while_home: words(&[""]),
            daily: Some(0),
            pin: Some(false),
            note: Some(String::new()),
            ..PermissionFields::default()
        };
        let left = json!({"who": {"person": "user-2"}, "allow": ["see", "control"], "what": {"types": ["light"]}});
        assert_eq!(after(made, &taken_out), left);
    }

    #[test]
    fn limits_are_read() {
        for (word, bounds) in [
            ("a=18..22", Some(json!({"min": 18.0, "max": 22.0}))),
            ("a=18..", Some(json!({"min": 18.0}))),
            ("a=", Some(Value::Null)),
            ("a=..", None),
            ("a=18", None),
            ("a", None),
            ("a=x..y", None),
        ] {
            let read = limit(word).ok().map(|(_, bounds)| bounds.unwrap_or(Value::Null));
            assert_eq!(read, bounds, "{word}");
        }
    }
}
