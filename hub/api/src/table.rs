//! The table of paths: each with who may use it, its handler and its description. The router, the OpenAPI document
//! and the test of who may do what are all made from it.

use axum::http::Method;
use axum::routing::MethodRouter;
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, Ref, RefOr, Required, ResponseBuilder, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use crate::api::App;
use crate::bodies;
use crate::guard::Access;

/// One path and method.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: MethodRouter<App>,
    /// How many bytes its body may have.
    pub(crate) body_max: usize,
    /// What is to be said of it, once somebody wants to read it: all descriptions together take megabytes.
    description: Vec<Remark>,
    /// Whether the description is part of the OpenAPI document.
    pub(crate) is_described: bool,
}

/// A part of a description, made when it is wanted.
type Remark = Box<dyn FnOnce(&mut Description) + Send>;

/// The description of a path.
#[derive(Default)]
struct Description {
    operation: OperationBuilder,
    /// The schemas that it speaks of.
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Description {
    fn change(&mut self, change: impl FnOnce(OperationBuilder) -> OperationBuilder) {
        self.operation = change(std::mem::take(&mut self.operation));
    }

    fn reference<T: ToSchema>(&mut self) -> RefOr<Schema> {
        let inline = <T as PartialSchema>::schema();
        // Plain types have no name of their own in the document.
        if !matches!(&inline, RefOr::T(Schema::Object(object)) if object.properties.is_empty()) {
            let name = T::name().into_owned();
            T::schemas(&mut self.schemas);
            self.schemas.push((name.clone(), inline));
            return RefOr::Ref(Ref::from_schema_name(name));
        }
        inline
    }
}

impl Route {
    /// A path for people and programs. The summary is one sentence without a full stop.
    pub(crate) fn new(
        method: Method,
        path: &'static str,
        access: Access,
        handler: MethodRouter<App>,
        summary: &'static str,
    ) -> Self {
        let is_post = method == Method::POST;
        let named = method.clone();
        let body_max = bodies::most_of(access);
        let route = Self { method, path, access, handler, body_max, description: Vec::new(), is_described: true };
        route.remark(move |description| {
            description.change(|operation| {
                let mut operation = operation.summary(Some(summary)).operation_id(Some(operation_id(&named, path)));
                for id in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                    operation = operation.parameter(path_parameter(id));
                }
                if is_post { operation.parameter(idempotency_parameter()) } else { operation }
            });
        })
    }

    fn remark(mut self, remark: impl FnOnce(&mut Description) + Send + 'static) -> Self {
        self.description.push(Box::new(remark));
        self
    }

    /// The same without a description: parts of the page.
    pub(crate) fn hidden(mut self) -> Self {
        self.is_described = false;
        self
    }

    /// Takes a body of so many bytes, in place of what is usual.
    pub(crate) fn takes_up_to(mut self, bytes: usize) -> Self {
        self.body_max = bytes;
        self
    }

    /// Takes a JSON body.
    pub(crate) fn body<T: ToSchema>(self) -> Self {
        self.remark(|description| {
            let body = RequestBodyBuilder::new()
                .required(Some(Required::True))
                .content("application/json", Content::new(Some(description.reference::<T>())))
                .build();
            description.change(|operation| operation.request_body(Some(body)));
        })
    }

    /// Takes a query.
    pub(crate) fn query<T: IntoParams>(self) -> Self {
        self.remark(|description| {
            for parameter in T::into_params(|| Some(ParameterIn::Query)) {
                description.change(|operation| operation.parameter(parameter));
            }
        })
    }

    /// Takes `If-Match`.
    pub(crate) fn if_match(self) -> Self {
        self.remark(|description| {
            let words = "The ETag of what is edited; if it was changed meanwhile: 412.";
            description.change(|operation| operation.parameter(header_parameter("If-Match", words)));
        })
    }

    /// Answers JSON.
    pub(crate) fn answers<T: ToSchema>(self, status: u16, description: &'static str) -> Self {
        self.answers_as::<T>(status, "application/json", description)
    }

    /// Answers something of another media type.
    pub(crate) fn answers_as<T: ToSchema>(self, status: u16, media_type: &'static str, words: &'static str) -> Self {
        self.remark(move |description| {
            let content = Content::new(Some(description.reference::<T>()));
            let response = ResponseBuilder::new().description(words).content(media_type, content);
            description.change(|operation| operation.response(status.to_string(), response));
        })
    }

    /// Speaks of this in words: its schema is part of the document.
    pub(crate) fn speaks_of<T: ToSchema>(self) -> Self {
        self.remark(|description| drop(description.reference::<T>()))
    }

    /// Answers nothing but the status.
    pub(crate) fn answers_nothing(self, status: u16, words: &'static str) -> Self {
        self.remark(move |description| {
            let response = ResponseBuilder::new().description(words);
            description.change(|operation| operation.response(status.to_string(), response));
        })
    }

    /// May answer these problems, beside those that every path of its kind may.
    pub(crate) fn problems(self, statuses: &[u16]) -> Self {
        let statuses = statuses.to_vec();
        self.remark(move |description| {
            for status in statuses {
                let problem = Ref::from_response_name("Problem");
                description.change(|operation| operation.response(status.to_string(), problem));
            }
        })
    }

    /// The finished description.
    pub(crate) fn described(self) -> (HttpMethod, Operation, Vec<(String, RefOr<Schema>)>) {
        let method = match self.method {
            Method::POST => HttpMethod::Post,
            Method::PUT => HttpMethod::Put,
            Method::PATCH => HttpMethod::Patch,
            Method::DELETE => HttpMethod::Delete,
            _ => HttpMethod::Get,
        };
        let mut description = Description::default();
        for remark in self.description {
            remark(&mut description);
        }
        (method, description.operation.build(), description.schemas)
    }
}

/// Any JSON object, in descriptions.
pub(crate) struct AnyObject;

impl PartialSchema for AnyObject {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::Object).into()
    }
}

impl ToSchema for AnyObject {}

/// E.g. `get_devices_id_history`.
fn operation_id(method: &Method, path: &str) -> String {
    let words = path.trim_start_matches("/api/v1").split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!("{}_{}", method.as_str().to_ascii_lowercase(), words.join("_"))
}

fn text_parameter(name: &str, place: ParameterIn, required: Required, description: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(required)
        .description(Some(description))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}

fn path_parameter(id: &str) -> Parameter {
    text_parameter(id, ParameterIn::Path, Required::True, "URL-encoded.")
}

fn header_parameter(name: &str, description: &str) -> Parameter {
    text_parameter(name, ParameterIn::Header, Required::False, description)
}

fn idempotency_parameter() -> Parameter {
    header_parameter(
        "Idempotency-Key",
        "A request that comes again with the same key is not done again: its first answer comes again, for 24 hours.",
    )
}
