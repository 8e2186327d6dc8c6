//! Answers to who asked, gathered until it is time to give them.

use tokio::sync::oneshot;

/// Answers to who asked. They come last: who has one shall see what it says in the picture too.
#[derive(Default)]
pub(crate) struct Answers(Vec<Box<dyn FnOnce() + Send>>);

impl Answers {
    /// Nobody waiting any more is fine.
    pub(crate) fn add<T: Send + 'static>(&mut self, reply: oneshot::Sender<T>, answer: T) {
        self.0.push(Box::new(move || drop(reply.send(answer))));
    }

    pub(crate) fn give(&mut self) {
        self.0.drain(..).for_each(|give| give());
    }
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} answers", self.0.len())
    }
}
