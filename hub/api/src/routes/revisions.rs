//! What rules and scenes were, what differs, and the way back. Paths of both go the same way; what differs is in
//! `Things`.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use diffy::DiffOptions;
use hub_access::{Action, Part};
use hub_automation::document::difference::{differences, yaml_of};
use hub_core::{Edit, Snapshot};
use hub_model::revision::{ListedRevision, RevisedKind, Revision, RevisionQuery};
use hub_model::{AutomationId, SceneId};

use crate::api::App;
use crate::extract::{self, Ids, Json, Query};
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, encode};
use crate::problem::Problem;
use crate::routes::{self, automations, check, scenes};
use crate::table::Route;
use crate::wire::automation::{AutomationWithDocument, shown};
use crate::wire::revision::{
    DiffBody, DiffParams, Format, LatestQuery, Revert, RevisionBody, RevisionParams, RevisionWithDocument,
};
use crate::wire::scene::{NewScene, SceneBody};

/// So many lines stand around each difference.
const CONTEXT_LINES: usize = 3;
/// More revisions than the store keeps of one thing.
const ALL_OF_ONE: usize = 10_000;
/// What YAML is called.
const YAML_TYPES: [&str; 4] = ["application/yaml", "text/yaml", "application/x-yaml", "text/x-yaml"];

/// Things that have revisions, and their paths.
struct Things {
    kind: RevisedKind,
    /// The part of the hub that they are.
    part: Part,
    /// Whether there is one of this id now.
    is_there: fn(&Snapshot, &str) -> bool,
    list: (&'static str, &'static str),
    show: (&'static str, &'static str),
    diff: (&'static str, &'static str),
}

static RULES: Things = Things {
    kind: RevisedKind::Automation,
    part: Part::Rules,
    is_there: |snapshot, id| automations::find(snapshot, id).is_ok(),
    list: ("/api/v1/automations/{id}/revisions", "Lists the changes of a rule, also of one that was removed"),
    show: (
        "/api/v1/automations/{id}/revisions/{revision}",
        "Shows what a rule was after a change; with format=yaml its text",
    ),
    diff: (
        "/api/v1/automations/{id}/revisions/{revision}/diff",
        "Shows what a change of a rule changed, or what differs from another revision",
    ),
};

static SCENES: Things = Things {
    kind: RevisedKind::Scene,
    part: Part::Scenes,
    is_there: |snapshot, id| scenes::find(snapshot, id).is_ok(),
    list: ("/api/v1/scenes/{id}/revisions", "Lists the changes of a scene, also of one that was removed"),
    show: (
        "/api/v1/scenes/{id}/revisions/{revision}",
        "Shows what a scene was after a change; with format=yaml its text",
    ),
    diff: (
        "/api/v1/scenes/{id}/revisions/{revision}/diff",
        "Shows what a change of a scene changed, or what differs from another revision",
    ),
};

pub(super) fn routes() -> Vec<Route> {
    let latest = Route::new(
        Method::GET,
        "/api/v1/revisions",
        Access::May(Action::See, Part::Rules),
        get(latest),
        "Lists the latest changes of all rules and scenes, removed ones too",
    )
    .query::<LatestQuery>()
    .answers::<Page<RevisionBody<'static>>>(200, "The newest first, without documents.");
    let rule = Route::new(
        Method::POST,
        "/api/v1/automations/{id}/revert",
        Access::May(Action::Configure, Part::Rules),
        post(revert_rule),
        "Makes a rule again what it was, also one that was removed",
    )
    .body::<Revert>()
    .if_match()
    .answers::<AutomationWithDocument<'static>>(200, "The rule as it is now, in a new revision.");
    let scene = Route::new(
        Method::POST,
        "/api/v1/scenes/{id}/revert",
        Access::May(Action::Configure, Part::Scenes),
        post(revert_scene),
        "Makes a scene again what it was, also one that was removed",
    )
    .body::<Revert>()
    .if_match()
    .answers::<SceneBody<'static>>(200, "The scene as it is now, in a new revision.");
    [latest, rule, scene].into_iter().chain([&RULES, &SCENES].into_iter().flat_map(Things::routes)).collect()
}

impl Things {
    /// The paths that are the same for all things.
    fn routes(&'static self) -> [Route; 3] {
        let access = Access::May(Action::See, self.part);
        let route = |(path, summary), handler| Route::new(Method::GET, path, access, handler, summary);
        [
            route(self.list, get(move |app, ids, query| list(self, app, ids, query)))
                .query::<PageQuery>()
                .answers::<Page<RevisionBody<'static>>>(200, "The newest first, without documents."),
            route(
                self.show,
                get(move |app, caller, ids, query, headers: HeaderMap| show(self, app, caller, ids, query, headers)),
            )
            .query::<RevisionParams>()
            .answers::<RevisionWithDocument<'static>>(200, "The revision."),
            route(self.diff, get(move |app, caller, ids, query| diff(self, app, caller, ids, query)))
                .query::<DiffParams>()
                .answers::<DiffBody>(200, "What differs."),
        ]
    }

    /// All changes of one that are kept, the newest first.
    async fn all_of(&self, app: &App, id: &str) -> Result<Vec<ListedRevision>, Problem> {
        let of = Some((self.kind, Some(id.into())));
        read(app, RevisionQuery { of, before: None, limit: ALL_OF_ONE }).await
    }

    /// Whether there is one of this id, or was one.
    async fn check_known(&self, app: &App, id: &str) -> Result<(), Problem> {
        if (self.is_there)(&app.core.snapshot(), id) || !self.all_of(app, id).await?.is_empty() {
            return Ok(());
        }
        Err(Problem::not_found(self.kind.as_str(), id))
    }

    async fn one(&self, app: &App, id: &str, number: u64) -> Result<Revision, Problem> {
        let (kind, thing) = (self.kind, id.to_owned());
        let found = app.read_archive(move |archive| archive.revision(kind, &thing, number)).await??;
        match found {
            Some(revision) => Ok(revision),
            None => {
                self.check_known(app, id).await?;
                Err(Problem::not_found("revision", &number.to_string()))
            }
        }
    }
}

async fn page(app: &App, of: Option<(RevisedKind, Option<Arc<str>>)>, query: &PageQuery) -> Result<Response, Problem> {
    let limit = query.limit()?;
    let before = query.after()?.map(|place| place.parse()).transpose().map_err(|_| {
        Problem::invalid("bad_cursor", "The cursor is not one of this list.", "Give next_cursor of the page before.")
    })?;
    // One more tells whether there is more.
    let listed = read(app, RevisionQuery { of, before, limit: limit + 1 }).await?;
    let shown = listed.get(..limit).unwrap_or(&listed);
    let next_cursor = shown.last().filter(|_| shown.len() < listed.len()).map(|last| encode(&last.place.to_string()));
    let items = shown.iter().map(|one| RevisionBody::new(&one.entry)).collect();
    Ok(routes::json(StatusCode::OK, &Page { items, next_cursor }))
}

async fn read(app: &App, query: RevisionQuery) -> Result<Vec<ListedRevision>, Problem> {
    Ok(app.read_archive(move |archive| archive.revisions(&query)).await??)
}

fn number(text: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| Problem::not_found("revision", text))
}

async fn latest(State(app): State<App>, Query(query): Query<LatestQuery>) -> Result<Response, Problem> {
    let of = query.kind.map(|kind| (kind.kind(), None));
    page(&app, of, &query.page()).await
}

async fn list(
    things: &Things,
    State(app): State<App>,
    Ids(id): Ids<String>,
    Query(query): Query<PageQuery>,
) -> Result<Response, Problem> {
    things.check_known(&app, &id).await?;
    page(&app, Some((things.kind, Some(id.into()))), &query).await
}

async fn show(
    things: &Things,
    State(app): State<App>,
    caller: Caller,
    Ids((id, revision)): Ids<(String, String)>,
    Query(wanted): Query<RevisionParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let revision = things.one(&app, &id, number(&revision)?).await?;
    caller.must_read(&app, &revision)?;
    let document = shown(&revision.document, caller.is_kept_from_secrets(&app));
    let accepts_yaml = || YAML_TYPES.iter().any(|media_type| routes::accepts(&headers, &header::ACCEPT, media_type));
    if wanted.format.map_or_else(accepts_yaml, |format| format == Format::Yaml) {
        let media_type = HeaderValue::from_static("application/yaml; charset=utf-8");
        return Ok(([(header::CONTENT_TYPE, media_type)], text(&document)).into_response());
    }
    // The document goes out as it was written, order and numbers included.
    let mut json = serde_json::to_string(&RevisionBody::new(&revision.entry)).unwrap_or_default();
    json.pop();
    json.push_str(",\"document\":");
    json.push_str(&document);
    json.push('}');
    Ok(routes::json_text(StatusCode::OK, json))
}

/// A document as people write it.
fn text(document: &str) -> String {
    yaml_of(document).unwrap_or_else(|| document.to_owned())
}

async fn diff(
    things: &Things,
    State(app): State<App>,
    caller: Caller,
    Ids((id, revision)): Ids<(String, String)>,
    Query(wanted): Query<DiffParams>,
) -> Result<Response, Problem> {
    let as_seen = |revision: Revision| {
        caller.must_read(&app, &revision)?;
        let document = shown(&revision.document, caller.is_kept_from_secrets(&app)).into();
        Ok::<_, Problem>(Revision { document, ..revision })
    };
    let to = as_seen(things.one(&app, &id, number(&revision)?).await?)?;
    let against = match wanted.against {
        Some(against) => Some(against),
        None => {
            let all = things.all_of(&app, &id).await?;
            all.iter().map(|listed| listed.entry.number).filter(|number| *number < to.entry.number).max()
        }
    };
    let from = match against {
        Some(against) => Some(as_seen(things.one(&app, &id, against).await?)?),
        None => None,
    };
    // Two large documents that have nothing in common take a while to compare.
    let turn = app.simulations.large_reading().await?;
    let compared = tokio::task::spawn_blocking(move || {
        let compared = compare(from.as_ref(), &to);
        drop(turn);
        compared
    });
    let compared = compared.await;
    Ok(routes::json(StatusCode::OK, &compared.map_err(|_| Problem::busy("The revisions could not be compared."))?))
}

fn compare(from: Option<&Revision>, to: &Revision) -> DiffBody {
    let (old, new) = (from.map(|from| text(&from.document)).unwrap_or_default(), text(&to.document));
    let name = |revision: Option<&Revision>| match revision {
        Some(revision) => format!("{} revision {}", revision.entry.id, revision.entry.number),
        None => "nothing".to_owned(),
    };
    let mut options = DiffOptions::new();
    options.set_context_len(CONTEXT_LINES).set_original_filename(name(from)).set_modified_filename(name(Some(to)));
    let patch = options.create_patch(&old, &new);
    // Two texts that are the same have no difference, not an empty one with a head.
    let diff = if patch.hunks().is_empty() { String::new() } else { patch.to_string() };
    let changes = from.map(|from| differences(&from.document, &to.document)).unwrap_or_default();
    DiffBody {
        from: from.map(|from| from.entry.number),
        to: to.entry.number,
        diff,
        changes: changes.into_iter().map(Into::into).collect(),
    }
}

async fn revert_rule(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(wanted): Json<Revert>,
) -> Result<Response, Problem> {
    let revision = RULES.one(&app, &id, wanted.revision).await?;
    caller.must_read(&app, &revision)?;
    let findings = check::before_saving(&app, &caller, None, Some(&id), &revision.document).await?;
    let _alone = app.edits.write().await;
    automations::check_version(&app, &id, &headers)?;
    let edit = Edit::RevertAutomation {
        id: AutomationId::new(id),
        revision: revision.entry.number,
        document: revision.document,
    };
    automations::edit(&app, &caller, StatusCode::OK, edit, findings).await
}

async fn revert_scene(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    headers: HeaderMap,
    Json(wanted): Json<Revert>,
) -> Result<Response, Problem> {
    let revision = SCENES.one(&app, &id, wanted.revision).await?;
    caller.must_read(&app, &revision)?;
    let scene: NewScene = extract::parse(revision.document.as_bytes())?;
    let scene = scene.draft()?;
    let _alone = app.edits.write().await;
    scenes::check_version(&app, &id, &headers)?;
    let edit = Edit::RevertScene { id: SceneId::new(id), revision: revision.entry.number, scene };
    scenes::edit(&app, &caller, StatusCode::OK, edit).await
}
