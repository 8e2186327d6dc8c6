//! Idempotency keys: a POST that is sent again with the same key is not done again; its first answer comes again.
//! Per user and path, for 24 hours, in bounded memory (a restart forgets). Only answers of success are kept: what
//! failed changed nothing and may be tried again. Of an answer that is too large its head is kept: the deed is done.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hub_model::Monotonic;
use ring::digest;

use crate::api::App;
use crate::bodies::read_body;
use crate::problem::Problem;

/// How long an answer is kept.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How many answers are kept at most; the oldest go.
const ENTRIES_MAX: usize = 1_024;
/// The largest answer that is kept as a whole.
const ANSWER_MAX: usize = 64 * 1024;
/// What is kept of the head of a larger one: where the thing is that was made, and its version.
const KEPT_OF_LARGE: [HeaderName; 2] = [header::LOCATION, header::ETAG];

type Hash = [u8; 32];

/// The answers of late.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    answers: Mutex<Answers>,
}

#[derive(Debug, Default)]
struct Answers {
    by_key: HashMap<Hash, Answer>,
    order: VecDeque<(Hash, Monotonic)>,
}

#[derive(Clone, Debug)]
struct Answer {
    request: Hash,
    /// None while the first request is still under way.
    done: Option<Done>,
}

/// What was answered.
type Done = (StatusCode, HeaderMap, Bytes);

/// What is kept of an answer that is too large.
fn head(status: StatusCode, headers: &HeaderMap) -> Done {
    let kept = KEPT_OF_LARGE.into_iter().filter_map(|name| headers.get(&name).cloned().map(|value| (name, value)));
    (status, kept.collect(), Bytes::new())
}

impl Answers {
    /// Forgets the oldest while `too_many` holds of its time and of how many there are.
    fn forget_oldest(&mut self, too_many: impl Fn(Monotonic, usize) -> bool) {
        while let Some((oldest, at)) = self.order.front().copied()
            && too_many(at, self.order.len())
        {
            self.order.pop_front();
            self.by_key.remove(&oldest);
        }
    }

    /// Forgets one that led to nothing, with its place: failures must not push answers out.
    fn forget(&mut self, entry: Hash) {
        self.by_key.remove(&entry);
        self.order.retain(|(known, _)| *known != entry);
    }
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        // The length keeps `ab`, `c` apart from `a`, `bc`.
        context.update(&(part.len() as u64).to_le_bytes());
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

impl Idempotency {
    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a request once, and answers again what it answered before.
    pub(crate) async fn run(&self, app: &App, user: &str, key: &HeaderValue, request: Request, next: Next) -> Response {
        if key.is_empty() || key.len() > 255 {
            let problem = Problem::malformed(
                "bad_idempotency_key",
                "The idempotency key is empty or too long.",
                "Give 1 to 255 characters, e.g. a UUID.",
            );
            return problem.into_response();
        }
        let (parts, body) = request.into_parts();
        let body = match read_body(parts.extensions.get(), &parts.headers, body).await {
            Ok(body) => body,
            Err(problem) => return problem.into_response(),
        };
        let path = parts.uri.path().as_bytes();
        let entry = hash(&[user.as_bytes(), path, key.as_bytes()]);
        let request_hash = hash(&[&body]);
        if let Some(answer) = self.begin(entry, request_hash, app.clock.now().mono) {
            return answer;
        }
        // In a task of its own: a client that hangs up must not leave a thing half done under its key.
        let request = Request::from_parts(parts, Body::from(body));
        let shared = std::sync::Arc::clone(app);
        let work = tokio::spawn(async move {
            let response = next.run(request).await;
            shared.idempotency.finish(entry, request_hash, response).await
        });
        match work.await {
            Ok(response) => response,
            Err(_) => {
                self.lock().forget(entry);
                Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "internal",
                    "The hub made a mistake with this request.",
                    "See the hub's log; please report it.",
                )
                .into_response()
            }
        }
    }

    /// The answer, if there is one; else the key is taken.
    fn begin(&self, entry: Hash, request: Hash, now: Monotonic) -> Option<Response> {
        let mut answers = self.lock();
        answers.forget_oldest(|at, _| now.since(at) >= KEPT_FOR);
        if let Some(known) = answers.by_key.get(&entry) {
            return Some(known.answer(request));
        }
        answers.forget_oldest(|_, count| count >= ENTRIES_MAX);
        answers.by_key.insert(entry, Answer { request, done: None });
        answers.order.push_back((entry, now));
        None
    }

    async fn finish(&self, entry: Hash, request: Hash, response: Response) -> Response {
        if !response.status().is_success() {
            self.lock().forget(entry);
            return response;
        }
        let (parts, body) = response.into_parts();
        if body.size_hint().exact().is_none_or(|size| size > ANSWER_MAX as u64) {
            self.done(entry, request, head(parts.status, &parts.headers));
            return Response::from_parts(parts, body);
        }
        let Ok(bytes) = axum::body::to_bytes(body, ANSWER_MAX).await else {
            let (status, headers, body) = self.done(entry, request, head(parts.status, &parts.headers));
            return (status, headers, body).into_response();
        };
        self.done(entry, request, (parts.status, parts.headers.clone(), bytes.clone()));
        Response::from_parts(parts, Body::from(bytes))
    }

    /// Keeps what is to be answered from now on.
    fn done(&self, entry: Hash, request: Hash, done: Done) -> Done {
        if let Some(known) = self.lock().by_key.get_mut(&entry).filter(|known| known.request == request) {
            known.done = Some(done.clone());
        }
        done
    }
}

impl Answer {
    fn answer(&self, request: Hash) -> Response {
        if self.request != request {
            return Problem::invalid(
                "idempotency_key_reused",
                "This idempotency key was used with another body.",
                "Use a new key for a new request.",
            )
            .into_response();
        }
        match &self.done {
            Some((status, headers, body)) => {
                let mut response = Response::new(Body::from(body.clone()));
                *response.status_mut() = *status;
                *response.headers_mut() = headers.clone();
                response.headers_mut().insert("idempotency-replayed", HeaderValue::from_static("true"));
                response
            }
            None => {
                let mut problem = Problem::conflict(
                    "in_progress",
                    "The first request with this idempotency key is still under way.",
                    "Send it again in a second.",
                );
                problem.retry_after = Some(Duration::from_secs(1));
                problem.into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_large_answer_goes_out_and_its_key_is_not_forgotten() {
        let idempotency = Idempotency::default();
        let (now, request, entry) = (Monotonic::default(), hash(&[b"body"]), hash(&[b"key"]));
        assert!(idempotency.begin(entry, request, now).is_none());
        let large = "x".repeat(ANSWER_MAX + 1);
        let headers = [(header::LOCATION, "/api/v1/automations/rule"), (header::CONTENT_TYPE, "application/json")];
        let answered =
            idempotency.finish(entry, request, (StatusCode::CREATED, headers, large.clone()).into_response()).await;
        assert_eq!(answered.status(), StatusCode::CREATED);
        let body = axum::body::to_bytes(answered.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body.len(), large.len());
        let again = idempotency.begin(entry, request, now).unwrap();
        assert_eq!(
            (again.status(), again.headers()["location"].as_bytes()),
            (StatusCode::CREATED, &b"/api/v1/automations/rule"[..])
        );
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert!(again.headers().get("content-type").is_none());
        let body = axum::body::to_bytes(again.into_body(), usize::MAX).await.unwrap();
        assert!(body.is_empty());
    }

    #[tokio::test]
    async fn failures_push_no_answers_out_and_a_full_table_still_knows_its_oldest() {
        let idempotency = Idempotency::default();
        let (now, request) = (Monotonic::default(), hash(&[b"body"]));
        let run = async |name: &str, number: usize, status: StatusCode| {
            let entry = hash(&[name.as_bytes(), &number.to_le_bytes()]);
            assert!(idempotency.begin(entry, request, now).is_none(), "{name} {number}");
            idempotency.finish(entry, request, status.into_response()).await;
            entry
        };
        let first = run("first", 0, StatusCode::CREATED).await;
        for number in 0..2 * ENTRIES_MAX {
            run("failure", number, StatusCode::UNAUTHORIZED).await;
        }
        for number in 1..ENTRIES_MAX {
            run("success", number, StatusCode::CREATED).await;
        }
        let again = idempotency.begin(first, request, now).map(|answer| answer.status());
        assert_eq!(again, Some(StatusCode::CREATED));
        run("one more", 0, StatusCode::CREATED).await;
        assert!(idempotency.begin(first, request, now).is_none(), "the oldest goes");
        assert_eq!(idempotency.lock().order.len(), ENTRIES_MAX);
    }
}
