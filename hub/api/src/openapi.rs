//! The OpenAPI document, made from the table of paths.

use axum::http::Method;
use utoipa::openapi::path::PathItem;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, License, OpenApi, OpenApiBuilder, Paths, Ref, RefOr, ResponseBuilder,
    Schema,
};
use utoipa::{PartialSchema, ToSchema};

use crate::cookie;
use crate::guard::Access;
use crate::problem::ProblemBody;
use crate::routes;

/// The whole document.
pub(crate) fn document() -> OpenApi {
    let mut paths = Paths::new();
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    ProblemBody::schemas(&mut schemas);
    schemas.push((ProblemBody::name().into_owned(), ProblemBody::schema()));
    for route in routes::all() {
        if !route.is_described {
            continue;
        }
        let (path, access, method) = (route.path, route.access, route.method.clone());
        let route = route.problems(usual_problems(access, &method, path));
        let (http_method, mut operation, own_schemas) = route.described();
        operation.security = Some(match access {
            Access::Signed | Access::May(..) => {
                ["bearer", "cookie"].map(|name| SecurityRequirement::new(name, [""; 0])).into()
            }
            Access::Public | Access::Entry => Vec::new(),
        });
        operation.tags = Some(vec![tag(path)]);
        schemas.extend(own_schemas);
        let item = PathItem::new(http_method, operation);
        match paths.paths.get_mut(path) {
            Some(known) => known.merge_operations(item),
            None => {
                paths.paths.insert(path.to_owned(), item);
            }
        }
    }
    let problem = ResponseBuilder::new().description("What is wrong and what to do, by RFC 9457.").content(
        "application/problem+json",
        Content::new(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(ProblemBody::name())))),
    );
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An access token or API token.")).build();
    let words =
        format!("For the hub's own page. In the clear, on the hub's own machine, its name is {}.", cookie::PLAIN);
    let cookie = ApiKey::Cookie(ApiKeyValue::with_description(cookie::ENCRYPTED, &words));
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .response("Problem", problem.build())
        .security_scheme("bearer", SecurityScheme::Http(bearer))
        .security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("Hearth")
        .version("1")
        .description(Some(
            "The API of a Hearth hub. Times are RFC 3339 in UTC with milliseconds; ids are strings and URL-encoded in \
             paths; null means unknown; fields may be added.",
        ))
        .license(Some(license));
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components.build())).build()
}

/// The problems that paths of this kind may answer.
fn usual_problems(access: Access, method: &Method, path: &str) -> &'static [u16] {
    let has_id = path.contains('{');
    match (access, method) {
        (Access::Public, &Method::GET) => &[421],
        (Access::Public | Access::Entry, _) => &[400, 401, 403, 408, 409, 413, 415, 421, 422, 429, 503, 507],
        (Access::Signed | Access::May(..), &Method::GET) if has_id => &[401, 403, 404, 421, 422, 503],
        (Access::Signed | Access::May(..), &Method::GET) => &[401, 403, 421, 422, 503],
        (Access::Signed | Access::May(..), &Method::DELETE) => &[401, 403, 404, 409, 412, 421, 422, 503, 504, 507],
        (Access::Signed | Access::May(..), _) => {
            &[400, 401, 403, 404, 408, 409, 412, 413, 415, 421, 422, 503, 504, 507]
        }
    }
}

/// The first word of a path.
fn tag(path: &str) -> String {
    path.trim_start_matches("/api/v1").trim_start_matches('/').split('/').next().unwrap_or("").to_owned()
}
