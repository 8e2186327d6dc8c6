//! History.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hub_access::{Action, Part};
use hub_core::lineage;
use hub_model::AttributeName;
use hub_model::Timestamp;
use hub_model::device::EndpointSelector;
use hub_model::history::{HistoryAnswer, HistoryQuery, Resolution};

use crate::api::App;
use crate::extract::{Ids, Query};
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, devices};
use crate::table::Route;
use crate::wire::history::{HistoryBody, HistoryParams, csv};

/// How far back if nobody says.
const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ROWS_DEFAULT: usize = 1_000;
const ROWS_MAX: usize = 10_000;
const CSV_ROWS_MAX: usize = 100_000;
/// Aggregates of more than this are made of so much that others must not wait for it.
const LONG: Duration = Duration::from_secs(31 * 24 * 60 * 60);
/// So many rows of one millisecond can be told apart.
const SHOWN_MAX: usize = 100_000;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/devices/{id}/history",
            Access::May(Action::See, Part::History),
            get(show),
            "Shows how an attribute changed; with Accept: text/csv as CSV",
        )
        .query::<HistoryParams>()
        .answers::<HistoryBody<'static>>(200, "By time."),
    ]
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<String>,
    Query(wanted): Query<HistoryParams>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let as_csv = routes::accepts(&headers, &header::ACCEPT, "text/csv");
    let (rows_default, rows_max) = if as_csv { (CSV_ROWS_MAX, CSV_ROWS_MAX) } else { (ROWS_DEFAULT, ROWS_MAX) };
    let limit = wanted.limit.unwrap_or(rows_default);
    if !(1..=rows_max).contains(&limit) {
        return Err(Problem::invalid(
            "bad_limit",
            format!("The limit {limit} is out of range."),
            format!("Give limit=1 to limit={rows_max}."),
        ));
    }
    let snapshot = caller.home(&app);
    let view = devices::find(&snapshot, &id)?;
    let device = &view.record.device;
    let selector = wanted.endpoint.map(|endpoint| EndpointSelector::Label(endpoint.into()));
    let endpoint = device.resolve(selector.as_ref(), &wanted.attribute)?;
    let schema = device.attribute(endpoint, &wanted.attribute);
    let to = wanted.to.unwrap_or_else(|| app.now());
    let from = wanted.from.unwrap_or_else(|| to.minus(A_DAY));
    if from >= to {
        return Err(Problem::invalid(
            "bad_parameter",
            "The time from is not before the time to.",
            "Give from before to.",
        )
        .with("field", "from".into()));
    }
    let begin = match &wanted.cursor {
        None => Cursor { at: from, shown: 0 },
        Some(cursor) => Cursor::read(cursor).ok_or_else(|| {
            Problem::invalid(
                "bad_cursor",
                "The cursor is not one of this list.",
                "Give next_cursor of the page before.",
            )
        })?,
    };
    let query = HistoryQuery {
        device: device.id.clone(),
        endpoint,
        attribute: AttributeName::new(wanted.attribute),
        from: begin.at,
        to,
        resolution: wanted.resolution,
        time_zone: Arc::clone(&snapshot.home.time_zone),
        // One more tells whether there is more.
        limit: begin.shown + limit + 1,
    };
    let asked = query.clone();
    let predecessors = view.record.predecessors.clone();
    let is_large = limit > ROWS_MAX || (query.resolution != Resolution::Raw && to.since(begin.at) > LONG);
    let turn = if is_large { Some(app.simulations.large_reading().await?) } else { None };
    let read = app.read_archive(move |archive| {
        let answer = lineage::history(archive, &asked, &predecessors);
        // Held until it is done, whether somebody still waits for it or not.
        drop(turn);
        answer
    });
    let mut answer = read.await??;
    let next_cursor = match &mut answer {
        HistoryAnswer::Samples(samples) => begin.turn(samples, limit, |sample| sample.at),
        HistoryAnswer::Aggregates(aggregates) => begin.turn(aggregates, limit, |aggregate| aggregate.at),
    };
    let next_cursor = next_cursor.map(Cursor::write);
    if as_csv {
        let name = HeaderValue::from_static("attachment; filename=\"history.csv\"");
        let media_type = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
        return Ok(
            ([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, name)], csv(&answer)).into_response()
        );
    }
    let body = HistoryBody::new(&query, schema.and_then(|schema| schema.unit.as_deref()), &answer, next_cursor);
    Ok(routes::json(StatusCode::OK, &body))
}

/// Where a page begins: at a time, behind so many rows of this time that were shown. Rows of one time keep their order,
/// and what is added to it comes behind them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cursor {
    at: Timestamp,
    shown: usize,
}

impl Cursor {
    fn write(self) -> String {
        format!("{}.{}", self.at.milliseconds(), self.shown)
    }

    fn read(text: &str) -> Option<Self> {
        let (at, shown) = text.split_once('.')?;
        let shown = shown.parse().ok().filter(|shown| *shown <= SHOWN_MAX)?;
        Some(Self { at: Timestamp(at.parse().ok()?), shown })
    }

    /// Takes away what was shown and what is beyond the page; gives where the next page begins.
    fn turn<T>(self, rows: &mut Vec<T>, limit: usize, at: impl Fn(&T) -> Timestamp) -> Option<Self> {
        rows.drain(..self.shown.min(rows.len()));
        let next = at(rows.get(limit)?);
        rows.truncate(limit);
        let same = rows.iter().rev().take_while(|row| at(row) == next).count();
        let before = if same == rows.len() && next == self.at { self.shown } else { 0 };
        Some(Self { at: next, shown: before + same })
    }
}
