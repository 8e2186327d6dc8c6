//! A stream that leaves out what is too large.
//!
//! MQTT 5 lets a client say how large a packet may be; with MQTT 3.1.1 anybody who may publish can retain a payload
//! that throws every reader off the broker again and again. This filter sits under the MQTT codec, follows the packet
//! boundaries, and lets PUBLISH packets beyond the limit pass by unread. Subscriptions are QoS 0: nothing waits for an
//! acknowledgement of what was left out.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the socket is asked for at once.
const READ_SIZE: usize = 32 * 1024;
/// The type bits of a PUBLISH packet.
const PUBLISH: u8 = 3;

/// How many packets were left out so far.
#[derive(Clone, Debug, Default)]
pub(super) struct SkippedPackets(Arc<AtomicU64>);

impl SkippedPackets {
    /// The count.
    pub(super) fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Where in the stream of packets the filter is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Position {
    /// At the start of a packet.
    Header,
    /// This many bytes of a packet are still to be handed on.
    Pass(usize),
    /// This many bytes of a packet are still to be left out.
    Skip(usize),
    /// The stream is no MQTT; the codec is to complain about it.
    Lost,
}

/// The filter around a stream.
pub(super) struct PacketLimit<S> {
    inner: S,
    limit: usize,
    position: Position,
    /// Bytes from the socket; `start..end` of them are not sifted yet.
    raw: Box<[u8]>,
    start: usize,
    end: usize,
    ended: bool,
    skipped: SkippedPackets,
}

impl<S> fmt::Debug for PacketLimit<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PacketLimit").field("limit", &self.limit).field("position", &self.position).finish()
    }
}

impl<S> PacketLimit<S> {
    /// Lets packets up to `limit` bytes through.
    pub(super) fn new(inner: S, limit: usize, skipped: SkippedPackets) -> Self {
        let raw = vec![0; READ_SIZE].into_boxed_slice();
        Self { inner, limit, position: Position::Header, raw, start: 0, end: 0, ended: false, skipped }
    }

    /// Moves what is known to pass from the raw bytes to `out`.
    fn sift(&mut self, out: &mut ReadBuf<'_>) {
        while self.start < self.end && out.remaining() > 0 {
            let raw = &self.raw[self.start..self.end];
            match self.position {
                Position::Header => {
                    self.position = match packet_size(raw) {
                        Some(size) if size > self.limit && raw[0] >> 4 == PUBLISH => {
                            self.skipped.0.fetch_add(1, Ordering::Relaxed);
                            Position::Skip(size)
                        }
                        Some(size) => Position::Pass(size),
                        None if raw.len() >= 5 || self.ended => Position::Lost,
                        None => return,
                    };
                }
                Position::Pass(left) => {
                    let count = left.min(raw.len()).min(out.remaining());
                    out.put_slice(&raw[..count]);
                    self.start += count;
                    self.position = if count == left { Position::Header } else { Position::Pass(left - count) };
                }
                Position::Skip(left) => {
                    let count = left.min(raw.len());
                    self.start += count;
                    self.position = if count == left { Position::Header } else { Position::Skip(left - count) };
                }
                Position::Lost => {
                    let count = raw.len().min(out.remaining());
                    out.put_slice(&raw[..count]);
                    self.start += count;
                }
            }
        }
    }
}

/// The whole size of the packet that starts here; none = not enough bytes to know, or a length that cannot be.
fn packet_size(raw: &[u8]) -> Option<usize> {
    let mut length = 0;
    for (index, byte) in raw.iter().skip(1).take(4).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some(length + 2 + index);
        }
    }
    None
}

impl<S: AsyncRead + Unpin> AsyncRead for PacketLimit<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = out.filled().len();
        loop {
            this.sift(out);
            if out.filled().len() > before || out.remaining() == 0 || this.ended {
                return Poll::Ready(Ok(()));
            }
            // At most an unfinished header is left: there is room behind it.
            this.raw.copy_within(this.start..this.end, 0);
            this.end -= this.start;
            this.start = 0;
            let mut free = ReadBuf::new(&mut this.raw[this.end..]);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut free))?;
            let read = free.filled().len();
            this.end += read;
            this.ended = read == 0;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PacketLimit<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, data)
    }
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn publish(payload: usize) -> Vec<u8> {
        let mut packet = vec![0x30];
        let mut length = payload;
        loop {
            let byte = (length % 128) as u8;
            length /= 128;
            packet.push(byte | if length > 0 { 0x80 } else { 0 });
            if length == 0 {
                break;
            }
        }
        packet.extend(std::iter::repeat_n(7, payload));
        packet
    }

    /// However the bytes are cut into reads, large packets are left out and all others pass unchanged.
    #[tokio::test]
    async fn large_packets_are_left_out() {
        let small: Vec<u8> = [publish(0), publish(3), publish(98)].concat();
        let stream: Vec<u8> =
            [&publish(99)[..], &small, &publish(200_000), &publish(20_000), &small, &[0xd0, 0]].concat();
        let expected: Vec<u8> = [&small[..], &small, &[0xd0, 0]].concat();
        for cut in [1, 2, 3, 7, 1_000, 70_000, stream.len()] {
            let (mut near, far) = tokio::io::duplex(cut);
            let skipped = SkippedPackets::default();
            let mut filter = PacketLimit::new(far, 100, skipped.clone());
            let sent = stream.clone();
            let writer = tokio::spawn(async move {
                near.write_all(&sent).await.unwrap();
            });
            let mut read = Vec::new();
            filter.read_to_end(&mut read).await.unwrap();
            writer.await.unwrap();
            assert_eq!(read, expected, "cut into {cut}");
            assert_eq!(skipped.count(), 3);
        }
    }

    #[tokio::test]
    async fn what_is_no_mqtt_is_handed_on_for_the_codec_to_refuse() {
        let garbage = [0x30, 0xff, 0xff, 0xff, 0xff, 1, 2, 3];
        let mut read = Vec::new();
        PacketLimit::new(&garbage[..], 100, SkippedPackets::default()).read_to_end(&mut read).await.unwrap();
        assert_eq!(read, garbage);
        let mut read = Vec::new();
        PacketLimit::new(&garbage[..2], 100, SkippedPackets::default()).read_to_end(&mut read).await.unwrap();
        assert_eq!(read, &garbage[..2]);
    }
}
