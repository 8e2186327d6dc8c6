//! Idempotency keys: a POST that is sent again with the same key is not done again; its first answer comes again.
//! Per user and path, for 24 hours, in bounded memory (a restart forgets), of which each user has a share. Only answers of success are kept: what
//! failed changed nothing and may be tried again. Of an answer that is too large its head is kept: the deed is done.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
/// How many answers are kept at most; the oldest go of who has the most.
const ENTRIES_MAX: usize = 1_024;
/// How many bytes all answers may have; then the oldest go of who has the most of these.
const BYTES_MAX: usize = 8 * 1024 * 1024;
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
    /// Of those who have any.
    shares: HashMap<Arc<str>, Share>,
}

/// What is kept of one user.
#[derive(Debug, Default)]
struct Share {
    /// Oldest first.
    order: VecDeque<(Hash, Monotonic)>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Answer {
    user: Arc<str>,
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

fn size((_, headers, body): &Done) -> usize {
    body.len() + headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>()
}

impl Answers {
    /// Takes a place for an answer that is to come.
    fn begin(&mut self, user: &Arc<str>, entry: Hash, request: Hash, now: Monotonic) {
        while self.by_key.len() >= ENTRIES_MAX && self.forget_oldest_of_most(|share| share.order.len()) {}
        self.by_key.insert(entry, Answer { user: Arc::clone(user), request, done: None });
        self.shares.entry(Arc::clone(user)).or_default().order.push_back((entry, now));
    }

    /// Takes an answer, if its place is still there.
    fn done(&mut self, entry: Hash, request: Hash, done: Done) {
        let Some(known) = self.by_key.get_mut(&entry).filter(|known| known.request == request) else { return };
        if let Some(share) = self.shares.get_mut(&known.user) {
            share.bytes += size(&done);
        }
        known.done = Some(done);
        let bytes = |shares: &HashMap<Arc<str>, Share>| shares.values().map(|share| share.bytes).sum::<usize>();
        while bytes(&self.shares) > BYTES_MAX && self.forget_oldest_of_most(|share| share.bytes) {}
    }

    /// Forgets what is too old.
    fn forget_old(&mut self, now: Monotonic) {
        let old: Vec<Hash> = self
            .shares
            .values()
            .flat_map(|share| share.order.iter().take_while(|(_, at)| now.since(*at) >= KEPT_FOR))
            .map(|(entry, _)| *entry)
            .collect();
        old.into_iter().for_each(|entry| self.forget(entry));
    }

    /// Forgets the oldest of who has the most. False if there is none.
    fn forget_oldest_of_most(&mut self, how_much: impl Fn(&Share) -> usize) -> bool {
        let most = self.shares.values().max_by_key(|share| how_much(share));
        let Some((entry, _)) = most.and_then(|share| share.order.front()).copied() else { return false };
        self.forget(entry);
        true
    }

    /// Forgets one with its place: failures must not push answers out.
    fn forget(&mut self, entry: Hash) {
        let Some(answer) = self.by_key.remove(&entry) else { return };
        let Some(share) = self.shares.get_mut(&answer.user) else { return };
        share.order.retain(|(known, _)| *known != entry);
        share.bytes = share.bytes.saturating_sub(answer.done.as_ref().map_or(0, size));
        if share.order.is_empty() {
            self.shares.remove(&answer.user);
        }
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
        if let Some(answer) = self.begin(&user.into(), entry, request_hash, app.clock.now().mono) {
            return answer;
        }
        // In a task of its own: a client that hangs up must not leave a thing half done under its key.
        let request = Request::from_parts(parts, Body::from(body));
        let shared = Arc::clone(app);
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
    fn begin(&self, user: &Arc<str>, entry: Hash, request: Hash, now: Monotonic) -> Option<Response> {
        let mut answers = self.lock();
        answers.forget_old(now);
        if let Some(known) = answers.by_key.get(&entry) {
            return Some(known.answer(request));
        }
        answers.begin(user, entry, request, now);
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
        self.lock().done(entry, request, done.clone());
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
        let user = Arc::from("anna");
        assert!(idempotency.begin(&user, entry, request, now).is_none());
        let large = "x".repeat(ANSWER_MAX + 1);
        let headers = [(header::LOCATION, "/api/v1/automations/rule"), (header::CONTENT_TYPE, "application/json")];
        let answered =
            idempotency.finish(entry, request, (StatusCode::CREATED, headers, large.clone()).into_response()).await;
        assert_eq!(answered.status(), StatusCode::CREATED);
        let body = axum::body::to_bytes(answered.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body.len(), large.len());
        let again = idempotency.begin(&user, entry, request, now).unwrap();
        assert_eq!(
            (again.status(), again.headers()["location"].as_bytes()),
            (StatusCode::CREATED, &b"/api/v1/automations/rule"[..])
        );
        assert_eq!(again.headers()["idempotency-replayed"], "true");
        assert!(again.headers().get("content-type").is_none());
        let body = axum::body::to_bytes(again.into_body(), usize::MAX).await.unwrap();
        assert!(body.is_empty());
    }

    async fn run(idempotency: &Idempotency, user: &str, number: usize, answer: impl IntoResponse) -> Hash {
        let entry = hash(&[user.as_bytes(), &number.to_le_bytes()]);
        let begun = idempotency.begin(&user.into(), entry, hash(&[b"body"]), Monotonic::default());
        assert!(begun.is_none(), "{user} {number}");
        idempotency.finish(entry, hash(&[b"body"]), answer.into_response()).await;
        entry
    }

    fn again(idempotency: &Idempotency, user: &str, entry: Hash) -> Option<StatusCode> {
        let answer = idempotency.begin(&user.into(), entry, hash(&[b"body"]), Monotonic::default());
        answer.map(|answer| answer.status())
    }

    #[tokio::test]
    async fn failures_push_no_answers_out_and_a_full_table_still_knows_its_oldest() {
        let idempotency = Idempotency::default();
        let first = run(&idempotency, "anna", 0, StatusCode::CREATED).await;
        for number in 1..=2 * ENTRIES_MAX {
            run(&idempotency, "anna", number, StatusCode::UNAUTHORIZED).await;
        }
        for number in 1..ENTRIES_MAX {
            run(&idempotency, "anna", number, StatusCode::CREATED).await;
        }
        assert_eq!(again(&idempotency, "anna", first), Some(StatusCode::CREATED));
        run(&idempotency, "anna", ENTRIES_MAX, StatusCode::CREATED).await;
        assert_eq!(again(&idempotency, "anna", first), None, "the oldest goes");
        assert_eq!(idempotency.lock().by_key.len(), ENTRIES_MAX);
    }

    #[tokio::test]
    async fn nobody_pushes_out_the_answers_of_others() {
        let idempotency = Idempotency::default();
        let theirs = run(&idempotency, "owner", 0, StatusCode::CREATED).await;
        for number in 0..2 * ENTRIES_MAX {
            run(&idempotency, "guest", number, StatusCode::CREATED).await;
        }
        assert_eq!(idempotency.lock().by_key.len(), ENTRIES_MAX);
        // Nor by large ones.
        for number in 0..2 * BYTES_MAX / ANSWER_MAX {
            run(&idempotency, "child", number, "x".repeat(ANSWER_MAX)).await;
        }
        let bytes: usize = idempotency.lock().shares.values().map(|share| share.bytes).sum();
        assert!(bytes <= BYTES_MAX && bytes > BYTES_MAX / 2, "{bytes}");
        assert_eq!(again(&idempotency, "owner", theirs), Some(StatusCode::CREATED));
    }

    #[tokio::test]
    async fn answers_are_forgotten_after_a_day() {
        let idempotency = Idempotency::default();
        let entry = run(&idempotency, "anna", 0, StatusCode::CREATED).await;
        let later = Monotonic::default().plus(KEPT_FOR);
        assert!(idempotency.begin(&"anna".into(), entry, hash(&[b"body"]), later).is_none());
        assert_eq!(idempotency.lock().shares.len(), 1);
    }
}
