//! A stream that ends when the other side takes nothing for too long.
//!
//! A socket whose peer hangs takes bytes until its buffers are full, and then none, for ever: as long as the peer's
//! system answers, TCP goes on trying. The MQTT client reads nothing while it writes, so its keep-alive never notices.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// The watch around a stream.
pub(super) struct WriteLimit<S> {
    inner: S,
    limit: Duration,
    /// Something waits to be taken, until then.
    stalled: Option<Pin<Box<Sleep>>>,
}

impl<S> fmt::Debug for WriteLimit<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WriteLimit").field("limit", &self.limit).finish_non_exhaustive()
    }
}

impl<S> WriteLimit<S> {
    /// Ends with [`io::ErrorKind::TimedOut`] when nothing at all was taken for `limit`.
    pub(super) fn new(inner: S, limit: Duration) -> Self {
        Self { inner, limit, stalled: None }
    }

    /// Any progress starts the time anew.
    fn watch<T>(&mut self, context: &mut Context<'_>, progress: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.stalled = None;
            return progress;
        }
        let limit = self.limit;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the other side takes nothing")))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WriteLimit<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, out)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WriteLimit<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.inner).poll_write(context, data);
        self.watch(context, progress)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.inner).poll_flush(context);
        self.watch(context, progress)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const LIMIT: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn who_takes_nothing_is_given_up() {
        let (near, _far) = tokio::io::duplex(64);
        let mut stream = WriteLimit::new(near, LIMIT);
        let began = tokio::time::Instant::now();
        let error = stream.write_all(&[7; 65]).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (io::ErrorKind::TimedOut, LIMIT));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_little_is_waited_for() {
        let (near, mut far) = tokio::io::duplex(64);
        let mut stream = WriteLimit::new(near, LIMIT);
        let reader = tokio::spawn(async move {
            let mut taken = Vec::new();
            let mut some = [0; 10];
            while let Ok(count @ 1..) = far.read(&mut some).await {
                taken.extend_from_slice(&some[..count]);
                sleep(LIMIT - Duration::from_millis(1)).await;
            }
            taken
        });
        stream.write_all(&[7; 300]).await.unwrap();
        drop(stream);
        assert_eq!(reader.await.unwrap(), [7; 300]);
    }
}
