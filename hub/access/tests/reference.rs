//! A second evaluator, written from the manual and as plainly as can be: over the documents as JSON, with tables of its
//! own. It knows only yes and no.

use hub_access::{Household, Whereabouts};
use hub_model::zone::{TimeOfDay, Weekday};
use hub_model::{Timestamp, Trust};
use serde_json::Value as Json;

/// Types of devices, attributes, and whether a PIN is needed from afar.
const PROTECTED: &[(&str, &[&str], bool)] = &[
    ("lock", &["locked", "lock_state", "pin_code", "auto_relock_time"], true),
    ("garage_door", &[], true),
    (
        "alarm",
        &[
            "alarm",
            "alarm_mode",
            "alarm_state",
            "alarm_switch",
            "siren_for_automation_only",
            "silence",
            "temporary_mute",
            "warning",
        ],
        true,
    ),
    ("camera", &[], false),
    ("valve", &[], false),
];

const PARTS_OF_EVERYBODY: &[(&str, &str)] = &[
    ("see", "account"),
    ("control", "account"),
    ("configure", "account"),
    ("see", "messages"),
    ("control", "messages"),
    ("configure", "messages"),
    ("see", "home"),
    ("see", "mode"),
    ("see", "areas"),
];

const FREE_PARTS: &[&str] =
    &["account", "messages", "mode", "areas", "scenes", "rules", "history", "why", "energy", "alerts"];

/// A request in words.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) action: &'static str,
    pub(crate) part: Option<&'static str>,
    pub(crate) device: &'static str,
    pub(crate) area: &'static str,
    pub(crate) types: Vec<&'static str>,
    pub(crate) attribute: Option<&'static str>,
    pub(crate) value: Option<Json>,
    pub(crate) is_from_afar: bool,
}

/// Whether a person of this role may, by these rules alone.
pub(crate) fn allows(rules: &[Json], person: &str, role: &str, wish: &Wish, home: &Household<'_>) -> bool {
    let needs_pin = wish.action == "control"
        && wish.is_from_afar
        && PROTECTED.iter().any(|(word, attributes, from_afar)| {
            *from_afar && (wish.types.contains(word) || wish.attribute.is_some_and(|one| attributes.contains(&one)))
        });
    if needs_pin && wish.part.is_none() && !home.pin {
        return false;
    }
    if role == "owner" {
        return true;
    }
    if wish.part.is_some_and(|part| PARTS_OF_EVERYBODY.contains(&(wish.action, part))) {
        return true;
    }
    rules.iter().any(|rule| {
        let is_for = rule["who"]["role"] == *role || rule["who"]["person"] == *person;
        is_for
            && holds(&rule["allow"], wish.action)
            && is_about(&rule["what"], wish)
            && conditions(rule, person, wish, home)
    })
}

/// Whether a list has a word.
fn holds(list: &Json, word: &str) -> bool {
    list.as_array().is_some_and(|list| list.iter().any(|one| *one == *word))
}

fn is_about(what: &Json, wish: &Wish) -> bool {
    let says = |field: &str| !what[field].is_null();
    let narrows = says("areas") || says("devices") || says("capabilities") || says("types");
    if let Some(part) = wish.part {
        return if says("parts") {
            holds(&what["parts"], part)
        } else {
            !narrows && (FREE_PARTS.contains(&part) || part == "home" && wish.action != "configure")
        };
    }
    if says("parts") && !narrows {
        return false;
    }
    if says("areas") && !holds(&what["areas"], wish.area)
        || says("devices") && !holds(&what["devices"], wish.device)
        || says("types") && !wish.types.iter().any(|word| holds(&what["types"], word))
    {
        return false;
    }
    if says("capabilities") {
        match wish.attribute {
            Some(attribute) if !holds(&what["capabilities"], attribute) => return false,
            None if wish.action == "configure" || what["capabilities"] == Json::Array(Vec::new()) => return false,
            _ => {}
        }
    }
    says("devices")
        || PROTECTED.iter().all(|(word, attributes, _)| {
            let by_type = wish.types.contains(word);
            let by_attribute = wish.attribute.is_some_and(|one| attributes.contains(&one));
            let names_type = holds(&what["types"], word);
            let names_attribute = match wish.attribute {
                Some(attribute) => attributes.contains(&attribute) && holds(&what["capabilities"], attribute),
                None => attributes.iter().any(|one| holds(&what["capabilities"], one)),
            };
            !(by_type || by_attribute) || names_type || names_attribute
        })
}

fn conditions(rule: &Json, person: &str, wish: &Wish, home: &Household<'_>) -> bool {
    let now = home.now.time();
    let (until, when) = (&rule["until"], &rule["when"]);
    if until.is_string() || !when.is_null() {
        if home.now.wall.trust == Trust::Persisted {
            return false;
        }
        let is_over = until.as_str().is_some_and(|end| end.parse::<Timestamp>().unwrap() <= now);
        if is_over || !is_within(when, home) {
            return false;
        }
    }
    if let Some(who) = rule["only_while_home"].as_array() {
        let is_meant = |word: &Json, resident: &hub_access::Resident| {
            let role = serde_json::to_value(resident.role).unwrap();
            *word == role || (*word == "adult" && role == "owner") || *word == *resident.id.as_str()
        };
        let at_home = home.people.iter().filter(|resident| resident.whereabouts == Whereabouts::Home);
        if !at_home.into_iter().any(|resident| who.iter().any(|word| is_meant(word, resident))) {
            return false;
        }
    }
    if wish.action == "see" {
        return true;
    }
    if rule["approval"] == true || (rule["pin"] == true && !home.pin) {
        return false;
    }
    if wish.action != "control" || wish.part.is_some() {
        return true;
    }
    if let (Some(attribute), Some(value)) = (wish.attribute, &wish.value) {
        let limit = &rule["limits"][attribute];
        let is_outside = |number: f64| {
            limit["min"].as_f64().is_some_and(|min| number < min)
                || limit["max"].as_f64().is_some_and(|max| number > max)
        };
        if !limit.is_null() && value.as_f64().is_none_or(is_outside) {
            return false;
        }
    }
    let is_off =
        wish.value.as_ref().is_some_and(|value| *value == "off" || (*value == false && wish.attribute == Some("on")));
    let minutes = rule["daily"]["minutes"].as_u64();
    minutes.is_none_or(|minutes| {
        let id = rule["id"].as_str().unwrap_or("");
        is_off || home.allowances.left(person, id, u32::try_from(minutes).unwrap(), home).is_some()
    })
}

fn is_within(when: &Json, home: &Household<'_>) -> bool {
    if when.is_null() {
        return true;
    }
    let time = |field: &str| when[field].as_str().map(str::parse::<TimeOfDay>);
    let midnight = "00:00".parse::<TimeOfDay>().unwrap();
    let (from, to) = match (time("from").unwrap_or(Ok(midnight)), time("to").transpose()) {
        (Ok(from), Ok(to)) => (from, to),
        _ => return false,
    };
    let known = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let days = when["weekdays"].as_array();
    if days.is_some_and(|days| days.iter().any(|day| !known.contains(&day.as_str().unwrap()))) || to == Some(from) {
        return false;
    }
    let now = home.now.time();
    let mut date = home.zone.local(now).date().yesterday().unwrap().yesterday().unwrap();
    for _ in 0..4 {
        let tomorrow = date.tomorrow().unwrap();
        let last = if to.is_none_or(|to| to < from) { tomorrow } else { date };
        let begins = home.zone.on(date, from).unwrap();
        let ends = home.zone.on(last, to.unwrap_or(midnight)).unwrap();
        let day = serde_json::to_value(Weekday::of(date)).unwrap();
        if begins <= now && now < ends && days.is_none_or(|days| days.contains(&day)) {
            return true;
        }
        date = tomorrow;
    }
    false
}
