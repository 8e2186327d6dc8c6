//! Rules. A body is the rule's document, as JSON or (with a content type that says so) YAML.

use std::sync::Arc;

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{delete, get, patch, post, put};
use hub_access::{Action, Part};
use hub_automation::RuleStatus;
use hub_automation::document::{self, Document, Enabled};
use hub_core::{AutomationView, Edit, EditError, Edited, Snapshot};
use hub_model::record::AutomationRecord;
use hub_model::{AutomationId, Said};
use serde_json::Value;

use crate::api::App;
use crate::bodies::read_body;
use crate::etag;
use crate::extract::{Ids, Json, JsonText, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes::{self, check};
use crate::table::Route;
use crate::wire::automation::{
    AutomationBody, AutomationChange, AutomationDocument, AutomationWithDocument, with_document,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/automations",
            Access::May(Action::See, Part::Rules),
            get(list),
            "Lists the rules",
        )
        .query::<PageQuery>()
        .answers::<Page<AutomationBody<'static>>>(200, "By id, without their documents."),
        Route::new(
            Method::POST,
            "/api/v1/automations",
            Access::May(Action::Configure, Part::Rules),
            post(create),
            "Adds a rule",
        )
        .body::<AutomationDocument>()
        .answers::<AutomationWithDocument<'static>>(201, "The new rule."),
        Route::new(
            Method::GET,
            "/api/v1/automations/{id}",
            Access::May(Action::See, Part::Rules),
            get(show),
            "Shows a rule with its document",
        )
        .answers::<AutomationWithDocument<'static>>(200, "The rule."),
        Route::new(
            Method::PUT,
            "/api/v1/automations/{id}",
            Access::May(Action::Configure, Part::Rules),
            put(write),
            "Writes a rule anew, or a new one of this id",
        )
        .body::<AutomationDocument>()
        .if_match()
        .answers::<AutomationWithDocument<'static>>(200, "The rule as it is now."),
        Route::new(
            Method::PATCH,
            "/api/v1/automations/{id}",
            Access::May(Action::Control, Part::Rules),
            patch(enable),
            "Switches a rule on or off, or lets it only decide",
        )
        .body::<AutomationChange>()
        .if_match()
        .answers::<AutomationWithDocument<'static>>(200, "The rule as it is now."),
        Route::new(
            Method::DELETE,
            "/api/v1/automations/{id}",
            Access::May(Action::Configure, Part::Rules),
            delete(remove),
            "Removes a rule",
        )
        .if_match()
        .answers_nothing(204, "It is gone; its runs have ended."),
    ]
}

/// A rule's document, as JSON text.
struct DocumentText(Arc<str>);

impl<S: Send + Sync> FromRequest<S> for DocumentText {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let essence = media_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if !matches!(&*essence, "text/yaml" | "text/x-yaml" | "application/yaml" | "application/x-yaml") {
            return JsonText::from_request(request, state).await.map(|text| Self(text.0.into()));
        }
        let (parts, body) = request.into_parts();
        let bytes = read_body(parts.extensions.get(), &parts.headers, body).await?;
        let text = String::from_utf8(bytes.to_vec())
            .map_err(|_| Problem::malformed("malformed_yaml", "The body is not UTF-8.", "Send YAML in UTF-8."))?;
        let document = document::parse_yaml(&text).map_err(EditError::Rule)?;
        Ok(Self(document.to_json().into()))
    }
}

/// The rule of an id in a path.
pub(super) fn find<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a AutomationView, Problem> {
    let found = snapshot.automations.get(id).map(|view| &**view);
    found.ok_or_else(|| Problem::not_found("automation", id))
}

fn tag(record: &AutomationRecord) -> HeaderValue {
    etag::of(record)
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let readable = caller.readable(&app);
    let snapshot = app.core.snapshot();
    let automations: Vec<_> = snapshot.automations.iter().collect();
    let page = page(&automations, &query, |view| view.record.id.as_str(), |view| AutomationBody::new(view, &readable))?;
    Ok(routes::json(StatusCode::OK, &page))
}

async fn show(State(app): State<App>, caller: Caller, Ids(id): Ids<String>) -> Result<Response, Problem> {
    let snapshot = app.core.snapshot();
    Ok(answer(&app, &caller, StatusCode::OK, find(&snapshot, &id)?, Vec::new()))
}

fn answer(app: &App, caller: &Caller, status: StatusCode, view: &AutomationView, findings: Vec<Value>) -> Response {
    let readable = caller.readable(app);
    let text = with_document(view, findings, caller.is_kept_from_secrets(app), &readable);
    let mut response = routes::json_text(status, text);
    response.headers_mut().insert(header::ETAG, tag(&view.record));
    response
}

/// Refuses a change of another version than there is.
pub(super) fn check_version(app: &App, id: &str, headers: &HeaderMap) -> Result<(), Problem> {
    match find(&app.core.snapshot(), id) {
        Ok(before) => etag::check(headers, &tag(&before.record)),
        // To write on top of something that is not there is a mistake; to write something new is not.
        Err(problem) if headers.contains_key(header::IF_MATCH) => Err(problem),
        Err(_) => Ok(()),
    }
}

/// Makes an edit and answers with what it led to, and with what is to be known of the rule.
pub(super) async fn edit(
    app: &App,
    caller: &Caller,
    status: StatusCode,
    edit: Edit,
    findings: Vec<Value>,
) -> Result<Response, Problem> {
    let record = match app.edit(caller, edit).await? {
        Edited::Automation(record) => record,
        _ => return Err(Problem::busy("The rule was changed meanwhile.")),
    };
    let mut pictures = app.core.watch();
    // The picture with the new rule follows its commit at once; its status (findings, name) is only there.
    let shows = |snapshot: &Arc<Snapshot>| {
        snapshot.automations.get(record.id.as_str()).is_some_and(|view| view.record.revision >= record.revision)
    };
    let waited = tokio::time::timeout(std::time::Duration::from_secs(1), pictures.wait_for(shows)).await;
    let shown = match waited {
        Ok(Ok(snapshot)) => snapshot.automations.get(record.id.as_str()).cloned(),
        _ => None,
    };
    let id = record.id.clone();
    // It is saved, whatever the picture shows: to answer with an error would be to ask for it again.
    let view = shown.unwrap_or_else(|| Arc::new(as_saved(record)));
    Ok(routes::located(answer(app, caller, status, &view, findings), "/api/v1/automations", id.as_str()))
}

/// A rule of which nothing is known but what was saved.
fn as_saved(record: AutomationRecord) -> AutomationView {
    let document = document::parse_json(&record.document).ok();
    let status = RuleStatus {
        id: record.id.clone(),
        name: document.as_ref().map_or(record.id.as_str(), |document| document.name()).into(),
        enabled: document.as_ref().map_or(Enabled::Yes, Document::enabled).as_str().into(),
        last_fired_at: None,
        active_runs: 0,
        findings: Vec::new(),
    };
    AutomationView { record, status }
}

async fn create(State(app): State<App>, caller: Caller, document: DocumentText) -> Result<Response, Problem> {
    let findings = check::before_saving(&app, &caller, None, None, &document.0).await?;
    let _together = app.edits.read().await;
    let wanted = Edit::Automation { id: None, document: document.0, must_exist: Some(false) };
    edit(&app, &caller, StatusCode::CREATED, wanted, findings).await
}

async fn write(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    document: DocumentText,
) -> Result<Response, Problem> {
    refuse_another_id(&id, &document.0)?;
    let findings = check::before_saving(&app, &caller, None, Some(&id), &document.0).await?;
    let _alone = app.edits.write().await;
    check_version(&app, &id, &headers)?;
    let wanted = Edit::Automation { id: Some(AutomationId::new(id)), document: document.0, must_exist: None };
    edit(&app, &caller, StatusCode::OK, wanted, findings).await
}

/// Whoever writes another id into the document of a rule means another rule, or a new name for it.
fn refuse_another_id(id: &str, text: &str) -> Result<(), Problem> {
    let document = document::parse_json(text).map_err(EditError::Rule)?;
    if document.id().is_none_or(|own| own == id) {
        return Ok(());
    }
    let hint = "Leave id out of the rule, or give the one that it has. For a rule with another id add a new one, and remove this one.";
    Err(Problem::invalid("bad_value", Said::new("id_stays", "The id of a rule stays what it is."), hint)
        .with("field", "id".into()))
}

async fn enable(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(change): Json<AutomationChange>,
) -> Result<Response, Problem> {
    let AutomationRecord { document, author, .. } = find(&app.core.snapshot(), &id)?.record.clone();
    let enabled = change.enabled();
    // A rule that is switched off hurts nobody.
    let findings = match enabled {
        Enabled::No => Vec::new(),
        // What is in it is not for everybody who may switch it.
        Enabled::Yes | Enabled::Shadow if !caller.readable(&app).rule(&document) => Vec::new(),
        Enabled::Yes | Enabled::Shadow => {
            check::before_saving(&app, &caller, Some(author), Some(&id), &document).await?
        }
    };
    let _alone = app.edits.write().await;
    etag::check(&headers, &tag(&find(&app.core.snapshot(), &id)?.record))?;
    let wanted = Edit::EnableAutomation { id: AutomationId::new(id), enabled };
    edit(&app, &caller, StatusCode::OK, wanted, findings).await
}

async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let _alone = app.edits.write().await;
    etag::check(&headers, &tag(&find(&app.core.snapshot(), &id)?.record))?;
    app.edit(&caller, Edit::RemoveAutomation(AutomationId::new(id))).await?;
    Ok(StatusCode::NO_CONTENT)
}
