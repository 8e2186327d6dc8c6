//! Who may do what: the rules of it, what they come to, and what is asked of adults.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use axum::routing::{delete, get, post, put};
use hub_access::approval::ApprovalId;
use hub_access::check::{NameKind, Names};
use hub_access::{
    Action, Part, Policy, PolicyRule, ReadyMadeChoice, ReasonCode, Request, Target, Verdict, Via, ready_made,
};
use hub_core::permissions::of_part;
use hub_core::{CommandError, DeviceView, Edit, Plea, Snapshot};
use hub_model::Said;
use hub_model::event::Severity;
use hub_model::{AccountId, DeviceId, Now, Timestamp, Value};

use crate::api::{App, Shared};
use crate::audit::action;
use crate::etag;
use crate::extract::{Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::random::{bytes, hex};
use crate::routes::{self, devices};
use crate::table::Route;
use crate::wire::permissions::{
    ApprovalBody, CanParams, NewAnswer, NewApproval, PermissionRule, PermissionsBody, ReadyMade, VerdictBody,
};

const SEE: Access = Access::May(Action::See, Part::Permissions);
const CONFIGURE: Access = Access::May(Action::Configure, Part::Permissions);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(Method::GET, "/api/v1/permissions", SEE, get(list), "Lists who may do what")
            .speaks_of::<PermissionRule>()
            .answers::<PermissionsBody<'static>>(
                200,
                "The permissions that owners gave, and what each role comes with.",
            ),
        Route::new(Method::POST, "/api/v1/permissions", CONFIGURE, post(create), "Allows people something")
            .body::<PermissionRule>()
            .if_match()
            .answers::<PermissionRule>(201, "The permission; it is in force."),
        Route::new(
            Method::PUT,
            "/api/v1/permissions/ready-made",
            CONFIGURE,
            put(choose),
            "Says whether what children, guests or installers come with is in force",
        )
        .body::<ReadyMade>()
        .if_match()
        .answers::<PermissionsBody<'static>>(200, "All of it as it is now."),
        Route::new(Method::PUT, "/api/v1/permissions/{id}", CONFIGURE, put(write), "Writes a permission anew")
            .body::<PermissionRule>()
            .if_match()
            .answers::<PermissionRule>(200, "The permission as it is now."),
        Route::new(Method::DELETE, "/api/v1/permissions/{id}", CONFIGURE, delete(remove), "Removes a permission")
            .if_match()
            .answers_nothing(204, "It is gone."),
        Route::new(
            Method::GET,
            "/api/v1/can",
            Access::Signed,
            get(can),
            "Tells whether somebody may do something, and why not",
        )
        .query::<CanParams>()
        .problems(&[404])
        .answers::<VerdictBody<'static>>(200, "The verdict."),
        Route::new(Method::GET, "/api/v1/approvals", Access::Signed, get(approvals), "Lists what was asked of adults")
            .query::<PageQuery>()
            .answers::<Page<ApprovalBody<'static>>>(200, "One's own, or everybody's for who may answer; oldest first."),
        Route::new(Method::POST, "/api/v1/approvals", Access::Signed, post(plead), "Asks adults to allow something")
            .body::<NewApproval>()
            .answers::<ApprovalBody<'static>>(201, "It waits for an answer, ten minutes at most."),
        Route::new(
            Method::POST,
            "/api/v1/approvals/{id}/answer",
            Access::May(Action::Control, Part::Approvals),
            post(answer),
            "Answers what was asked",
        )
        .body::<NewAnswer>()
        .answers::<ApprovalBody<'static>>(200, "It as it is now."),
        Route::new(
            Method::DELETE,
            "/api/v1/approvals/{id}",
            Access::May(Action::Control, Part::Approvals),
            delete(take_back),
            "Takes back what was allowed",
        )
        .problems(&[409])
        .answers_nothing(204, "It is over; who asked is told."),
    ]
}

/// What has names in the home.
struct HomeNames<'a>(&'a Snapshot);

impl Names for HomeNames<'_> {
    fn names(&self, kind: NameKind) -> Vec<&str> {
        let home = self.0;
        match kind {
            NameKind::Area => home.areas.iter().map(|area| area.id.as_str()).collect(),
            NameKind::Device => home.devices.iter().map(|view| view.record.device.id.as_str()).collect(),
            NameKind::Person => home.people.iter().map(|person| person.id.as_str()).collect(),
            NameKind::Attribute => {
                let mut names: Vec<&str> = home
                    .devices
                    .iter()
                    .flat_map(|view| view.record.device.attributes().map(|(_, schema)| schema.name.as_str()))
                    .chain(hub_model::attributes::SEMANTIC_ATTRIBUTES.iter().map(|row| row.name))
                    .collect();
                names.sort_unstable();
                names.dedup();
                names
            }
        }
    }
}

fn tag(policy: &Policy) -> HeaderValue {
    etag::of(policy)
}

fn all(policy: &Policy) -> Response {
    let body = PermissionsBody { items: &policy.rules, ready_made: ready_made::rules(), choices: &policy.ready_made };
    routes::tagged(StatusCode::OK, tag(policy), &body)
}

async fn list(State(app): State<App>) -> Response {
    all(app.core.snapshot().permissions.policy())
}

/// Changes the whole of it; `change` gives what is answered.
async fn edit<T>(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    change: impl FnOnce(&Snapshot, &mut Policy) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let _alone = app.edits.write().await;
    let snapshot = app.core.snapshot();
    let mut policy = (**snapshot.permissions.policy()).clone();
    etag::check(headers, &tag(&policy))?;
    let answer = change(&snapshot, &mut policy)?;
    app.edit(caller, Edit::Permissions(policy)).await?;
    Ok(answer)
}

fn check(rule: &PolicyRule, home: &Snapshot, now: Timestamp) -> Result<(), Problem> {
    let findings = rule.check(&HomeNames(home), now);
    if !findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Ok(());
    }
    let detail = findings.first().map_or_else(String::new, |first| format!("{}: {}.", first.path, first.message));
    Err(Problem::invalid("permission_invalid", detail, "Mend what the findings name, then send it again.")
        .with("findings", serde_json::to_value(&findings).unwrap_or_default()))
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(mut rule): Json<PolicyRule>,
) -> Result<Response, Problem> {
    if rule.id.is_empty() {
        rule.id = format!("permission-{}", hex(&bytes::<6>(&*app.random)?)).into();
    }
    let now = app.now();
    let rule = edit(&app, &caller, &headers, |home, policy| {
        check(&rule, home, now)?;
        let known = policy.rules.iter().chain(ready_made::rules());
        if known.into_iter().any(|known| known.id == rule.id) {
            return Err(Problem::conflict(
                "conflict",
                Said::new("permission", format!("There is already a permission {}.", rule.id)).with("id", &rule.id),
                "Give another id, or leave it out.",
            ));
        }
        if policy.rules.len() >= hub_access::policy::RULES_MAX {
            return Err(Problem::conflict("too_many", "There are too many permissions.", "Remove one first."));
        }
        policy.rules.push(rule.clone());
        Ok(rule)
    });
    let rule = rule.await?;
    Ok(routes::located(routes::json(StatusCode::CREATED, &rule), "/api/v1/permissions", &rule.id))
}

async fn write(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(mut rule): Json<PolicyRule>,
) -> Result<Response, Problem> {
    if !rule.id.is_empty() && *rule.id != *id {
        let hint = "Leave id out of the body, or give that of the path.";
        return Err(Problem::invalid(
            "bad_value",
            Said::new("id_stays", "The id of a permission stays what it is."),
            hint,
        )
        .with("field", "id".into()));
    }
    rule.id = id.as_str().into();
    let now = app.now();
    let rule = edit(&app, &caller, &headers, |home, policy| {
        check(&rule, home, now)?;
        let known = policy.rules.iter_mut().find(|known| *known.id == *id);
        *known.ok_or_else(|| Problem::not_found("permission", &id))? = rule.clone();
        Ok(rule)
    });
    Ok(routes::json(StatusCode::OK, &rule.await?))
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    edit(&app, &caller, &headers, |_, policy| {
        let before = policy.rules.len();
        policy.rules.retain(|rule| *rule.id != *id);
        if policy.rules.len() == before { Err(Problem::not_found("permission", &id)) } else { Ok(()) }
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn choose(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(choice): Json<ReadyMadeChoice>,
) -> Result<Response, Problem> {
    let policy = edit(&app, &caller, &headers, |home, policy| {
        if let hub_access::Who::Person(person) = &choice.who
            && !home.people.iter().any(|known| known.id == *person)
        {
            return Err(Problem::not_found("user", person.as_str()));
        }
        policy.ready_made.retain(|known| known.who != choice.who);
        // In force is what nobody needs to say.
        if !choice.ready_made {
            policy.ready_made.push(choice);
        }
        Ok(policy.clone())
    });
    Ok(all(&policy.await?))
}

/// The account of an id or user name.
fn account_of(app: &Shared, name: &str) -> Result<AccountId, Problem> {
    let entry = app.accounts.find_either(name);
    entry.map(|entry| entry.account.id.clone()).ok_or_else(|| Problem::not_found("user", name))
}

async fn can(State(app): State<App>, caller: Caller, Query(wanted): Query<CanParams>) -> Result<Response, Problem> {
    let own = caller.eyes(&app);
    let who = match &wanted.user {
        None => own,
        // Who may not know of others is not told whether there are any.
        Some(name) => match account_of(&app, name) {
            Ok(account) if account == own => own,
            found => {
                caller.may(&app, Action::See, Part::Permissions)?;
                found?
            }
        },
    };
    let mut now: Now = app.clock.now();
    if let Some(at) = wanted.at {
        now.wall.time = at;
    }
    let snapshot = app.core.snapshot();
    let home = caller.home(&app);
    let value = wanted
        .value
        .as_deref()
        .map(|text| serde_json::from_str::<Value>(text).unwrap_or_else(|_| Value::Text(text.into())));
    let verdict = match (&wanted.device, &wanted.part) {
        (Some(device), None) => {
            let eyes = Eyes { who: &who, are_own: who == caller.eyes(&app), now: &app.clock.now() };
            let view = match sight(&home, &snapshot, &eyes, device, &now)? {
                Sight::Seen(view) => view,
                Sight::NotNow(verdict) => return Ok(routes::json(StatusCode::OK, &VerdictBody::new(&verdict))),
            };
            let members =
                snapshot.device(&view.record.device.id).into_iter().flat_map(|view| &view.record.device.members);
            let members: Vec<&DeviceView> = members.filter_map(|id| snapshot.device(id)).map(|view| &**view).collect();
            let ask = |attribute: Option<&str>| {
                let target = Target::Device { device: view.facts(), attribute, endpoint: None, value: value.as_ref() };
                let request = Request { action: wanted.action, target, via: caller.via() };
                snapshot.permissions.verdict_with_members(&who, &request, members.iter().copied(), &now, false)
            };
            match wanted.attribute.as_deref() {
                Some(attribute) => {
                    known(view, attribute, value.as_ref().filter(|_| wanted.action == Action::Control))?;
                    ask(Some(attribute))
                }
                None => of_any(view, wanted.action, ask),
            }
        }
        (None, Some(part)) => {
            let part = Part::named(part).ok_or_else(|| {
                let words: Vec<&str> = hub_access::part::PARTS.iter().map(|row| row.word).collect();
                Problem::invalid(
                    "bad_parameter",
                    "There is no such part of the hub.",
                    format!("Give one of {}.", words.join(", ")),
                )
                .with("field", "part".into())
            })?;
            snapshot.permissions.verdict(&who, &of_part(wanted.action, part, caller.via()), &now, false)
        }
        _ => {
            return Err(Problem::invalid(
                "bad_parameter",
                "It is not said with what.",
                "Give device= with attribute= and value=, or part=.",
            ));
        }
    };
    Ok(routes::json(StatusCode::OK, &VerdictBody::new(&verdict)))
}

/// With whose eyes a device is looked for.
struct Eyes<'a> {
    who: &'a AccountId,
    /// Whether somebody asks about themself.
    are_own: bool,
    now: &'a Now,
}

/// What somebody sees of a device.
enum Sight<'a> {
    Seen(&'a DeviceView),
    /// Nothing now, and why.
    NotNow(Verdict),
}

/// The device of this id, as far as it is for these eyes. What one sees at other times, or while somebody is at home, is
/// no secret: who asks about themself is told why not now. Its name will do, because its id is nowhere to be found then.
fn sight<'a>(
    home: &'a Snapshot,
    whole: &'a Snapshot,
    eyes: &Eyes<'_>,
    wanted: &str,
    asked_for: &Now,
) -> Result<Sight<'a>, Problem> {
    let unseen = match devices::find(home, wanted) {
        Ok(view) => return Ok(Sight::Seen(view)),
        Err(unseen) => unseen,
    };
    if !eyes.are_own {
        return Err(unseen);
    }
    let see = |view: &DeviceView, now: &Now| {
        let target = Target::Device { device: view.facts(), attribute: None, endpoint: None, value: None };
        let request = Request { action: Action::See, target, via: Via::Lan };
        whole.permissions.verdict(eyes.who, &request, now, false)
    };
    let is_for_a_time = |verdict: &Verdict| verdict.reasons.iter().any(|reason| FOR_A_TIME.contains(&reason.code));
    let is_meant = |view: &DeviceView| view.record.device.id.as_str() == wanted || &*view.record.name == wanted;
    let mut meant = whole.devices.iter().filter(|view| is_meant(view)).map(|view| (&**view, see(view, eyes.now)));
    let (view, at_present) = meant.find(|(_, verdict)| is_for_a_time(verdict)).ok_or(unseen)?;
    Ok(match see(view, asked_for) {
        then if then.allowed => Sight::Seen(view),
        then if is_for_a_time(&then) => Sight::NotNow(then),
        _ => Sight::NotNow(at_present),
    })
}

/// Why something is not to be seen that is to be seen again.
const FOR_A_TIME: [ReasonCode; 3] = [ReasonCode::OutsideWindow, ReasonCode::NobodyHome, ReasonCode::ClockNotTrusted];

/// An answer about what a device has not, or cannot be, would lead astray.
fn known(view: &DeviceView, attribute: &str, value: Option<&Value>) -> Result<(), Problem> {
    let Some((_, schema, _)) = view.attributes().find(|(_, schema, _)| schema.name.as_str() == attribute) else {
        return Ok(view.record.device.resolve(None, attribute).map(drop)?);
    };
    value.map_or(Ok(()), |value| Ok(schema.check(value).map_err(CommandError::Value)?))
}

/// Of a whole device somebody may do what they may do with one of its attributes.
fn of_any(view: &DeviceView, action: Action, ask: impl Fn(Option<&str>) -> Verdict) -> Verdict {
    let mut names: Vec<&str> = view
        .attributes()
        .filter(|(_, schema, _)| action != Action::Control || schema.access.write)
        .map(|(_, schema, _)| schema.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let whole = ask(None);
    if !whole.allowed || names.is_empty() || action == Action::Configure {
        return whole;
    }
    let mut verdicts: Vec<Verdict> = names.into_iter().map(|name| ask(Some(name))).collect();
    let allowed = verdicts.iter().position(|verdict| verdict.allowed).unwrap_or(0);
    verdicts.swap_remove(allowed)
}

async fn approvals(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    let own = caller.eyes(&app);
    let all = caller.may(&app, Action::See, Part::Approvals).is_ok();
    let now = app.now();
    let snapshot = app.core.snapshot();
    let shown: Vec<(String, _)> = snapshot
        .permissions
        .approvals()
        .list()
        .iter()
        .filter(|approval| (all || approval.asked.person == own) && now < approval.until)
        .map(|approval| (format!("{:020}", approval.id.0), approval))
        .collect();
    let page = page(&shown, &query, |(id, _)| id, |(_, approval)| ApprovalBody::new(approval, &snapshot))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn plead(State(app): State<App>, caller: Caller, Json(wanted): Json<NewApproval>) -> Result<Response, Problem> {
    let endpoint = match &wanted.endpoint {
        None => None,
        // Of what they do not see they hear nothing.
        Some(_) => {
            let home = caller.home(&app);
            let view = devices::find(&home, &wanted.device)?;
            Some(view.record.device.resolve(wanted.endpoint.as_ref(), &wanted.attribute)?)
        }
    };
    let plea = Plea {
        device: DeviceId::new(wanted.device.as_str()),
        attribute: wanted.attribute.as_str().into(),
        endpoint,
        value: wanted.value,
    };
    let approval = app.core.plead(caller.cause(&app), plea).await?;
    Ok(routes::json(StatusCode::CREATED, &ApprovalBody::new(&approval, &app.core.snapshot())))
}

async fn answer(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Json(wanted): Json<NewAnswer>,
) -> Result<Response, Problem> {
    let number = number_of(&id)?;
    let approval = app.core.answer_plea(caller.cause(&app), number, Some(wanted.answer)).await?;
    let mut entry = caller.entry(&app, action::APPROVAL_ANSWERED, Some(&id));
    entry.detail = Some(wanted.answer.as_str().into());
    app.audit(entry).await;
    Ok(routes::json(StatusCode::OK, &ApprovalBody::new(&approval, &app.core.snapshot())))
}

async fn take_back(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<StatusCode, Problem> {
    app.core.answer_plea(caller.cause(&app), number_of(&id)?, None).await?;
    app.audit(caller.entry(&app, action::APPROVAL_TAKEN_BACK, Some(&id))).await;
    Ok(StatusCode::NO_CONTENT)
}

fn number_of(id: &str) -> Result<ApprovalId, Problem> {
    id.parse().map(ApprovalId).map_err(|_| Problem::not_found("approval", id))
}
