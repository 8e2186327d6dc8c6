//! Traces: what the engine leaves of every run and of everything that nearly was one, as it is read back.
//!
//! A run leaves a trace whenever it begins to wait and when it ends; the first has what set it off and what its
//! conditions were. What did not become a run leaves one without a run.

use std::collections::BTreeMap;
use std::sync::Arc;

use hub_model::{AttributeName, AutomationId, DeviceId, EndpointNumber, RunId, Timestamp, Value};
use serde::{Deserialize, Serialize};

/// One trace.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Trace {
    /// When it was left.
    pub at: Timestamp,
    /// Whose.
    pub automation: AutomationId,
    /// Which revision of the rule it was.
    #[serde(default)]
    pub revision: u64,
    /// Of which run; none = it did not become one.
    #[serde(default)]
    pub run: Option<RunId>,
    /// What set it off, or nearly did. Of a run only the first trace has it.
    #[serde(default)]
    pub trigger: Option<TraceTrigger>,
    /// What the conditions looked at. Of a run only the first trace has it.
    #[serde(default)]
    pub conditions: Vec<TraceCondition>,
    /// What was done since the trace before.
    #[serde(default)]
    pub actions: Vec<TraceAction>,
    /// Of a run `waiting`, `queued`, `finished`, `stopped`, `failed` or `fuse`; of none `conditions`, `busy`,
    /// `failed`, `fuse`, `missed` or `no_match`.
    pub result: Arc<str>,
    /// In words.
    #[serde(default)]
    pub detail: Option<Arc<str>>,
    /// What was wanted and was not so.
    #[serde(default)]
    pub wanted: Option<Wanted>,
    /// The rule was only tried: it commanded nothing.
    #[serde(default)]
    pub shadow: bool,
}

/// What set a rule off, or nearly did. Which fields there are depends on the kind.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct TraceTrigger {
    /// The word of the rule language; `run` = another rule ran it.
    pub kind: Arc<str>,
    /// Where it stands in the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Arc<str>>,
    /// What the rule calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Arc<str>>,
    /// The moment that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Since when it had been so, if it had to be for some time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Whose change it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointNumber>,
    /// Which attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<AttributeName>,
    /// Before; unknown where nobody said.
    #[serde(default, skip_serializing_if = "Value::is_unknown")]
    pub from: Value,
    /// Then; unknown where nobody said.
    #[serde(default, skip_serializing_if = "Value::is_unknown")]
    pub to: Value,
    /// Of a momentary thing: what.
    #[serde(default, skip_serializing_if = "Value::is_unknown")]
    pub value: Value,
    /// `restored` if it was no live report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Arc<str>>,
    /// Who came or went.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Arc<str>>,
    /// The rule that ran this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automation: Option<AutomationId>,
    /// The run that did so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// Something that a condition looked at.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TraceCondition {
    /// Where the condition stands in the document.
    pub path: Arc<str>,
    /// What it was.
    #[serde(default)]
    pub value: Value,
    /// Whether that was as the condition wants it.
    pub as_wanted: bool,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<EndpointNumber>,
    /// Which attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<AttributeName>,
}

/// Something that a run did.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct TraceAction {
    /// Where it stands in the document.
    pub path: Arc<str>,
    /// Which device was commanded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceId>,
    /// What it was told.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<AttributeName, Value>,
    /// Everything else that is said of it.
    #[serde(flatten)]
    pub rest: BTreeMap<String, serde_json::Value>,
}

/// What was wanted and was not so.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Wanted {
    /// The trigger or condition that it failed at.
    pub path: Arc<str>,
    /// What that wants, in words.
    pub text: Arc<str>,
}

impl Trace {
    /// Reads one; none if it is not one.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether it is the first of a run.
    pub fn is_start(&self) -> bool {
        self.run.is_some() && self.trigger.is_some()
    }

    /// Whether nothing more comes of its run.
    pub fn is_end(&self) -> bool {
        !matches!(&*self.result, "waiting" | "queued")
    }

    /// What a trigger or condition made it come to nothing, if that is known.
    pub fn failed_path(&self) -> Option<&Arc<str>> {
        let trigger = self.trigger.as_ref().and_then(|trigger| trigger.path.as_ref());
        self.wanted.as_ref().map(|wanted| &wanted.path).or(trigger)
    }
}

/// The moment that a run is about, which its id tells: it left no trace before. None = the id is not one of a run.
pub fn moment_of_run(run: &RunId) -> Option<Timestamp> {
    let mut parts = run.as_str().rsplitn(3, '-').skip(1);
    let moment = i64::from_str_radix(parts.next()?, 36).ok()?;
    parts.next().map(|_| Timestamp(moment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_read_whatever_it_lacks() {
        let text = r#"{"at":"2026-11-20T18:00:00Z","automation":"a","result":"waiting","run":"a-1","new":1,
            "trigger":{"kind":"state","from":null,"to":true,"device":"d:1"},
            "actions":[{"path":"actions[0]","device":"d:1","set":{"on":true}},{"path":"actions[1]","delay":"5m"}]}"#;
        let trace = Trace::read(text).unwrap();
        assert!(trace.is_start() && !trace.is_end());
        assert_eq!(trace.trigger.unwrap().to, Value::Bool(true));
        assert_eq!(trace.actions[1].rest["delay"], "5m");
        assert_eq!(moment_of_run(&"hallway-light-mwpaatc0-0".into()), "2026-11-20T18:00:00Z".parse().ok());
        assert_eq!(moment_of_run(&"hallway".into()), None);
        assert_eq!(Trace::read("{}"), None);
        assert_eq!(Trace::read("[]"), None);
    }
}
