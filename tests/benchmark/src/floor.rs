//! The floor: a bare rumqttc client that answers a message with a message, or passes it on to whoever listens, and
//! nothing else.

use std::io::Write;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};

use rumqttc::{AsyncClient, Event, MqttOptions, NetworkOptions, Packet, PublishOptions, QoS};

/// What the floor listens below.
pub(crate) const BASE: &str = "floor";

/// Answers every `floor/motion-…` by `floor/lamp-…/set` and writes every `floor/stream` to all connections to
/// `stream_port`, until it is ended.
pub(crate) fn run(port: u16, stream_port: u16) {
    let door = TcpListener::bind(("127.0.0.1", stream_port)).expect("a free port");
    let listeners = Arc::new(Mutex::new(Vec::new()));
    let accepted = Arc::clone(&listeners);
    std::thread::spawn(move || {
        for mut listener in door.incoming().map_while(Result::ok) {
            listener.set_nodelay(true).expect("a TCP option");
            let mut accepted = accepted.lock().unwrap_or_else(PoisonError::into_inner);
            // So that it knows that it will hear of everything from now on.
            let _ = listener.write_all(b"0\n");
            accepted.push(listener);
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut options = MqttOptions::new("floor", ("127.0.0.1", port));
        options.set_max_packet_size(16 << 20, 16 << 20);
        let (client, mut events) = AsyncClient::builder(options).capacity(1_024).build();
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        events.set_network_options(network);
        client.subscribe(format!("{BASE}/+"), QoS::AtMostOnce).await.expect("a subscription");
        loop {
            if let Ok(Event::Incoming(Packet::Publish(message))) = events.poll().await {
                let topic = String::from_utf8_lossy(&message.topic);
                if let Some(number) = topic.strip_prefix("floor/motion-") {
                    let answer = format!("{BASE}/lamp-{number}/set");
                    let _ = client.try_publish(answer, *br#"{"state":"ON"}"#, PublishOptions::new(QoS::AtMostOnce));
                } else if topic == "floor/stream" {
                    for listener in &mut *listeners.lock().unwrap_or_else(PoisonError::into_inner) {
                        let _ = listener.write_all(&message.payload);
                    }
                }
            }
        }
    });
}
