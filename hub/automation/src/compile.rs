//! Makes a rule ready to run: finds the devices it names, checks every attribute and value against them.

mod conditions;
mod devices;
mod household;
mod place;
mod steps;
mod tested;
mod triggers;
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;

use hub_model::event::Severity;
use hub_model::name::slug;
use hub_model::{AreaId, DeviceId, Said};

use crate::World;
use crate::document::written::Given;
use crate::document::{Document, Finding, Place};
use crate::rule::Rule;
use hub_model::name::nearest;

pub(crate) use household::scene_named;
pub use tested::has_what_tests_name;
pub(crate) use values::fit;

/// How many ids a finding lists.
const LISTED: usize = 10;

/// Makes a rule ready to run in this home. Everything that is wrong is found in one go; warnings refuse nothing.
pub fn compile(document: &Document, world: &dyn World) -> Result<Rule, Vec<Finding>> {
    let (rule, mut findings) = compile_what_is_there(document, world);
    findings.retain(|finding| finding.severity == Severity::Error);
    if findings.is_empty() { Ok(rule) } else { Err(findings) }
}

/// Makes ready what of a rule can run in this home, which may have lost something that the rule names, and says what
/// cannot. A trigger never fires for what is gone, a condition on it does not hold, a step fails in words; all else
/// works. The steps keep their places, so that a run that waits can go on.
pub fn compile_what_is_there(document: &Document, world: &dyn World) -> (Rule, Vec<Finding>) {
    let written = document.rule();
    let mut compiler =
        Compiler { world, findings: Vec::new(), devices: BTreeSet::new(), selects: false, evaluates: false };
    for (_, given) in &written.variables {
        if let Given::Template(template) = &given.value {
            compiler.references(template.references(), &given.place);
        }
    }
    let triggers = written.triggers.iter().map(|trigger| compiler.trigger(trigger)).collect();
    let conditions = compiler.conditions(&written.conditions);
    let program = compiler.program(&written.actions);
    let rule = Rule {
        name: written.name.as_str().into(),
        enabled: written.enabled,
        mode: written.mode,
        catch_up: written.catch_up,
        priority: written.priority,
        variables: written.variables.iter().map(|(name, given)| (name.as_str().into(), given.value.clone())).collect(),
        triggers,
        conditions,
        program,
        devices: compiler.devices,
        selects: compiler.selects,
        looks_at_trigger: compiler.evaluates || !written.variables.is_empty(),
    };
    let mut findings = compiler.findings;
    place::find(&rule, document, world, &mut findings);
    (rule, findings)
}

/// The same for who wrote it: `world` is the home as they see it. What is there and not for their eyes is not read, and
/// is said to be so.
pub fn compile_what_is_seen(document: &Document, world: &dyn World) -> (Rule, Vec<Finding>) {
    let (rule, mut findings) = compile_what_is_there(document, world);
    if let Some(whole) = world.whole().filter(|_| !findings.is_empty()) {
        let (_, of_whole) = compile_what_is_there(document, whole);
        let is_known =
            |finding: &Finding| of_whole.iter().any(|other| (other.code, &other.path) == (finding.code, &finding.path));
        for finding in findings.iter_mut().filter(|finding| !is_known(finding)) {
            finding.code = NOT_SEEN;
            finding.message = "the author of the rule does not see what is named here, so the rule does not read it; \
                               somebody who sees it can save the rule anew"
                .into();
        }
    }
    (rule, findings)
}

/// The code of what a rule names and its author does not see.
pub const NOT_SEEN: &str = "not_seen";

/// The device of this id or name; in words what is wrong if there is none or more than one.
pub(crate) fn device_named(name: &str, world: &dyn World) -> Result<DeviceId, Said> {
    if let Some(record) = world.device(&DeviceId::new(name)) {
        return Ok(record.device.id.clone());
    }
    let mut named = world.devices().filter(|record| &*record.name == name).map(|record| &record.device.id);
    match (named.next(), named.next()) {
        (Some(only), None) => Ok(only.clone()),
        (Some(first), Some(second)) => {
            let ids: Vec<&str> = [first, second].into_iter().chain(named).take(LISTED).map(DeviceId::as_str).collect();
            let ids = ids.join(", ");
            let text = format!("{name:?} is the name of several devices; write one of their ids: {ids}");
            Err(Said::new("several_devices", text).with("name", name).with("ids", ids))
        }
        (None, _) => {
            let known = world.devices().flat_map(|record| [&*record.name, record.device.id.as_str()]);
            Err(no_such("device", name, known))
        }
    }
}

/// That there is no such thing, and what is named most like it.
fn no_such<'a>(what: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Said {
    let known: Vec<&str> = known.into_iter().collect();
    // Whoever leaves the end of a name out means it more surely than one that is spelt alike.
    let begins = |known: &&&str| known.to_lowercase().starts_with(&name.to_lowercase());
    let begun = known.iter().filter(|_| !name.is_empty()).find(begins).copied();
    match begun.or_else(|| nearest(name, known.iter().copied())) {
        Some(near) => Said::new(what, format!("there is no {what} {name:?}; did you mean {near:?}?"))
            .with("name", name)
            .with("near", near),
        None => Said::new(what, format!("there is no {what} {name:?}")).with("name", name),
    }
}

/// The area of this id or name. A world that does not know its areas knows those that its devices are in, and they are
/// called as their ids are made of names.
pub(crate) fn area_named(name: &str, world: &dyn World) -> Option<AreaId> {
    let by_id = world.areas().iter().find(|area| area.id.as_str() == name);
    let listed = by_id.or_else(|| world.areas().iter().find(|area| &*area.name == name)).map(|area| area.id.clone());
    let made = if world.is_complete() { None } else { slug(name) };
    let is_meant = |area: &AreaId| area.as_str() == name || Some(area.as_str()) == made.as_deref();
    listed.or_else(|| world.devices().filter_map(|record| record.area.clone()).find(is_meant))
}

struct Compiler<'w> {
    world: &'w dyn World,
    findings: Vec<Finding>,
    devices: BTreeSet<DeviceId>,
    selects: bool,
    /// There are expressions in it.
    evaluates: bool,
}

impl Compiler<'_> {
    fn wrong(&mut self, place: &Place, code: &'static str, message: Said) {
        self.findings.push(Finding::at(place, code, message));
    }

    /// The first problem behind so many others.
    fn problem_behind(&self, others: usize) -> Option<Arc<str>> {
        self.findings.get(others).map(|finding| Arc::clone(&finding.message.text))
    }
}

/// Whole milliseconds.
fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
