//! The audit log.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hub_access::{Action, Part};
use hub_model::audit::AuditQuery;

use crate::api::App;
use crate::extract::Query;
use crate::guard::Access;
use crate::paging::{Page, PageQuery, encode};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::audit::{AuditBody, AuditCheckBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/audit",
            Access::May(Action::See, Part::Audit),
            get(list),
            "Lists who did what; for owners",
        )
        .query::<PageQuery>()
        .answers::<Page<AuditBody>>(200, "The newest first; kept for two years, 100,000 at most."),
        Route::new(
            Method::GET,
            "/api/v1/audit/check",
            Access::May(Action::See, Part::Audit),
            get(check),
            "Checks that nobody changed the audit log; for owners",
        )
        .answers::<AuditCheckBody>(200, "What was found."),
    ]
}

async fn list(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let limit = query.limit()?;
    let before = query.after()?.map(|number| number.parse()).transpose().map_err(|_| {
        Problem::invalid("bad_cursor", "The cursor is not one of this list.", "Give next_cursor of the page before.")
    })?;
    let mut records =
        app.read_archive(move |archive| archive.audit(&AuditQuery { before, limit: limit + 1 })).await??;
    let is_more = records.len() > limit;
    records.truncate(limit);
    let next_cursor = records.last().filter(|_| is_more).map(|last| encode(&last.number.to_string()));
    let names: HashMap<Arc<str>, Arc<str>> = app
        .accounts
        .all()
        .into_iter()
        .map(|entry| (entry.account.id.as_str().into(), Arc::clone(&entry.account.username)))
        .collect();
    let items = records.iter().map(|record| AuditBody::new(record, names.get(&record.entry.who).map(|name| &**name)));
    Ok(routes::json(StatusCode::OK, &Page { items: items.collect::<Vec<_>>(), next_cursor }))
}

async fn check(State(app): State<App>) -> Result<Response, Problem> {
    let found = app.read_archive(|archive| archive.check_audit()).await??;
    Ok(routes::json(StatusCode::OK, &AuditCheckBody::new(found)))
}
