//! Rules of permission in words: names where the hub has ids.

use serde_json::Value;

use super::Terminal;
use super::home_time::HomeTime;
use super::names::Names;
use super::output::{plain, text};

/// How rules are told: with what people call things, and when it is by the home's clocks.
#[derive(Debug, Default)]
pub(crate) struct Telling {
    names: Names,
    home_time: HomeTime,
}

impl Telling {
    /// For people; programs get ids.
    pub(crate) async fn of(terminal: &Terminal<'_>) -> Self {
        Self { names: terminal.names().await, home_time: terminal.home_time().await }
    }

    /// A rule as a row: who, may, what, under which conditions, and its id.
    pub(crate) fn row(&self, rule: &Value) -> [String; 5] {
        let (who, may) = (self.who(&rule["who"]), words(&rule["allow"]));
        [who, may, self.what(&rule["what"]), self.conditions(rule), text(rule, "id")]
    }

    /// `bedtime: children may see, control areas: Hallway (07:00–20:30)`.
    pub(crate) fn sentence(&self, rule: &Value) -> String {
        let [who, may, what, conditions, id] = self.row(rule);
        let conditions = if conditions.is_empty() { conditions } else { format!(" ({conditions})") };
        format!("{id}: {who} may {may} {what}{conditions}")
    }

    /// What the roles come with: for whom, whether it is in force, and what it is. Owners and adults keep theirs.
    pub(crate) fn choices(&self, all: &Value) -> Vec<[String; 3]> {
        let list = |field: &str| all[field].as_array().into_iter().flatten();
        let mut rows: Vec<(&Value, [String; 3])> = Vec::new();
        for rule in list("ready_made") {
            let (whose, note) = (&rule["who"], text(rule, "note"));
            match rows.iter_mut().find(|(known, _)| *known == whose) {
                Some((_, [.., told])) => *told = format!("{told} {note}"),
                None => rows.push((whose, [self.who(whose), "yes".to_owned(), note])),
            }
        }
        for choice in list("choices") {
            let (whose, is_in_force) = (&choice["who"], if choice["ready_made"] == true { "yes" } else { "no" });
            match rows.iter_mut().find(|(known, _)| *known == whose) {
                Some((_, [_, in_force, _])) => *in_force = is_in_force.to_owned(),
                None => {
                    let told = "What comes with their role.".to_owned();
                    rows.push((whose, [self.who(whose), is_in_force.to_owned(), told]));
                }
            }
        }
        rows.into_iter().map(|(_, row)| row).collect()
    }

    /// For whom: a role or a person.
    pub(crate) fn who(&self, who: &Value) -> String {
        match who["role"].as_str() {
            Some("child") => "children".to_owned(),
            Some(role) => format!("{role}s"),
            None => self.names.person(&who["person"]),
        }
    }

    fn what(&self, what: &Value) -> String {
        let fields = ["areas", "devices", "types", "capabilities", "parts"];
        let named = fields.into_iter().filter(|field| what[*field].is_array()).map(|field| {
            let words = match field {
                "areas" => listed(&what[field], |id| self.names.area(id)),
                "devices" => listed(&what[field], |id| self.names.device(id)),
                _ => words(&what[field]),
            };
            format!("{field}: {words}")
        });
        let named: Vec<String> = named.collect();
        if named.is_empty() { "all that is not protected".to_owned() } else { named.join("; ") }
    }

    fn conditions(&self, rule: &Value) -> String {
        let mut said = Vec::new();
        let when = &rule["when"];
        if when.is_object() {
            let days = words(&when["weekdays"]);
            let times = format!("{}–{}", text(when, "from"), text(when, "to"));
            let times = if times == "–" { String::new() } else { times };
            said.push(format!("{times} {days}").trim().to_owned());
        }
        for (attribute, limit) in rule["limits"].as_object().into_iter().flatten() {
            let bound = |name: &str| if limit[name].is_null() { String::new() } else { limit[name].to_string() };
            said.push(format!("{attribute} {}…{}", bound("min"), bound("max")));
        }
        if let Some(minutes) = rule["daily"]["minutes"].as_u64() {
            said.push(format!("{minutes} min a day"));
        }
        if rule["only_while_home"].is_array() {
            said.push(format!("while home: {}", listed(&rule["only_while_home"], |who| self.names.person(who))));
        }
        for (field, word) in [("approval", "asks an adult"), ("pin", "with PIN")] {
            if rule[field] == true {
                said.push(word.to_owned());
            }
        }
        if !rule["until"].is_null() {
            said.push(format!("until {}", self.home_time.show(&rule["until"])));
        }
        said.join("; ")
    }
}

fn words(list: &Value) -> String {
    listed(list, plain)
}

fn listed(list: &Value, name: impl Fn(&Value) -> String) -> String {
    list.as_array().into_iter().flatten().map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_rule_is_told_in_a_line() {
        let rule = json!({"id": "bedtime", "who": {"role": "child"}, "allow": ["see", "control"], "what": {"areas": ["anna"]},
            "when": {"from": "07:00", "to": "20:30", "weekdays": ["mon", "tue"]},
            "limits": {"heating_setpoint": {"min": 18, "max": 22}}, "daily": {"minutes": 60}, "pin": true,
            "only_while_home": ["adult", "user-2"]});
        let names = Names::listed(&[], &[("user-2", "Ben")], &[]).with_areas(&[("anna", "Anna's room")]);
        let telling = Telling { names, ..Telling::default() };
        let told = "bedtime: children may see, control areas: Anna's room (07:00–20:30 mon, tue; heating_setpoint 18…22; \
            60 min a day; while home: adult, Ben; with PIN)";
        assert_eq!(telling.sentence(&rule), told);
        assert_eq!(telling.what(&Value::Null), "all that is not protected");
    }

    #[test]
    fn what_roles_come_with_is_a_line_each() {
        let all = json!({"ready_made": [
            {"who": {"role": "adult"}, "note": "Everything that is not protected."},
            {"who": {"role": "child"}, "note": "Seeing."}, {"who": {"role": "child"}, "note": "Lamps."}],
            "choices": [{"who": {"role": "child"}, "ready_made": false}, {"who": {"person": "user-2"}, "ready_made": true}]});
        let names = Names::listed(&[], &[("user-2", "Ben")], &[]);
        let telling = Telling { names, ..Telling::default() };
        let rows: Vec<String> = telling.choices(&all).iter().map(|row| row.join(" | ")).collect();
        assert_eq!(
            rows,
            [
                "adults | yes | Everything that is not protected.",
                "children | no | Seeing. Lamps.",
                "Ben | yes | What comes with their role."
            ]
        );
    }
}
