//! Energy.

use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hub_access::{Action, Part};
use hub_core::energy::{self, EnergyError, EnergyQuery, Grouping};
use hub_model::calendar::CalendarUnit;

use crate::api::App;
use crate::extract::Query;
use crate::guard::{Access, Caller};
use crate::problem::Problem;
use crate::routes::{self, devices};
use crate::table::Route;
use crate::wire::energy::{EnergyBody, EnergyParams, GroupBy};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/energy",
            Access::May(Action::See, Part::Energy),
            get(show),
            "Shows how much energy was taken, by hours, days or months of the home's clocks",
        )
        .query::<EnergyParams>()
        .problems(&[404])
        .answers::<EnergyBody<'static>>(200, "By time; with what it cost where the home's price is known."),
    ]
}

/// How far back if nobody says.
fn usual(unit: CalendarUnit) -> Duration {
    match unit {
        CalendarUnit::Hour => DAY,
        CalendarUnit::Day => 30 * DAY,
        CalendarUnit::Month => 365 * DAY,
    }
}

async fn show(State(app): State<App>, caller: Caller, Query(wanted): Query<EnergyParams>) -> Result<Response, Problem> {
    let snapshot = caller.home(&app);
    let now = app.now();
    let device = wanted.device.as_deref().map(|id| devices::find(&snapshot, id)).transpose()?;
    let unit = wanted.resolution;
    let to = wanted.to.unwrap_or(now);
    let query = EnergyQuery {
        from: wanted.from.unwrap_or_else(|| to.minus(usual(unit))),
        to,
        unit,
        grouping: match wanted.group_by {
            GroupBy::Device => Grouping::Device,
            GroupBy::Area => Grouping::Area,
            GroupBy::None => Grouping::None,
        },
        device: device.map(|view| view.record.device.id.clone()),
    };
    // It reads the history of many devices: one at a time, whether somebody still waits for it or not.
    let turn = app.simulations.large_reading().await?;
    let asked = std::sync::Arc::clone(&snapshot);
    let read = app.read_archive(move |archive| {
        let report = energy::energy(&asked, archive, &query, now);
        drop(turn);
        report
    });
    let report = read.await?.map_err(problem)?;
    Ok(routes::json(StatusCode::OK, &EnergyBody::new(&report, &snapshot, unit)))
}

fn problem(error: EnergyError) -> Problem {
    match &error {
        EnergyError::Range { most_days, .. } => Problem::invalid(
            "bad_parameter",
            "The time from from to to has no length or is too long for this resolution.",
            format!("Give from before to, at most {most_days} days apart, or a coarser resolution."),
        )
        .with("field", "from".into()),
        EnergyError::TooMuch { .. } => Problem::invalid(
            "too_much",
            format!("The answer would be too long: {error}."),
            "Ask for less time, a coarser resolution, fewer groups or one device.",
        ),
        EnergyError::NoSuchDevice(id) => Problem::not_found("device", id.as_str()),
    }
}
