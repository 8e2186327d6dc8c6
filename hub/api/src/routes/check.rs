//! What is wrong with rules: asked for, and before they are saved. The tests that stand in them run too.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::post;
use hub_access::{Action, Part};
use hub_automation::analysis::{self, CheckFinding, RuleOfSet};
use hub_automation::document::secrets::weak_webhooks;
use hub_automation::document::set::{Spelling, parse_each};
use hub_automation::document::{self, Document};
use hub_automation::replay::{TestOutcome, run_tests};
use hub_automation::{Finding, compile};
use hub_core::{Snapshot, refused_steps};
use hub_model::event::Severity;
use hub_model::name::AUTOMATIONS;
use hub_model::{AccountId, AutomationId, Now, Said};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::api::{App, Shared};
use crate::extract::{JsonText, parse};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::random::{bytes, hex};
use crate::routes;
use crate::simulation::{home_of, site_of};
use crate::table::Route;
use crate::wire::automation::check_finding_value;
use crate::wire::check::{Checked, ToCheck};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::POST,
            "/api/v1/automations/check",
            Access::May(Action::Configure, Part::Rules),
            post(check),
            "Checks rules together with the saved ones, and runs the tests in them, without saving anything",
        )
        .body::<ToCheck>()
        .answers::<Checked<'static>>(200, "What is wrong with them, the worst first; empty = nothing."),
    ]
}

/// Rules that are to be checked, by id.
struct Candidates {
    rules: Vec<(AutomationId, Document)>,
    /// What is wrong with those that cannot be read.
    findings: Vec<CheckFinding>,
}

/// What was found of candidates.
struct Found {
    findings: Vec<CheckFinding>,
    failed: Vec<TestOutcome>,
}

/// Whether a body is a list.
#[derive(Deserialize)]
struct Probe {
    #[serde(default)]
    automations: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    automations: Box<RawValue>,
}

async fn check(State(app): State<App>, caller: Caller, body: JsonText) -> Result<Response, Problem> {
    let snapshot = compared_with(&app, &caller);
    let is_list = parse::<Probe>(body.0.as_bytes())?.automations.is_some();
    let rules = if is_list { parse::<Many>(body.0.as_bytes())?.automations.get().to_owned() } else { body.0 };
    let offered = offered_id(&app)?;
    let author = Author::of(&app, caller.eyes(&app));
    let findings = app
        .simulations
        .check(move || {
            let Candidates { rules, mut findings } = candidates(&rules, &snapshot);
            findings.extend(found(&snapshot, &rules, &offered, &author).findings);
            findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
            findings
        })
        .await?;
    let findings: Vec<Value> = findings.iter().map(check_finding_value).collect();
    Ok(routes::json(StatusCode::OK, &json!({ "findings": findings })))
}

/// Reads one rule or a list. One without an id gets one that is free.
fn candidates(text: &str, snapshot: &Snapshot) -> Candidates {
    let of_text = |findings: &[Finding], id: Option<&AutomationId>| {
        findings.iter().map(|finding| CheckFinding::of(finding, id)).collect::<Vec<_>>()
    };
    let mut candidates = Candidates { rules: Vec::new(), findings: Vec::new() };
    let members = match parse_each(text, Spelling::Json) {
        Ok(members) => members,
        Err(findings) => return Candidates { findings: of_text(&findings, None), ..candidates },
    };
    let saved = snapshot.automations.iter().map(|view| view.record.id.clone());
    let given = members.iter().filter_map(|member| member.id.as_deref().map(AutomationId::from));
    let mut taken: BTreeSet<AutomationId> = saved.chain(given).collect();
    let mut seen = BTreeSet::new();
    for member in members {
        let id = match member.id {
            Some(id) => AutomationId::from(id),
            None => {
                let name = member.name.as_deref().unwrap_or_default();
                AutomationId::from(AUTOMATIONS.free_id(name, |id| taken.contains(id)))
            }
        };
        taken.insert(id.clone());
        if !seen.insert(id.clone()) {
            let text = format!("another rule has the id {:?} too; give each its own", id.as_str());
            let message = Said::new("same_id", text).with("id", &id);
            let finding = Finding::new("bad_value", "id", None, message);
            candidates.findings.extend(of_text(&[finding], Some(&id)));
            continue;
        }
        match member.document {
            Ok(document) => candidates.rules.push((id.clone(), document.with_id(&id))),
            Err(findings) => candidates.findings.extend(of_text(&findings, Some(&id))),
        }
    }
    candidates
}

/// An id for a webhook.
fn offered_id(app: &Shared) -> Result<String, Problem> {
    Ok(hex(&bytes::<12>(&*app.random)?))
}

/// The home, and the rules in it, as somebody sees them: what they do not see is neither hinted at nor told of.
fn compared_with(app: &Shared, caller: &Caller) -> Arc<Snapshot> {
    let home = caller.home(app);
    if caller.sees_everything(app) {
        return home;
    }
    let readable = caller.readable(app);
    let automations = home.automations.iter().filter(|view| readable.rule(&view.record.document)).cloned().collect();
    Arc::new(Snapshot { automations, ..(*home).clone() })
}

/// With whose rights rules act, and the home that these are about.
struct Author {
    account: AccountId,
    home: Arc<Snapshot>,
    now: Now,
}

impl Author {
    fn of(app: &Shared, account: AccountId) -> Self {
        Self { account, home: app.core.snapshot(), now: app.clock.now() }
    }
}

/// What is wrong with candidates among the saved rules, in whose place they may be; what is wrong between saved ones only
/// is left out. `offered` is the id of a webhook for who has too short a one.
fn found(snapshot: &Snapshot, candidates: &[(AutomationId, Document)], offered: &str, author: &Author) -> Found {
    let home = home_of(snapshot).complete();
    let is_candidate = |id: &AutomationId| candidates.iter().any(|(candidate, _)| candidate == id);
    let saved: Vec<(AutomationId, Document)> = snapshot
        .automations
        .iter()
        .filter(|view| !is_candidate(&view.record.id))
        .filter_map(|view| Some((view.record.id.clone(), document::parse_json(&view.record.document).ok()?)))
        .collect();
    let rules: Vec<RuleOfSet<'_>> =
        candidates.iter().chain(&saved).map(|(id, document)| RuleOfSet { id, document }).collect();
    let mut findings = analysis::check(&rules, &home);
    findings.retain(|finding| finding.automations.iter().any(is_candidate));
    for (id, document) in candidates {
        let weak = weak_webhooks(document, offered);
        let refused = refused_steps(&author.home, &home, &author.account, document, &author.now);
        findings.extend(weak.iter().chain(&refused).map(|finding| CheckFinding::of(finding, Some(id))));
    }
    let site = site_of(snapshot);
    let mut failed = Vec::new();
    for (id, document) in candidates.iter().filter(|(_, document)| compile(document, &home).is_ok()) {
        let outcomes = run_tests(document, id, &home, &site);
        findings.extend(outcomes.iter().filter_map(|outcome| outcome.finding(id)));
        failed.extend(outcomes.into_iter().filter(|outcome| !outcome.passed && !outcome.skipped));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    Found { findings, failed }
}

/// Checks a rule before it is saved. Errors refuse it; what else is found comes back, to be shown. `author`: with whose
/// rights it acts; none = those of who saves it.
pub(super) async fn before_saving(
    app: &Shared,
    caller: &Caller,
    author: Option<AccountId>,
    id: Option<&str>,
    text: &Arc<str>,
) -> Result<Vec<Value>, Problem> {
    let snapshot = compared_with(app, caller);
    let author = Author::of(app, author.unwrap_or_else(|| caller.eyes(app)));
    let (id, text, offered) = (id.map(AutomationId::from), Arc::clone(text), offered_id(app)?);
    let found = app
        .simulations
        .check(move || {
            // What cannot be read is refused by who saves it.
            let document = document::parse_json(&text).ok()?;
            let id = id.or_else(|| document.id().map(AutomationId::from)).unwrap_or_else(|| {
                AUTOMATIONS.free_id(document.name(), |id| snapshot.automations.get(id).is_some()).into()
            });
            Some(found(&snapshot, &[(id.clone(), document.with_id(&id))], &offered, &author))
        })
        .await?;
    let Some(Found { findings, failed }) = found else { return Ok(Vec::new()) };
    let values = || findings.iter().map(check_finding_value).collect::<Vec<_>>();
    if let Some(first) = findings.iter().find(|finding| finding.severity == Severity::Error) {
        if first.code != "test_failed" {
            let hint = "Mend what the findings name, then save again.";
            let problem = Problem::invalid("rule_invalid", "The rule has errors.", hint);
            return Err(problem.with("findings", values().into()));
        }
        let tests: Vec<Value> = failed.iter().map(test_value).collect();
        let mut detail: String = first.message.text.chars().take(1).flat_map(char::to_uppercase).collect();
        detail.extend(first.message.text.chars().skip(1));
        let hint = "Mend the rule or its test, then save again.";
        let problem =
            Problem::invalid("test_failed", Said { text: format!("{detail}.").into(), ..first.message.clone() }, hint);
        return Err(problem.with("tests", tests.into()).with("findings", values().into()));
    }
    Ok(values())
}

fn test_value(outcome: &TestOutcome) -> Value {
    json!({
        "name": outcome.name, "path": &*outcome.place.path, "expected": outcome.expected, "got": outcome.got,
        "problem": outcome.problem,
    })
}
