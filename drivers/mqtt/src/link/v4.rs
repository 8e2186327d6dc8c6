//! The client for MQTT 3.1.1, for brokers that know nothing newer.

use rumqttc::mqttbytes::Error as CodecError;
use rumqttc::mqttbytes::QoS;
use rumqttc::mqttbytes::v4::{ConnectReturnCode, Publish, SubscribeReasonCode};
use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, Incoming, MqttOptions, NetworkOptions, PublishOptions, StateError,
};

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
    options.set_clean_session(true).set_keep_alive(KEEP_ALIVE);
    options.set_read_batch_size(READ_BATCH);
    options.set_inflight(INFLIGHT);
    options.set_max_packet_size(LARGEST_PACKET, LARGEST_PACKET);
    if let Some(username) = &setup.username {
        options.set_credentials(username.clone(), setup.password.clone());
    }
    options.set_socket_connector(move |_, _| setup.clone().open());
    let (client, mut events) = AsyncClient::builder(options).capacity(OUTGOING_QUEUE).build();
    let mut network = NetworkOptions::new();
    network.set_connection_timeout(CONNECT_LIMIT.as_secs());
    events.set_network_options(network);
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
            Outgoing::Subscribe { filter } => self.0.try_subscribe(filter.clone(), QoS::AtMostOnce),
        };
        sent.map_err(|_| packet)
    }

    /// Queues a packet as soon as there is room.
    pub(super) async fn send(self, packet: Outgoing) -> Result<(), Cause> {
        let sent = match packet {
            Outgoing::Publish { topic, payload } => {
                self.0.publish(topic, payload, PublishOptions::new(QoS::AtMostOnce)).await
            }
            Outgoing::Subscribe { filter } => self.0.subscribe(filter, QoS::AtMostOnce).await,
        };
        sent.map_err(|error| Cause::Protocol(error.to_string()))
    }
}

fn cause(error: ConnectionError) -> Cause {
    match error {
        ConnectionError::Io(error) => io_cause(&error),
        ConnectionError::NetworkTimeout => Cause::Silent,
        ConnectionError::FlushTimeout => Cause::Deaf,
        ConnectionError::ConnectionRefused(code) => match code {
            ConnectReturnCode::RefusedProtocolVersion => Cause::Version,
            ConnectReturnCode::BadClientId => Cause::ClientIdRefused,
            ConnectReturnCode::ServiceUnavailable => Cause::Busy,
            ConnectReturnCode::BadUserNamePassword => Cause::BadCredentials,
            ConnectReturnCode::NotAuthorized => Cause::NotAuthorized,
            ConnectReturnCode::Success => Cause::Closed,
        },
        ConnectionError::MqttState(error) => match error {
            StateError::ConnectionAborted => Cause::Closed,
            StateError::Io(error) | StateError::Deserialization(CodecError::Io(error)) => io_cause(&error),
            StateError::AwaitPingResp => Cause::Silent,
            StateError::Deserialization(CodecError::PayloadSizeLimitExceeded(_)) => Cause::TooLarge,
            other => Cause::Protocol(other.to_string()),
        },
        other => Cause::Protocol(other.to_string()),
    }
}
