//! The begin of a connection by TLS: bounded in time, and helpful to who speaks something else.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// So much of a request by plain HTTP is read before it is answered.
const REQUEST_READ: usize = 8 * 1024;
/// What is said to who speaks plain HTTP here.
const PLAIN_ANSWER: &str = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\
    Content-Length: 75\r\n\r\nThis port speaks HTTPS. Write https:// in place of http:// in the address.\n";

/// Shakes hands. None = the other end speaks plain HTTP, and was told.
pub(crate) async fn shake_hands(
    mut stream: TcpStream,
    acceptor: &TlsAcceptor,
) -> io::Result<Option<TlsStream<TcpStream>>> {
    let handshake = async {
        let mut first = [0; 1];
        // The first byte of TLS is 22; a request begins with the letters of its method.
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            // What is not read would make the answer be thrown away.
            let mut request = [0; REQUEST_READ];
            let _ = stream.read(&mut request).await?;
            stream.write_all(PLAIN_ANSWER.as_bytes()).await?;
            stream.shutdown().await?;
            return Ok(None);
        }
        acceptor.accept(stream).await.map(Some)
    };
    tokio::time::timeout(HANDSHAKE, handshake)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, "the handshake takes too long")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_says_its_length() {
        let (head, body) = PLAIN_ANSWER.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{}", body.len());
    }
}
