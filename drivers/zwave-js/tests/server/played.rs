//! A small server that is played here, at a real WebSocket: a plug (node 2), a remote (3) and what may go (4).

use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

pub(crate) const PLUG: u16 = 2;
pub(crate) const REMOTE: u16 = 3;
pub(crate) const OLD: u16 = 4;

/// The server. Its network stays when it is stopped.
pub(crate) struct Played {
    pub(crate) port: u16,
    network: Arc<Mutex<Network>>,
    events: broadcast::Sender<Json>,
    running: Option<JoinHandle<()>>,
}

struct Network {
    nodes: Vec<u16>,
    is_on: bool,
}

fn value(class: u16, property: &str, key: Option<&str>, metadata: Json, value: Json) -> Json {
    let mut told =
        json!({"endpoint": 0, "commandClass": class, "property": property, "metadata": metadata, "value": value});
    if let Some(key) = key {
        told["propertyKey"] = json!(key);
    }
    told
}

fn node(id: u16, is_on: bool) -> Json {
    let flag = json!({"type": "boolean", "readable": true, "writeable": true});
    let (class, generic, values) = match id {
        REMOTE => {
            let states = json!({"0": "KeyPressed"});
            let metadata =
                json!({"type": "number", "readable": true, "writeable": false, "states": states, "stateful": false});
            (91, 24, vec![value(91, "scene", Some("001"), metadata, Json::Null)])
        }
        _ => {
            let told = value(37, "currentValue", None, flag.clone(), json!(is_on));
            (37, 16, vec![told, value(37, "targetValue", None, flag, Json::Null)])
        }
    };
    json!({"nodeId": id, "status": 4, "ready": true, "isListening": true, "interviewStage": "Complete",
        "deviceClass": {"generic": {"key": generic}, "specific": {"key": 1}},
        "endpoints": [{"index": 0, "commandClasses": [{"id": class, "version": 2}]}], "values": values})
}

impl Played {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let network = Arc::new(Mutex::new(Network { nodes: vec![PLUG, REMOTE, OLD], is_on: false }));
        let (events, _) = broadcast::channel(4_096);
        let mut played = Self { port, network, events, running: None };
        played.serve(listener);
        played
    }

    fn serve(&mut self, listener: TcpListener) {
        let (network, events) = (Arc::clone(&self.network), self.events.clone());
        self.running = Some(tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(converse(stream, Arc::clone(&network), events.clone()));
            }
        }));
    }

    pub(crate) async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            // Its connections end with it.
            drop(running.await);
        }
    }

    pub(crate) async fn start_again(&mut self) {
        self.serve(TcpListener::bind(("127.0.0.1", self.port)).await.unwrap());
    }

    pub(crate) fn url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.port)
    }

    /// Tells all that listen.
    pub(crate) fn tell(&self, event: Json) {
        drop(self.events.send(json!({"type": "event", "event": event})));
    }
}

async fn converse(stream: TcpStream, network: Arc<Mutex<Network>>, events: broadcast::Sender<Json>) {
    let Ok(mut socket) = accept_async(stream).await else { return };
    let mut told = events.subscribe();
    let greeting = json!({"type": "version", "homeId": 0x7e57_0001_u32, "driverVersion": "15.0.0", "serverVersion": "3.0.0",
        "minSchemaVersion": 0, "maxSchemaVersion": 50});
    let mut outgoing = vec![greeting];
    loop {
        for message in outgoing.drain(..) {
            if socket.send(Message::Text(message.to_string().into())).await.is_err() {
                return;
            }
        }
        tokio::select! {
            event = told.recv() => outgoing.extend(event.ok()),
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) => {
                    let request: Json = serde_json::from_str(&text).unwrap();
                    outgoing = answers(&request, &mut network.lock().unwrap());
                }
                Some(Ok(_)) => {}
                _ => return,
            },
        }
    }
}

/// What the server says to a request: its answer, and what follows from it.
fn answers(request: &Json, network: &mut Network) -> Vec<Json> {
    let answer =
        |result: Json| json!({"type": "result", "success": true, "messageId": request["messageId"], "result": result});
    let id = request["nodeId"].as_u64().and_then(|id| u16::try_from(id).ok()).unwrap_or_default();
    let event = |event: Json| json!({"type": "event", "event": event});
    match request["command"].as_str().unwrap() {
        "start_listening" => {
            let nodes: Vec<Json> = network.nodes.iter().map(|id| node(*id, network.is_on)).collect();
            let controller = json!({"homeId": 0x7e57_0001_u32, "ownNodeId": 1});
            vec![answer(json!({"state": {"driver": {}, "controller": controller, "nodes": nodes}}))]
        }
        "node.set_value" => {
            network.is_on = request["value"] == json!(true);
            let args =
                json!({"commandClass": 37, "endpoint": 0, "property": "currentValue", "newValue": network.is_on});
            vec![
                answer(json!({"result": {"status": 255}})),
                event(json!({"source": "node", "event": "value updated", "nodeId": id, "args": args})),
            ]
        }
        "controller.remove_failed_node" => {
            network.nodes.retain(|known| *known != id);
            let node = json!({"nodeId": id});
            vec![
                event(json!({"source": "controller", "event": "node removed", "node": node, "reason": 2})),
                answer(json!({})),
            ]
        }
        "controller.get_node_neighbors" => {
            let neighbours = if id == 1 { json!([2, 3, 4]) } else { json!([1]) };
            vec![answer(json!({"neighbors": neighbours}))]
        }
        "initialize" | "node.refresh_info" | "node.set_name" | "driver.soft_reset" => vec![answer(json!({}))],
        "controller.begin_inclusion" | "controller.stop_inclusion" | "controller.begin_exclusion" => {
            vec![answer(json!({"success": true}))]
        }
        _ => vec![
            json!({"type": "result", "success": false, "messageId": request["messageId"], "errorCode": "unknown_command",
            "message": ""}),
        ],
    }
}
