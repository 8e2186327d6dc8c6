//! The link and the driver against a real broker.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use driver_api::driver::DriverCommand;
use driver_api::{CommandStage, Driver, DriverContext, DriverEvent, DriverRequest, Link, LinkError};
use driver_mqtt::config::Secret;
use driver_mqtt::link::MqttLink;
use driver_mqtt::{Message, MqttConfig, Outgoing, Zigbee2MqttDriver};
use hub_model::command::Setting;
use hub_model::event::DriverState;
use hub_model::time::ManualClock;
use hub_model::{Availability, DeviceId, DriverId, Monotonic, Value};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::mosquitto::{BareClient, Mosquitto, need, openssl};
use crate::script::{lamp, list};

pub(crate) const LIMIT: Duration = Duration::from_secs(20);

fn link(config: &MqttConfig) -> MqttLink {
    MqttLink::new(config, &DriverId::new("zigbee"), 7).unwrap()
}

pub(crate) fn config(url: &str) -> MqttConfig {
    MqttConfig { broker: url.to_owned(), ..MqttConfig::default() }
}

async fn connect(link: &mut MqttLink) -> Result<(), LinkError> {
    timeout(LIMIT, link.connect()).await.expect("connecting takes too long")
}

async fn refusal(config: &MqttConfig) -> String {
    connect(&mut link(config)).await.expect_err("it must not connect").message
}

async fn receive(link: &mut MqttLink) -> Vec<Message> {
    timeout(LIMIT, link.receive()).await.expect("nothing came").unwrap()
}

/// Receives until this topic has come; all that came.
async fn receive_until(link: &mut MqttLink, topic: &str) -> Vec<Message> {
    let mut all = Vec::new();
    while !all.iter().any(|message: &Message| message.topic == topic.as_bytes()) {
        all.extend(receive(link).await);
    }
    all
}

async fn subscribe(link: &mut MqttLink) {
    link.transmit(Outgoing::Subscribe { filter: "zigbee2mqtt/#".into() }).await.unwrap();
}

#[tokio::test]
async fn messages_go_both_ways() {
    let Some(broker) = Mosquitto::start("allow_anonymous true") else { return };
    let mut other = BareClient::connect(broker.port, "other");
    other.publish("zigbee2mqtt/kept", b"1", true);
    other.subscribe("zigbee2mqtt/+/set");
    let mut link = link(&config(&broker.url()));
    connect(&mut link).await.unwrap();
    assert!(link.is_version_5());
    subscribe(&mut link).await;
    let kept = receive(&mut link).await;
    assert_eq!(kept, [Message::new("zigbee2mqtt/kept", "1").retained()]);
    other.publish("zigbee2mqtt/new", b"2", false);
    assert_eq!(receive(&mut link).await, [Message::new("zigbee2mqtt/new", "2")]);
    // More than the client's queue holds, and none of it comes back.
    let mut was_full = false;
    for n in 0..1_000 {
        let payload = n.to_string().into();
        link.transmit(Outgoing::Publish { topic: "zigbee2mqtt/lamp/set".into(), payload }).await.unwrap();
        while link.is_full() {
            was_full = true;
            assert_eq!(receive(&mut link).await, [], "there is room again");
        }
    }
    assert!(was_full);
    let pump = tokio::spawn(async move { link.receive().await });
    let received = tokio::task::spawn_blocking(move || {
        for n in 0..1_000 {
            assert_eq!(other.message(), ("zigbee2mqtt/lamp/set".to_owned(), n.to_string().into_bytes()));
        }
    });
    timeout(LIMIT, received).await.unwrap().unwrap();
    assert!(!pump.is_finished());
    pump.abort();
}

/// Nothing is lost when waiting is given up again and again.
#[tokio::test]
async fn waiting_can_be_given_up() {
    let Some(broker) = Mosquitto::start("allow_anonymous true") else { return };
    let mut link = link(&config(&broker.url()));
    connect(&mut link).await.unwrap();
    subscribe(&mut link).await;
    let port = broker.port;
    let writer = tokio::task::spawn_blocking(move || {
        let mut other = BareClient::connect(port, "other");
        for n in 0..5_000 {
            other.publish("zigbee2mqtt/n", n.to_string().as_bytes(), n == 4_999);
        }
        other.settle();
    });
    let mut next = 0;
    let mut first = None;
    let everything = async {
        while next < 5_000 {
            tokio::select! {
                biased;
                messages = link.receive() => for message in messages.unwrap() {
                    let n: u32 = std::str::from_utf8(&message.payload).unwrap().parse().unwrap();
                    // The subscription may have come after the first ones.
                    assert_eq!(n, first.map_or(n, |_| next));
                    first.get_or_insert(n);
                    next = n + 1;
                },
                () = tokio::task::yield_now() => {}
            }
        }
    };
    timeout(LIMIT, everything).await.expect("messages were lost");
    writer.await.unwrap();
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why() {
    let Some(_) = need("mosquitto_passwd") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users");
    let made =
        std::process::Command::new("mosquitto_passwd").arg("-c").arg("-b").arg(&file).args(["anna", "right"]).status();
    assert!(made.unwrap().success());
    let Some(broker) = Mosquitto::start_in(folder, "allow_anonymous false\npassword_file {dir}/users") else { return };
    let mut config = config(&broker.url());
    assert!(refusal(&config).await.contains("the broker wants a user"), "{}", refusal(&config).await);
    config.username = Some("anna".into());
    config.password = Some(Secret::new("wrong"));
    let message = refusal(&config).await;
    assert!(message.contains("check username and password_file") && !message.contains("wrong;"), "{message}");
    config.password = None;
    config.password_file = Some(broker.folder.path().join("password"));
    assert!(refusal(&config).await.contains("password_file = "));
    std::fs::write(broker.folder.path().join("password"), "right\n").unwrap();
    connect(&mut link(&config)).await.unwrap();
}

#[tokio::test]
async fn brokers_that_are_not_there() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let message = refusal(&config(&format!("mqtt://127.0.0.1:{port}"))).await;
    assert_eq!(
        message,
        format!("mqtt://127.0.0.1:{port}: refused; check that the broker runs and listens on port {port}")
    );
    let message = refusal(&config("mqtt://no-such-host.invalid")).await;
    assert!(message.contains("no-such-host.invalid is not known"), "{message}");
    // Something that is no broker.
    let (port, _server) = serve(|mut stream| {
        let mut greeting = [0; 64];
        let _ = stream.read(&mut greeting);
        let _ = stream.write_all(format!("HTTP/1.1 400 Bad Request\r\n\r\n{}", "x".repeat(500)).as_bytes());
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let message = refusal(&config(&format!("mqtt://127.0.0.1:{port}"))).await;
    assert!(message.contains("check that the port is that of an MQTT broker"), "{message}");
}

/// Accepts connections and gives each to a function on a thread of its own.
fn serve(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> (u16, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    let thread = std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || serve(stream));
        }
    });
    (port, thread)
}

/// A broker from before MQTT 5: refuses the version in the old form and closes.
fn old_broker(behind: u16) -> u16 {
    let (port, _) = serve(move |mut client| {
        let mut start = [0; 9];
        if client.read_exact(&mut start).is_err() {
            return;
        }
        if start[8] == 5 {
            let _ = client.write_all(&[0x20, 2, 0, 1]);
            return;
        }
        let mut broker = TcpStream::connect(("127.0.0.1", behind)).unwrap();
        broker.write_all(&start).unwrap();
        let (mut from, mut to) = (broker.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Both);
        });
        let _ = std::io::copy(&mut client, &mut broker);
        let _ = broker.shutdown(std::net::Shutdown::Both);
    });
    port
}

/// What is far too large does not end the connection, with either version.
#[tokio::test]
async fn a_huge_retained_message_is_left_out() {
    let Some(broker) = Mosquitto::start("allow_anonymous true") else { return };
    let mut other = BareClient::connect(broker.port, "other");
    other.publish("zigbee2mqtt/a", b"before", true);
    other.publish("zigbee2mqtt/huge", &vec![b'x'; 64 << 20], true);
    other.publish("zigbee2mqtt/z", b"after", true);
    other.settle();
    let old = old_broker(broker.port);
    for (port, version_5) in [(broker.port, true), (old, false)] {
        let mut link = link(&config(&format!("mqtt://127.0.0.1:{port}")));
        connect(&mut link).await.unwrap();
        assert_eq!(link.is_version_5(), version_5);
        subscribe(&mut link).await;
        let mut got = receive_until(&mut link, "zigbee2mqtt/z").await;
        other.publish("zigbee2mqtt/live", b"1", false);
        got.extend(receive_until(&mut link, "zigbee2mqtt/live").await);
        let topics: Vec<_> = got.iter().map(|message| String::from_utf8_lossy(&message.topic).into_owned()).collect();
        assert_eq!(topics, ["zigbee2mqtt/a", "zigbee2mqtt/z", "zigbee2mqtt/live"], "version 5: {version_5}");
        assert_eq!(link.skipped(), u64::from(!version_5));
    }
}

/// A list of devices of several megabytes passes.
#[tokio::test]
async fn a_large_list_passes() {
    let Some(broker) = Mosquitto::start("allow_anonymous true") else { return };
    let mut other = BareClient::connect(broker.port, "other");
    let payload = vec![b'x'; 8 << 20];
    other.publish("zigbee2mqtt/bridge/devices", &payload, true);
    other.settle();
    for port in [broker.port, old_broker(broker.port)] {
        let mut link = link(&config(&format!("mqtt://127.0.0.1:{port}")));
        connect(&mut link).await.unwrap();
        subscribe(&mut link).await;
        assert_eq!(receive(&mut link).await[0].payload.len(), payload.len());
    }
}

/// Two clients with one id close each other's connections in turn. They do so ever more slowly, and say why.
#[tokio::test]
async fn two_clients_with_one_id_calm_down() {
    let Some(broker) = Mosquitto::start("allow_anonymous true") else { return };
    let (mut one, mut two) = (link(&config(&broker.url())), link(&config(&broker.url())));
    connect(&mut one).await.unwrap();
    let mut pauses = Vec::new();
    for _ in 0..4 {
        connect(&mut two).await.unwrap();
        let error = timeout(LIMIT, one.receive()).await.unwrap().unwrap_err();
        pauses.push(error.retry_after.map_or(0, |pause| pause.as_secs()));
        std::mem::swap(&mut one, &mut two);
        if pauses.len() == 4 {
            assert!(
                error.message.contains("perhaps another client uses the id hearth-zigbee-00000007"),
                "{}",
                error.message
            );
        }
    }
    assert_eq!(pauses, [0, 0, 4, 4]);
}

#[tokio::test]
async fn tls() {
    let Some(program) = need("openssl") else { return };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("names"), "subjectAltName=DNS:localhost\n").unwrap();
    std::fs::write(at.join("other-names"), "subjectAltName=DNS:elsewhere.example\n").unwrap();
    openssl(
        &program,
        at,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=ca",
    );
    for (name, names) in [("server", "names"), ("wrong", "other-names"), ("client", "other-names")] {
        openssl(
            &program,
            at,
            &format!(
                "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
            ),
        );
        openssl(
            &program,
            at,
            &format!(
                "x509 -req -in {name}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out {name}.crt -days 2 -extfile {names}"
            ),
        );
    }
    let file = |name: &str| -> Option<PathBuf> { Some(at.join(name)) };
    let settings = |server: &str| {
        format!(
            "allow_anonymous true\ncafile {0}/ca.crt\ncertfile {0}/{server}.crt\nkeyfile {0}/{server}.key",
            at.display()
        )
    };
    let Some(broker) = Mosquitto::start(&settings("server")) else { return };
    let mut good = config(&format!("mqtts://localhost:{}", broker.port));
    good.ca = file("ca.crt");
    connect(&mut link(&good)).await.unwrap();

    let mut unknown = good.clone();
    unknown.ca = None;
    assert!(refusal(&unknown).await.contains("signed by nobody who is trusted here"), "{}", refusal(&unknown).await);
    let mut plain = config(&format!("mqtt://127.0.0.1:{}", broker.port));
    assert!(refusal(&plain).await.starts_with("mqtt://127.0.0.1:"));
    plain.broker = format!("mqtts://127.0.0.1:{}", broker.port);
    plain.ca = file("ca.crt");
    assert!(refusal(&plain).await.contains("for another name"), "{}", refusal(&plain).await);
    let mut missing = good.clone();
    missing.ca = file("nowhere.crt");
    assert!(refusal(&missing).await.contains("nowhere.crt"));
    missing.ca = file("names");
    assert!(refusal(&missing).await.contains("there is no certificate in it"));

    let Some(wrong) = Mosquitto::start(&settings("wrong")) else { return };
    good.broker = format!("mqtts://localhost:{}", wrong.port);
    assert!(refusal(&good).await.contains("for another name"));

    // A broker that wants to know who comes.
    let Some(strict) = Mosquitto::start(&(settings("server") + "\nrequire_certificate true")) else { return };
    good.broker = format!("mqtts://localhost:{}", strict.port);
    let message = refusal(&good).await;
    assert!(message.starts_with("mqtts://localhost:"), "{message}");
    good.cert = file("client.crt");
    good.key = file("client.key");
    connect(&mut link(&good)).await.unwrap();
    good.key = file("server.key");
    assert!(refusal(&good).await.contains("check that cert and key belong together"), "{}", refusal(&good).await);

    let Some(cleartext) = Mosquitto::start("allow_anonymous true") else { return };
    unknown.broker = format!("mqtts://localhost:{}", cleartext.port);
    let message = refusal(&unknown).await;
    assert!(message.starts_with("mqtts://localhost:"), "{message}");
}

/// A driver that runs, and both ends of its queues.
pub(crate) struct Running {
    pub(crate) events: mpsc::Receiver<DriverEvent>,
    pub(crate) requests: mpsc::Sender<DriverRequest>,
    pub(crate) cancel: tokio_util::sync::CancellationToken,
    pub(crate) task: tokio::task::JoinHandle<Result<(), driver_api::DriverError>>,
}

pub(crate) fn run(config: MqttConfig) -> Running {
    let (event_sender, events) = mpsc::channel(256);
    let (requests, request_receiver) = mpsc::channel(64);
    let cancel = tokio_util::sync::CancellationToken::new();
    let context = DriverContext {
        id: DriverId::new("zigbee"),
        clock: Arc::new(ManualClock::default()),
        seed: 1,
        known: Vec::new(),
        kept: std::collections::BTreeMap::new(),
        events: event_sender,
        requests: request_receiver,
        cancel: cancel.clone(),
    };
    let task = tokio::spawn(Box::new(Zigbee2MqttDriver::new(config)).run(context));
    Running { events, requests, cancel, task }
}

impl Running {
    /// Waits for an event; what comes before is thrown away.
    pub(crate) async fn wait<T>(&mut self, mut wanted: impl FnMut(&DriverEvent) -> Option<T>) -> T {
        let found = async {
            loop {
                let event = self.events.recv().await.expect("the driver ended");
                if let Some(found) = wanted(&event) {
                    return found;
                }
            }
        };
        timeout(LIMIT, found).await.expect("it did not happen")
    }

    async fn wait_for(&mut self, state: DriverState) -> String {
        self.wait(|event| match event {
            DriverEvent::Status(status) if status.state == state => Some(status.detail.to_string()),
            _ => None,
        })
        .await
    }
}

#[tokio::test]
async fn the_driver_outlives_its_broker() {
    let Some(mut broker) = Mosquitto::start("allow_anonymous true") else { return };
    let mut bridge = BareClient::connect(broker.port, "bridge");
    let publish = |bridge: &mut BareClient| {
        bridge.publish("zigbee2mqtt/bridge/state", b"online", true);
        bridge.publish("zigbee2mqtt/bridge/devices", list(&[lamp("0x01", "Küche/Decke 灯")]).as_bytes(), true);
        bridge.publish("zigbee2mqtt/bridge/groups", b"[]", true);
        bridge.publish("zigbee2mqtt/Küche/Decke 灯/availability", b"online", true);
        bridge.subscribe("zigbee2mqtt/+/set");
    };
    publish(&mut bridge);
    let mut driver = run(config(&broker.url()));
    driver.wait_for(DriverState::Online).await;
    let online = |event: &DriverEvent| {
        matches!(event, DriverEvent::Availability { availability: Availability::Online, .. }).then_some(())
    };
    driver.wait(online).await;
    let command = DriverCommand {
        id: "c1".into(),
        device: DeviceId::new("zigbee:0x01"),
        settings: vec![Setting { endpoint: 1, attribute: "on".into(), value: Value::Bool(true) }],
        transition: None,
        deadline: Monotonic(Duration::from_secs(10)),
        by_person: true,
    };
    driver.requests.send(DriverRequest::Command(command)).await.unwrap();
    let stage = driver
        .wait(|event| if let DriverEvent::Command(progress) = event { Some(progress.stage.clone()) } else { None });
    assert_eq!(stage.await, CommandStage::Sent);
    assert_eq!(bridge.message(), ("zigbee2mqtt/0x01/set".to_owned(), br#"{"state":"ON"}"#.to_vec()));

    broker.kill();
    let detail = driver.wait_for(DriverState::Offline).await;
    assert!(detail.starts_with("mqtt://127.0.0.1:"), "{detail}");
    broker.start_again();
    let mut bridge = BareClient::connect(broker.port, "bridge");
    publish(&mut bridge);
    driver.wait_for(DriverState::Online).await;
    driver.wait(online).await;

    driver.cancel.cancel();
    timeout(Duration::from_secs(1), driver.task).await.expect("it must obey within a second").unwrap().unwrap();
}
