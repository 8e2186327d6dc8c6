//! The stream under MQTT: TCP, or TLS over TCP.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rumqttc::tokio_rustls::TlsConnector;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::config::BrokerAddress;

/// How long one step of connecting may take.
const STEP_LIMIT: Duration = Duration::from_secs(5);

/// What MQTT is spoken over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Stream for T {}

/// Opens a stream to the broker. The error names the broker, what went wrong and what to do.
pub(super) async fn open(address: &BrokerAddress, tls: Option<Arc<ClientConfig>>) -> Result<Box<dyn Stream>, String> {
    let BrokerAddress { host, port, .. } = address;
    let targets: Vec<_> = timeout(STEP_LIMIT, lookup_host((host.as_str(), *port)))
        .await
        .map_err(|_| format!("{address}: the name {host} was not answered in time; check the network and the name"))?
        .map_err(|error| format!("{address}: the host {host} is not known ({error}); check the name in broker"))?
        .collect();
    let mut last = format!("{address}: the name {host} has no address; check the name in broker");
    for target in targets {
        match timeout(STEP_LIMIT, TcpStream::connect(target)).await {
            Ok(Ok(stream)) => {
                // A command is one small packet: it must not wait for a second one.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "A socket keeps its delay.");
                }
                return secure(stream, address, tls).await;
            }
            Ok(Err(error)) => last = refusal(address, &error),
            Err(_) => last = format!("{address}: no answer; check that the host is on and no firewall is between"),
        }
    }
    Err(last)
}

fn refusal(address: &BrokerAddress, error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("{address}: refused; check that the broker runs and listens on port {}", address.port)
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            format!("{address}: cannot be reached; check the network")
        }
        _ => format!("{address}: {error}; check the broker and the network"),
    }
}

async fn secure(
    stream: TcpStream,
    address: &BrokerAddress,
    tls: Option<Arc<ClientConfig>>,
) -> Result<Box<dyn Stream>, String> {
    let Some(config) = tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(address.host.clone())
        .map_err(|_| format!("{address}: {} is no name that a certificate can have; check broker", address.host))?;
    match timeout(STEP_LIMIT, TlsConnector::from(config).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(error)) => Err(format!("{address}: {}", tls_failure(&error))),
        Err(_) => Err(format!("{address}: the TLS handshake was not answered; check that this port speaks TLS")),
    }
}

/// What a TLS failure means to a person.
pub(super) fn tls_failure(error: &io::Error) -> String {
    use rustls::{AlertDescription, CertificateError as Bad, Error};
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return format!("TLS was not possible ({error}); check that this port speaks TLS");
    };
    match error {
        Error::InvalidCertificate(Bad::NotValidForName | Bad::NotValidForNameContext { .. }) => {
            "the broker's certificate is for another name; write that name in broker or give the broker a certificate for this one".into()
        }
        Error::InvalidCertificate(Bad::UnknownIssuer) => {
            "the broker's certificate is signed by nobody who is trusted here; give its authority's certificate as ca".into()
        }
        Error::InvalidCertificate(Bad::Expired | Bad::ExpiredContext { .. }) => {
            "the broker's certificate has expired; renew it, and check this machine's clock".into()
        }
        Error::InvalidCertificate(Bad::NotValidYet | Bad::NotValidYetContext { .. }) => {
            "the broker's certificate is not valid yet; check this machine's clock".into()
        }
        Error::AlertReceived(AlertDescription::CertificateRequired | AlertDescription::HandshakeFailure) => {
            "the broker wants a client certificate; give cert and key".into()
        }
        Error::InvalidMessage(_) => "this port does not speak TLS; write mqtt:// or use the broker's TLS port".into(),
        other => format!("TLS failed ({other}); check ca, cert and key, and the broker's own certificate"),
    }
}
