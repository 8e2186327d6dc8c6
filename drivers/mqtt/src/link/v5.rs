//! The client for MQTT 5.

use rumqttc_v5::mqttbytes::Error as CodecError;
use rumqttc_v5::mqttbytes::QoS;
use rumqttc_v5::mqttbytes::v5::{
    ConnectReturnCode, DisconnectReasonCode, Publish, SubscribeFilter, SubscribeReasonCode,
};
use rumqttc_v5::{AsyncClient, ConnectionError, Event, EventLoop, Incoming, MqttOptions, PublishOptions, StateError};

use super::{CONNECT_LIMIT, Cause, INFLIGHT, KEEP_ALIVE, LARGEST_PACKET, OUTGOING_QUEUE, READ_BATCH, Setup, io_cause};
use crate::message::{Message, Outgoing};

/// Hands packets to the event loop.
#[derive(Clone)]
pub(super) struct Client(AsyncClient);

/// A connection and its event loop.
pub(super) struct Connection(EventLoop);

/// Connects and waits for the broker's greeting.
pub(super) async fn connect(setup: Setup) -> Result<(Client, Connection), Cause> {
    let mut options = MqttOptions::new(setup.client_id.clone(), (setup.address.host.clone(), setup.address.port));
    options.set_clean_start(true).set_keep_alive(KEEP_ALIVE).set_connect_timeout(CONNECT_LIMIT);
    options.set_read_batch_size(READ_BATCH);
    options.set_outgoing_inflight_upper_limit(INFLIGHT);
    options.set_max_packet_size(Some(u32::try_from(LARGEST_PACKET).unwrap_or(u32::MAX)));
    if let Some(username) = &setup.username {
        options.set_credentials(username.clone(), setup.password.clone());
    }
    options.set_socket_connector(move |_, _| setup.clone().open());
    let (client, mut events) = AsyncClient::builder(options).capacity(OUTGOING_QUEUE).build();
    loop {
        match events.poll().await {
            Ok(Event::Incoming(Incoming::ConnAck(_))) => return Ok((Client(client), Connection(events))),
            Ok(_) => {}
            Err(error) => return Err(cause(error)),
        }
    }
}

impl Connection {
    /// The next messages: all that one read brought.
    pub(super) async fn next_batch(&mut self) -> Result<Vec<Message>, Cause> {
        let mut batch = Vec::new();
        loop {
            take(self.0.poll().await.map_err(cause)?, &mut batch)?;
            while let Some(event) = self.0.state.events.pop_front() {
                take(event, &mut batch)?;
            }
            if !batch.is_empty() {
                return Ok(batch);
            }
        }
    }
}

fn take(event: Event, batch: &mut Vec<Message>) -> Result<(), Cause> {
    match event {
        Event::Incoming(Incoming::Publish(Publish { topic, payload, retain, .. })) => {
            batch.push(Message { topic, payload, retain });
            Ok(())
        }
        Event::Incoming(Incoming::SubAck(answer)) => {
            let granted = answer.return_codes.iter().all(|code| matches!(code, SubscribeReasonCode::Success(_)));
            if granted { Ok(()) } else { Err(Cause::SubscriptionRefused) }
        }
        Event::Incoming(Incoming::Disconnect(farewell)) => Err(farewell_cause(farewell.reason_code)),
        _ => Ok(()),
    }
}

impl Client {
    /// Queues a packet; gives it back when the queue is full.
    pub(super) fn try_send(&self, packet: Outgoing) -> Result<(), Outgoing> {
        let sent = match &packet {
            Outgoing::Publish { topic, payload } => {
                self.0.try_publish(topic.clone(), payload.clone(), PublishOptions::new(QoS::AtMostOnce))
            }
            Outgoing::Subscribe { filter } => self.0.try_subscribe_many([subscription(filter)]),
        };
        sent.map_err(|_| packet)
    }

    /// Queues a packet as soon as there is room.
    pub(super) async fn send(self, packet: Outgoing) -> Result<(), Cause> {
        let sent = match packet {
            Outgoing::Publish { topic, payload } => {
                self.0.publish(topic, payload, PublishOptions::new(QoS::AtMostOnce)).await
            }
            Outgoing::Subscribe { filter } => self.0.subscribe_many([subscription(&filter)]).await,
        };
        sent.map_err(|error| Cause::Protocol(error.to_string()))
    }
}

/// The hub's own messages are not wanted back.
fn subscription(filter: &str) -> SubscribeFilter {
    SubscribeFilter { nolocal: true, ..SubscribeFilter::new(filter, QoS::AtMostOnce) }
}

fn cause(error: ConnectionError) -> Cause {
    match error {
        ConnectionError::Io(error) => io_cause(&error),
        ConnectionError::Timeout(_) => Cause::Silent,
        ConnectionError::ConnectionRefused(code) => refusal(code),
        ConnectionError::MqttState(error) => state_cause(error),
        other => Cause::Protocol(other.to_string()),
    }
}

fn state_cause(error: StateError) -> Cause {
    match error {
        StateError::ConnectionAborted => Cause::Closed,
        StateError::Io(error) | StateError::Deserialization(CodecError::Io(error)) => io_cause(&error),
        StateError::AwaitPingResp => Cause::Silent,
        StateError::ServerDisconnect { reason_code, .. } => farewell_cause(reason_code),
        StateError::ConnFail { reason } => refusal(reason),
        StateError::IncomingPacketTooLarge { .. }
        | StateError::Deserialization(CodecError::PayloadSizeLimitExceeded { .. }) => Cause::TooLarge,
        other => Cause::Protocol(other.to_string()),
    }
}

fn refusal(code: ConnectReturnCode) -> Cause {
    match code {
        ConnectReturnCode::RefusedProtocolVersion | ConnectReturnCode::UnsupportedProtocolVersion => Cause::Version,
        ConnectReturnCode::BadClientId | ConnectReturnCode::ClientIdentifierNotValid => Cause::ClientIdRefused,
        ConnectReturnCode::BadUserNamePassword => Cause::BadCredentials,
        ConnectReturnCode::NotAuthorized | ConnectReturnCode::Banned => Cause::NotAuthorized,
        ConnectReturnCode::ServerUnavailable
        | ConnectReturnCode::ServiceUnavailable
        | ConnectReturnCode::ServerBusy
        | ConnectReturnCode::QuotaExceeded
        | ConnectReturnCode::ConnectionRateExceeded => Cause::Busy,
        other => Cause::Protocol(format!("the broker refused with {other:?}")),
    }
}

fn farewell_cause(code: DisconnectReasonCode) -> Cause {
    match code {
        DisconnectReasonCode::SessionTakenOver => Cause::TakenOver,
        DisconnectReasonCode::NotAuthorized => Cause::NotAuthorized,
        DisconnectReasonCode::ServerShuttingDown | DisconnectReasonCode::NormalDisconnection => Cause::ShuttingDown,
        DisconnectReasonCode::ServerBusy
        | DisconnectReasonCode::QuotaExceeded
        | DisconnectReasonCode::ConnectionRateExceeded
        | DisconnectReasonCode::MessageRateTooHigh => Cause::Busy,
        DisconnectReasonCode::PacketTooLarge => Cause::TooLarge,
        DisconnectReasonCode::KeepAliveTimeout => Cause::Silent,
        other => Cause::Protocol(format!("the broker said {other:?}")),
    }
}
