//! What one sees and may not control: one answer for a whole screen of controls.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::routing::get;
use hub_access::part::PARTS;
use hub_access::{Action, Request, Target, Verdict, Via};
use hub_core::permissions::of_part;
use hub_core::{DeviceView, Snapshot};
use hub_model::{AccountId, EndpointNumber, Now};

use crate::api::App;
use crate::extract::Query;
use crate::guard::{Access, Caller};
use crate::paging::{Page, PageQuery, page};
use crate::problem::Problem;
use crate::routes;
use crate::table::Route;
use crate::wire::permissions::{RefusedBody, VerdictBody};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::new(
            Method::GET,
            "/api/v1/can/refused",
            Access::Signed,
            get(list),
            "Lists what one sees and may not control now, and why",
        )
        .query::<PageQuery>()
        .answers::<Page<RefusedBody<'static>>>(
            200,
            "Attributes that can be written for which no value is allowed, and parts of the hub. When it may be another, \
             the stream tells of `permissions` or `approval` that changed.",
        ),
    ]
}

/// Something that is seen and may not be controlled.
struct Refused<'a> {
    /// In the order of which they are told.
    key: String,
    device: Option<(&'a str, EndpointNumber, &'a str)>,
    part: Option<&'static str>,
    verdict: Verdict,
}

async fn list(State(app): State<App>, caller: Caller, Query(query): Query<PageQuery>) -> Result<Response, Problem> {
    let (who, home) = (caller.eyes(&app), caller.home(&app));
    let (whole, now) = (app.core.snapshot(), app.clock.now());
    let asking = Asking { who: &who, via: caller.via(), whole: &whole, now: &now };
    let mut refused: Vec<Refused<'_>> = asking.parts().collect();
    refused.extend(home.devices.iter().flat_map(|view| asking.attributes(view)));
    refused.sort_unstable_by(|one, other| one.key.cmp(&other.key));
    let body = page(&refused, &query, |one| &one.key, Refused::body)?;
    Ok(routes::json(StatusCode::OK, &body))
}

struct Asking<'a> {
    who: &'a AccountId,
    via: Via,
    whole: &'a Snapshot,
    now: &'a Now,
}

impl Asking<'_> {
    fn parts(&self) -> impl Iterator<Item = Refused<'static>> {
        let seen = PARTS.iter().filter(|row| self.whole.permissions.sees_part(self.who, row.part, self.now));
        seen.filter_map(|row| {
            let request = of_part(Action::Control, row.part, self.via);
            let verdict = self.whole.permissions.verdict(self.who, &request, self.now, false);
            let key = format!("part {}", row.word);
            (!verdict.allowed).then_some(Refused { key, device: None, part: Some(row.word), verdict })
        })
    }

    /// Of a device as they see it.
    fn attributes<'a>(&self, view: &'a DeviceView) -> impl Iterator<Item = Refused<'a>> {
        let id = &view.record.device.id;
        // Of a group they need not see the members that it reaches.
        let members = self.whole.device(id).into_iter().flat_map(|view| &view.record.device.members);
        let members: Vec<_> = members.filter_map(|id| self.whole.device(id)).map(|view| &**view).collect();
        let writable = view.attributes().filter(|(_, schema, _)| schema.access.write);
        writable.filter_map(move |(endpoint, schema, _)| {
            let name = schema.name.as_str();
            let target =
                Target::Device { device: view.facts(), attribute: Some(name), endpoint: Some(endpoint), value: None };
            let request = Request { action: Action::Control, target, via: self.via };
            let members = members.iter().copied();
            let verdict = self.whole.permissions.verdict_with_members(self.who, &request, members, self.now, false);
            let key = format!("device {} {endpoint:05} {name}", id.as_str());
            let device = Some((id.as_str(), endpoint, name));
            (!verdict.allowed).then_some(Refused { key, device, part: None, verdict })
        })
    }
}

impl Refused<'_> {
    fn body(&self) -> RefusedBody<'_> {
        RefusedBody {
            device: self.device.map(|(device, ..)| device),
            endpoint: self.device.map(|(_, endpoint, _)| endpoint),
            attribute: self.device.map(|(.., attribute)| attribute),
            part: self.part,
            verdict: VerdictBody::new(&self.verdict),
        }
    }
}
